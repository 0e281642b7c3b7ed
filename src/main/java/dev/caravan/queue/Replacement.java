package dev.caravan.queue;

import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is sent instead of a dead letter, in the transaction that takes it.
 *
 * @param queue the physical queue it is sent to
 * @param properties under their JMS names, as {@link CallProperties#of} makes them; must not ask for a delay,
 *     which brokers schedule outside transactions
 * @param body null for the letter's own
 */
@SuppressWarnings("ArrayRecordComponent") // a body is bytes; nobody compares messages
public record Replacement(String queue, Map<String, Object> properties, byte @Nullable [] body) {

    private static final byte[] NOTHING = {};

    /** @param letter whose body is sent when this has none; null when there is no such message */
    void send(Session session, @Nullable Message letter) throws JMSException {
        byte[] sent = body;
        if (sent == null) {
            sent = letter == null ? NOTHING : UnreadableMessage.bytes(letter, MessageBody.wireLength(letter));
        }
        BytesMessage message = session.createBytesMessage();
        CallMessages.write(properties, sent, message);
        int priority =
                properties.get(MessageProperties.PRIORITY) instanceof Integer asked ? asked : Message.DEFAULT_PRIORITY;
        try (MessageProducer producer = session.createProducer(session.createQueue(queue))) {
            producer.send(message, DeliveryMode.PERSISTENT, priority, Message.DEFAULT_TIME_TO_LIVE);
        }
    }
}
