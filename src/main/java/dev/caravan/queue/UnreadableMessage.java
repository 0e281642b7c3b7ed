package dev.caravan.queue;

import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.FunctionName;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.activemq.command.ActiveMQMessage;
import org.apache.activemq.util.ByteSequence;

/** What can be kept of a message that is not a call, so that its dead letter shows what came. */
final class UnreadableMessage {

    private UnreadableMessage() {}

    /**
     * Its bytes as they stand (never deserialised), and its properties in place of headers.
     *
     * @param physical the queue it was taken from; names the function where it is a function's own
     * @param namespace of the function when the queue names none
     */
    static CallMessage keep(Message message, String physical, Instant sentAt, Instant expiresAt, String namespace) {
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
        return new CallMessage(call, physical, bytes(message), null, false);
    }

    private static CallId id(Message message) {
        try {
            return CallId.ofJmsMessage(Objects.requireNonNullElse(message.getJMSMessageID(), ""));
        } catch (JMSException e) {
            return CallId.random();
        }
    }

    /** Its bytes as they stand, whatever kind of message it is. */
    static byte[] bytes(Message message) {
        try {
            if (message instanceof BytesMessage || message instanceof TextMessage) {
                return CallMessages.body(message);
            }
            ByteSequence content = message instanceof ActiveMQMessage raw ? raw.getContent() : null;
            return content == null ? new byte[0] : content.toArray();
        } catch (JMSException | MalformedMessageException e) {
            return new byte[0];
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
                headers.put((String) name, List.of(value.length() <= 1_000 ? value : value.substring(0, 1_000)));
            }
        } catch (JMSException e) {
            headers.put("unreadable", List.of(String.valueOf(e.getMessage())));
        }
        return headers;
    }
}
