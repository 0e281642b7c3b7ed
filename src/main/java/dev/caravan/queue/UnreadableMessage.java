package dev.caravan.queue;

import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.FunctionName;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/** What can be kept of a message that is not a call, so that its dead letter shows what came. */
final class UnreadableMessage {

    /** What {@link CallReader} refuses in headers: the letter must be readable though its message was not. */
    private static final Pattern NO_NAME = Pattern.compile("[\\x00-\\x20\\x7f:]");

    private static final Pattern NO_VALUE = Pattern.compile("[\\x00-\\x08\\x0a-\\x1f\\x7f]");

    private UnreadableMessage() {}

    /**
     * Its bytes as they stand (never deserialised), and its properties in place of headers.
     *
     * @param physical the queue it was taken from; names the function where it is a function's own
     * @param namespace of the function when the queue names none
     * @param maxBody what is packed, or says that it is longer, is kept as it came
     */
    static CallMessage keep(
            Message message, String physical, Instant sentAt, Instant expiresAt, String namespace, long maxBody) {
        String[] parts = physical.split("\\.", 3);
        FunctionName function = parts.length == 3 && FunctionName.isLabel(parts[1]) && FunctionName.isLabel(parts[2])
                ? new FunctionName(parts[2], parts[1])
                : new FunctionName("unknown", namespace);
        var call = new Call(
                id(message),
                function,
                function.name(),
                QueueNames.logical(physical),
                "/",
                null,
                propertiesAsHeaders(message),
                null,
                null,
                null,
                null,
                1,
                1,
                Message.DEFAULT_PRIORITY,
                sentAt,
                expiresAt,
                List.of());
        return new CallMessage(call, physical, bytes(message, maxBody), null, false);
    }

    private static CallId id(Message message) {
        try {
            return CallId.ofJmsMessage(Objects.requireNonNullElse(message.getJMSMessageID(), ""));
        } catch (JMSException e) {
            return CallId.random();
        }
    }

    static byte[] bytes(Message message, long maxBody) {
        try {
            return MessageBody.of(message, maxBody);
        } catch (JMSException | MalformedMessageException e) {
            return MessageBody.raw(message);
        }
    }

    private static Map<String, List<String>> propertiesAsHeaders(Message message) {
        var headers = new LinkedHashMap<String, List<String>>();
        try {
            for (Object name : Collections.list(message.getPropertyNames())) {
                // A callback URL that was refused may hold a password.
                String value = name.equals(MessageProperties.CALLBACK_URL)
                        ? "(hidden)"
                        : String.valueOf(message.getObjectProperty((String) name));
                headers.put(
                        NO_NAME.matcher((String) name).replaceAll("_"),
                        List.of(NO_VALUE.matcher(value.length() <= 1_000 ? value : value.substring(0, 1_000))
                                .replaceAll("?")));
            }
        } catch (JMSException e) {
            headers.put("unreadable", List.of(String.valueOf(e.getMessage())));
        }
        return headers;
    }
}
