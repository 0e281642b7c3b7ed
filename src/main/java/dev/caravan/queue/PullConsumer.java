package dev.caravan.queue;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
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

    private final MessageConsumer consumer;

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
        return message;
    }

    @Override
    public void close() throws JMSException {
        consumer.close();
    }
}
