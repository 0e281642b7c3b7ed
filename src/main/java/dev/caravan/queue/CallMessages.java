package dev.caravan.queue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.DeadReason;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
    private static final ObjectMapper JSON = MessageJson.mapper();
    private static final TypeReference<Map<String, Object>> PROPERTIES = new TypeReference<>() {};
    private static final byte[] NOTHING = {};

    private final BodyFiles bodyFiles;
    private final CallReader reader;
    private final long maxBody;
    private final InstantSource clock;

    /**
     * @param defaultNamespace of messages that name none
     * @param maxAge of messages that say no deadline
     * @param maxBody how many bytes a message may have as its body
     */
    public CallMessages(
            BodyFiles bodyFiles, String defaultNamespace, Duration maxAge, long maxBody, InstantSource clock) {
        this.bodyFiles = bodyFiles;
        this.maxBody = maxBody;
        this.reader = new CallReader(defaultNamespace, maxAge);
        this.clock = clock;
    }

    /**
     * Writes a call into a fresh message of this process's own making, for senders outside routes.
     *
     * @throws JMSException when the session is gone
     */
    static void write(Map<String, Object> properties, byte[] body, BytesMessage message) throws JMSException {
        for (Map.Entry<String, Object> property : properties.entrySet()) {
            switch (property.getKey()) {
                case "JMSCorrelationID" -> message.setJMSCorrelationID((String) property.getValue());
                case "JMSType" -> message.setJMSType((String) property.getValue());
                case MessageProperties.PRIORITY -> {} // an argument of send(), not of the message
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
            Optional<byte[]> body =
                    bodyFile == null ? Optional.of(MessageBody.of(message, maxBody)) : bodyFiles.find(bodyFile);
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
            byte[] body = bodyFile == null
                    ? MessageBody.of(letter, Math.max(maxBody, MessageBody.wireLength(letter)))
                    : bodyFiles.read(bodyFile);
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

    private Call call(Message message, String physicalQueue) throws JMSException, MalformedMessageException {
        var properties = new LinkedHashMap<String, Object>();
        for (Object name : Collections.list(message.getPropertyNames())) {
            properties.put((String) name, message.getObjectProperty((String) name));
        }
        // Only our own messages carry their call's id; a foreign client's correlation id is its own business.
        CallId id = properties.containsKey(MessageProperties.VERSION)
                ? new CallId(Objects.requireNonNullElse(message.getJMSCorrelationID(), ""))
                : CallId.ofJmsMessage(message.getJMSMessageID());
        String queue = QueueNames.logical(physicalQueue);
        return reader.call(id, queue, message.getJMSPriority(), properties, sentAt(message));
    }

    /** Reads what {@link CallProperties#json} wrote. {@code queue} is the logical queue. */
    public Call restored(CallId id, String queue, String json) {
        try {
            Map<String, Object> properties = JSON.readValue(json, PROPERTIES);
            int priority = (int) CallReader.number(properties, MessageProperties.PRIORITY, Message.DEFAULT_PRIORITY);
            return reader.call(id, queue, priority, properties, clock.instant());
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

    /** What can be kept of a message that is not a call. */
    public CallMessage unreadable(Object taken) {
        var message = (Message) taken;
        Instant expiresAt = clock.instant().plus(reader.maxAge());
        return UnreadableMessage.keep(
                message, physicalQueue(taken), sentAt(message), expiresAt, reader.defaultNamespace(), maxBody);
    }
}
