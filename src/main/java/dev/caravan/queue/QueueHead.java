package dev.caravan.queue;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import java.time.Instant;
import java.util.Collection;
import java.util.Enumeration;
import java.util.Optional;

/** Looks at the first message of queues without taking it. */
public final class QueueHead {

    private final BrokerClient client;

    public QueueHead(BrokerClient client) {
        this.client = client;
    }

    /**
     * When the oldest call that waits in any of these physical queues was accepted. Blocks for the broker.
     *
     * @throws BrokerException when it cannot be asked
     */
    public Optional<Instant> oldest(Collection<String> physicalQueues) {
        if (physicalQueues.isEmpty()) {
            return Optional.empty();
        }
        try (Connection connection = client.senders().createConnection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE)) {
            connection.start();
            Instant oldest = null;
            for (String queue : physicalQueues) {
                Optional<Instant> first = first(session, queue);
                if (first.isPresent() && (oldest == null || first.get().isBefore(oldest))) {
                    oldest = first.get();
                }
            }
            return Optional.ofNullable(oldest);
        } catch (JMSException e) {
            throw new BrokerException("cannot look into the queues: " + e.getMessage(), e);
        }
    }

    private static Optional<Instant> first(Session session, String queue) throws JMSException {
        try (QueueBrowser browser = session.createBrowser(session.createQueue(queue))) {
            Enumeration<?> messages = browser.getEnumeration();
            if (!messages.hasMoreElements() || !(messages.nextElement() instanceof Message message)) {
                return Optional.empty();
            }
            long sent = message.propertyExists(MessageProperties.SUBMITTED_AT)
                    ? message.getLongProperty(MessageProperties.SUBMITTED_AT)
                    : message.getJMSTimestamp();
            return Optional.of(Instant.ofEpochMilli(sent));
        }
    }
}
