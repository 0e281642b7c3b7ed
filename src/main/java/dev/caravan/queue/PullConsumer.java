package dev.caravan.queue;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import org.apache.activemq.command.ActiveMQMessage;
import org.jspecify.annotations.Nullable;

/**
 * A consumer that fetches one message each time it is asked, so that nothing waits in it when it is closed, and "none"
 * is the broker's answer and not a timeout.
 *
 * <p>One such answer of ActiveMQ proves nothing: a pull looks at the messages that were in memory before it and only then
 * pages more in, and a message dispatched while the pull begins leaves a "none" behind, which the next pull reads. So
 * "none" is what was said three times: for what was left behind, for paging in, for looking.
 */
final class PullConsumer implements AutoCloseable {

    private static final int ASKED = 3;

    private static final int MOST_HELD = 200;

    /** Well below what a broker keeps ready of a queue: what it has given away and not seen acknowledged counts. */
    private static final long MOST_BYTES_HELD = 1 << 20;

    private final MessageConsumer consumer;
    private int held;
    private long bytesHeld;

    /** @param selector of JMS 3.1 section 3.8; null for every message */
    PullConsumer(Session session, String queue, @Nullable String selector) throws JMSException {
        consumer = session.createConsumer(session.createQueue(queue + "?consumer.prefetchSize=0"), selector);
    }

    /** The next message, null when there is none now. */
    @Nullable
    Message next() throws JMSException {
        Message message = null;
        for (int asked = 0; message == null && asked < ASKED; asked++) {
            message = consumer.receiveNoWait();
        }
        if (message != null) {
            held++;
            bytesHeld += message instanceof ActiveMQMessage sized ? sized.getSize() : 0;
        }
        return message;
    }

    /** Whether to acknowledge what was taken, and to say {@link #released}, before there is more. */
    boolean holdsEnough() {
        return held >= MOST_HELD || bytesHeld >= MOST_BYTES_HELD;
    }

    /** What was taken is acknowledged. */
    void released() {
        held = 0;
        bytesHeld = 0;
    }

    @Override
    public void close() throws JMSException {
        consumer.close();
    }
}
