package dev.caravan.queue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.CallbackUrl;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.TextMessage;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.activemq.command.ActiveMQMessage;
import org.apache.activemq.util.ByteSequence;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns calls into messages and back: the layout of what stands on the queues.
 *
 * <p>Any JMS client that sends a bytes or text message with {@link MessageProperties#FUNCTION} has made a call; what it
 * leaves out has defaults.
 */
public final class CallMessages {

    private static final Logger LOG = LoggerFactory.getLogger(CallMessages.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<Map<String, List<String>>> HEADERS = new TypeReference<>() {};
    private static final TypeReference<Map<String, Object>> PROPERTIES = new TypeReference<>() {};
    private static final String PRIORITY = "JMSPriority";
    private static final int DEFAULT_PRIORITY = 4;
    private static final byte[] NOTHING = {};

    /** What would end a request line early, and start another header of the sender's choice. */
    private static final Pattern BREAKS_HTTP = Pattern.compile("[\\x00-\\x20\\x7f]");

    private final BodyFiles bodyFiles;
    private final String defaultNamespace;
    private final Duration maxAge;
    private final InstantSource clock;

    /**
     * @param defaultNamespace of messages that name none
     * @param maxAge of messages that say no deadline
     */
    public CallMessages(BodyFiles bodyFiles, String defaultNamespace, Duration maxAge, InstantSource clock) {
        this.bodyFiles = bodyFiles;
        this.defaultNamespace = defaultNamespace;
        this.maxAge = maxAge;
        this.clock = clock;
    }

    /**
     * The properties and JMS headers of a call's message, under their JMS names.
     *
     * @param bodyFile where its body stands; null when the message carries it
     */
    public Map<String, Object> properties(Call call, @Nullable String bodyFile) {
        var properties = new LinkedHashMap<String, Object>(32);
        properties.put("JMSCorrelationID", call.id().text());
        properties.put("JMSType", MessageProperties.TYPE);
        properties.put(PRIORITY, call.priority());
        properties.put(MessageProperties.VERSION, MessageProperties.LAYOUT);
        properties.put(MessageProperties.FUNCTION, call.function().name());
        properties.put(MessageProperties.NAMESPACE, call.function().namespace());
        properties.put(MessageProperties.CALLED_AS, call.calledAs());
        properties.put(MessageProperties.PATH, call.path());
        putPresent(properties, MessageProperties.QUERY, call.query());
        properties.put(MessageProperties.HEADERS, json(call.headers()));
        putPresent(properties, MessageProperties.HOST, call.host());
        putPresent(properties, MessageProperties.CALLBACK_URL, call.callbackUrl());
        if (call.parentCallId() != null) {
            properties.put(MessageProperties.PARENT_CALL_ID, call.parentCallId().text());
        }
        properties.put(MessageProperties.GENERATION, call.generation());
        properties.put(MessageProperties.ATTEMPT, call.attempt());
        properties.put(MessageProperties.SUBMITTED_AT, call.submittedAt().toEpochMilli());
        properties.put(MessageProperties.EXPIRES_AT, call.expiresAt().toEpochMilli());
        if (!call.history().isEmpty()) {
            properties.put(MessageProperties.HISTORY, History.json(call.history()));
        }
        putPresent(properties, MessageProperties.BODY_FILE, bodyFile);
        return properties;
    }

    /** What a dead letter carries besides its call. */
    public Map<String, Object> deadLetterProperties(
            DeadReason reason, Attempt last, String fingerprint, Instant deadAt) {
        return deadLetterProperties(reason, last.statusCode(), last.error(), fingerprint, deadAt);
    }

    /** The same, when the attempt itself is no longer there. */
    public Map<String, Object> deadLetterProperties(
            DeadReason reason, int statusCode, @Nullable String error, String fingerprint, Instant deadAt) {
        var properties = new LinkedHashMap<String, Object>();
        properties.put(MessageProperties.REASON, reason.code());
        properties.put(MessageProperties.STATUS_CODE, statusCode);
        putPresent(properties, MessageProperties.ERROR, error);
        properties.put(MessageProperties.FINGERPRINT, fingerprint);
        properties.put(MessageProperties.DEAD_AT, deadAt.toEpochMilli());
        return properties;
    }

    /**
     * Writes a call into a fresh message of this process's own making, for senders outside routes.
     *
     * @throws JMSException when the session is gone
     */
    void write(Map<String, Object> properties, byte[] body, BytesMessage message) throws JMSException {
        for (Map.Entry<String, Object> property : properties.entrySet()) {
            switch (property.getKey()) {
                case "JMSCorrelationID" -> message.setJMSCorrelationID((String) property.getValue());
                case "JMSType" -> message.setJMSType((String) property.getValue());
                case PRIORITY -> {} // an argument of send(), not of the message
                default -> message.setObjectProperty(property.getKey(), property.getValue());
            }
        }
        message.writeBytes(body);
    }

    /**
     * Reads a message as it was taken from a queue.
     *
     * @param taken the JMS message
     * @throws BodyGoneException when it is a call whose body file is gone
     * @throws MalformedMessageException when it is not a call; {@link #unreadable} then says what it was
     * @throws UncheckedIOException when its body file cannot be read now
     */
    public CallMessage read(Object taken) throws MalformedMessageException {
        var message = (Message) taken;
        try {
            String bodyFile = message.getStringProperty(MessageProperties.BODY_FILE);
            Optional<byte[]> body = bodyFile == null ? Optional.of(body(message)) : bodyFiles.find(bodyFile);
            String queue = physicalQueue(message);
            var read = new CallMessage(
                    call(message, queue), queue, body.orElse(NOTHING), bodyFile, message.getJMSRedelivered());
            if (body.isEmpty()) {
                throw new BodyGoneException(read);
            }
            return read;
        } catch (JMSException | IllegalArgumentException e) {
            throw new MalformedMessageException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Reads a dead letter that we have put on its queue.
     *
     * @throws MalformedMessageException when it is none of ours
     */
    BuriedCall readLetter(Message letter, String deadLetterQueue) throws MalformedMessageException {
        try {
            String code = letter.getStringProperty(MessageProperties.REASON);
            if (code == null || !letter.propertyExists(MessageProperties.VERSION)) {
                throw new MalformedMessageException("it says no reason");
            }
            String physical = QueueNames.ofDeadLetters(deadLetterQueue);
            String bodyFile = letter.getStringProperty(MessageProperties.BODY_FILE);
            byte[] body = bodyFile == null ? body(letter) : bodyFiles.read(bodyFile);
            Call call = call(letter, physical);
            Instant deadAt = Instant.ofEpochMilli(letter.getLongProperty(MessageProperties.DEAD_AT));
            List<Attempt> history = call.history();
            Attempt last = history.isEmpty()
                    ? new Attempt(
                            call.attempt(),
                            deadAt,
                            Duration.ZERO,
                            letter.getIntProperty(MessageProperties.STATUS_CODE),
                            letter.getStringProperty(MessageProperties.ERROR),
                            null)
                    : history.get(history.size() - 1);
            return new BuriedCall(
                    new CallMessage(call, physical, body, bodyFile, false), DeadReason.ofCode(code), last, deadAt);
        } catch (JMSException | IllegalArgumentException e) {
            throw new MalformedMessageException(String.valueOf(e.getMessage()));
        }
    }

    /** The call of a message, whatever it is, without its body. */
    Call head(Message taken) {
        try {
            return call(taken, physicalQueue(taken));
        } catch (JMSException | MalformedMessageException | IllegalArgumentException e) {
            return unreadable(taken).call();
        }
    }

    /** Deletes what stands apart from a message whose call is over without having run. */
    void discard(Message taken) {
        try {
            delete(taken.getStringProperty(MessageProperties.BODY_FILE));
        } catch (JMSException | IllegalArgumentException e) {
            // No file of ours, then.
            LOG.debug("a message names a body that is none of ours: {}", e.getMessage());
        }
    }

    /** Deletes what stands apart from a message whose call is over without having run. */
    public void discard(CallMessage message) {
        delete(message.bodyFile());
    }

    private void delete(@Nullable String bodyFile) {
        if (bodyFile != null) {
            bodyFiles.delete(bodyFile);
        }
    }

    private static byte[] body(Message message) throws JMSException, MalformedMessageException {
        if (message instanceof BytesMessage bytes) {
            bytes.reset();
            var body = new byte[(int) bytes.getBodyLength()];
            bytes.readBytes(body);
            return body;
        }
        if (message instanceof TextMessage text) {
            String body = text.getText();
            return body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8);
        }
        throw new MalformedMessageException("a call is a bytes or text message, not a "
                + message.getClass().getSimpleName().replace("ActiveMQ", ""));
    }

    private Call call(Message message, String physicalQueue) throws JMSException, MalformedMessageException {
        var properties = new LinkedHashMap<String, Object>();
        for (Object name : Collections.list(message.getPropertyNames())) {
            properties.put((String) name, message.getObjectProperty((String) name));
        }
        // Only our own messages carry their call's id; a foreign client's correlation id is its own business.
        CallId id = properties.containsKey(MessageProperties.VERSION)
                ? new CallId(orElse(message.getJMSCorrelationID(), ""))
                : CallId.ofJmsMessage(message.getJMSMessageID());
        String queue = QueueNames.logical(physicalQueue);
        return call(id, queue, message.getJMSPriority(), properties, sentAt(message));
    }

    private Call call(CallId id, String queue, int priority, Map<String, Object> properties, Instant sentAt)
            throws MalformedMessageException {
        String function = text(properties, MessageProperties.FUNCTION);
        if (function == null) {
            throw new MalformedMessageException("the property " + MessageProperties.FUNCTION + " is missing");
        }
        String path = orElse(text(properties, MessageProperties.PATH), "/");
        if (!path.startsWith("/")) {
            throw new MalformedMessageException("the property " + MessageProperties.PATH + " must start with /");
        }
        String query = text(properties, MessageProperties.QUERY);
        if (BREAKS_HTTP.matcher(path).find()
                || query != null && BREAKS_HTTP.matcher(query).find()) {
            throw new MalformedMessageException("the properties " + MessageProperties.PATH + " and "
                    + MessageProperties.QUERY + " must not contain spaces or control characters");
        }
        Instant submitted = instant(properties, MessageProperties.SUBMITTED_AT, sentAt);
        return new Call(
                id,
                new FunctionName(function, orElse(text(properties, MessageProperties.NAMESPACE), defaultNamespace)),
                orElse(text(properties, MessageProperties.CALLED_AS), function),
                queue,
                path,
                query,
                headers(text(properties, MessageProperties.HEADERS)),
                text(properties, MessageProperties.HOST),
                callbackUrl(text(properties, MessageProperties.CALLBACK_URL)),
                CallId.parse(text(properties, MessageProperties.PARENT_CALL_ID)).orElse(null),
                count(properties, MessageProperties.GENERATION),
                count(properties, MessageProperties.ATTEMPT),
                priority,
                submitted,
                instant(properties, MessageProperties.EXPIRES_AT, submitted.plus(maxAge)),
                History.read(text(properties, MessageProperties.HISTORY)));
    }

    private static @Nullable String callbackUrl(@Nullable String text) throws MalformedMessageException {
        try {
            return text == null ? null : CallbackUrl.parse(text).uri().toString();
        } catch (IllegalArgumentException e) {
            throw new MalformedMessageException(
                    "the property " + MessageProperties.CALLBACK_URL + " " + e.getMessage());
        }
    }

    private static Map<String, List<String>> headers(@Nullable String json) throws MalformedMessageException {
        if (json == null) {
            return Map.of();
        }
        try {
            Map<String, List<String>> headers = JSON.readValue(json, HEADERS);
            var copy = new LinkedHashMap<String, List<String>>();
            headers.forEach((name, values) -> copy.put(name, List.copyOf(values)));
            return copy;
        } catch (JsonProcessingException | NullPointerException e) {
            // a JSON null in place of the object, an array or a string
            throw new MalformedMessageException(
                    "the property " + MessageProperties.HEADERS + " must be a JSON object of arrays of strings");
        }
    }

    private static @Nullable String text(Map<String, Object> properties, String name) {
        Object value = properties.get(name);
        return value == null ? null : value.toString();
    }

    private static int count(Map<String, Object> properties, String name) throws MalformedMessageException {
        long value = number(properties, name, 1);
        if (value < 1 || value > Integer.MAX_VALUE) {
            throw new MalformedMessageException("the property " + name + " must be 1 or more, got: " + value);
        }
        return (int) value;
    }

    private static Instant instant(Map<String, Object> properties, String name, Instant otherwise)
            throws MalformedMessageException {
        return Instant.ofEpochMilli(number(properties, name, otherwise.toEpochMilli()));
    }

    private static long number(Map<String, Object> properties, String name, long otherwise)
            throws MalformedMessageException {
        Object value = properties.get(name);
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        }
        if (value == null) {
            return otherwise;
        }
        try {
            return Long.parseLong(value.toString());
        } catch (NumberFormatException e) {
            throw new MalformedMessageException("the property " + name + " must be a whole number");
        }
    }

    /** A call and where its body stands as JSON, for the ledger's copy of a dead letter. */
    public String stored(Call call, @Nullable String bodyFile) {
        return json(properties(call, bodyFile));
    }

    /** Reads what {@link #stored} wrote. {@code queue} is the logical queue. */
    public Call restored(CallId id, String queue, String json) {
        try {
            Map<String, Object> properties = JSON.readValue(json, PROPERTIES);
            int priority = (int) number(properties, PRIORITY, DEFAULT_PRIORITY);
            return call(id, queue, priority, properties, clock.instant());
        } catch (JsonProcessingException | MalformedMessageException e) {
            throw new IllegalStateException("the ledger's copy of call " + id + " cannot be read", e);
        }
    }

    private Instant sentAt(Message message) {
        try {
            long timestamp = message.getJMSTimestamp();
            return timestamp > 0 ? Instant.ofEpochMilli(timestamp) : clock.instant();
        } catch (JMSException e) {
            return clock.instant();
        }
    }

    /** Whether this is the first we see of a call that another JMS client made: it is accepted by being taken. */
    public boolean arrives(Object taken) {
        var message = (Message) taken;
        try {
            return !message.propertyExists(MessageProperties.VERSION) && !message.getJMSRedelivered();
        } catch (JMSException e) {
            return false;
        }
    }

    /** The physical queue a message was taken from; its dead letter stands beside it. */
    public String physicalQueue(Object taken) {
        try {
            return ((Message) taken).getJMSDestination() instanceof Queue queue
                    ? queue.getQueueName()
                    : QueueNames.DEFAULT_QUEUE;
        } catch (JMSException e) {
            return QueueNames.DEFAULT_QUEUE;
        }
    }

    /**
     * What can be kept of a message that is not a call, so that its dead letter shows what came: its bytes as they
     * stand (never deserialised) and its properties in place of headers.
     */
    public CallMessage unreadable(Object taken) {
        var message = (Message) taken;
        String physical = physicalQueue(taken);
        String[] parts = physical.split("\\.", 3);
        FunctionName function = parts.length == 3 && FunctionName.isLabel(parts[1]) && FunctionName.isLabel(parts[2])
                ? new FunctionName(parts[2], parts[1])
                : new FunctionName("unknown", defaultNamespace);
        Instant now = clock.instant();
        var call = new Call(
                unreadableId(message),
                function,
                function.name(),
                QueueNames.logical(physical),
                "/",
                null,
                propertiesAsHeaders(message),
                null,
                null,
                null,
                1,
                1,
                DEFAULT_PRIORITY,
                sentAt(message),
                now.plus(maxAge),
                List.of());
        return new CallMessage(call, physical, rawBytes(message), null, false);
    }

    private static CallId unreadableId(Message message) {
        try {
            return CallId.ofJmsMessage(orElse(message.getJMSMessageID(), ""));
        } catch (JMSException e) {
            return CallId.random();
        }
    }

    /** Its bytes as they stand, whatever kind of message it is. */
    static byte[] rawBytes(Message message) {
        try {
            if (message instanceof BytesMessage || message instanceof TextMessage) {
                return body(message);
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

    private static void putPresent(Map<String, Object> properties, String name, @Nullable Object value) {
        if (value != null) {
            properties.put(name, value);
        }
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("strings always become JSON", e);
        }
    }

    private static String orElse(@Nullable String text, String otherwise) {
        return text == null ? otherwise : text;
    }
}
