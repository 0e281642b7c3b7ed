package dev.caravan.queue;

import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import org.jspecify.annotations.Nullable;

/** Sends, in somebody's transaction, what takes a dead letter's place. */
record DeadLetterSender(CallMessages messages) {

    private static final byte[] NOTHING = {};

    /** @param letter whose body is sent when the replacement has none; null when there is no such message */
    void send(Session session, Replacement replacement, @Nullable Message letter) throws JMSException {
        byte[] body = replacement.body();
        if (body == null) {
            body = letter == null ? NOTHING : CallMessages.rawBytes(letter);
        }
        BytesMessage message = session.createBytesMessage();
        messages.write(replacement.properties(), body, message);
        int priority =
                replacement.properties().get("JMSPriority") instanceof Integer asked ? asked : Message.DEFAULT_PRIORITY;
        try (MessageProducer producer = session.createProducer(session.createQueue(replacement.queue()))) {
            producer.send(message, DeliveryMode.PERSISTENT, priority, Message.DEFAULT_TIME_TO_LIVE);
        }
    }
}
