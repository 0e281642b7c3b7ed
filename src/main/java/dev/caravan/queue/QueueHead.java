package dev.caravan.queue;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.Map;
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
        return heads(physicalQueues).values().stream().min(Comparator.naturalOrder());
    }

    /** The same of each physical queue; those in which none waits are missing. */
    public Map<String, Instant> heads(Collection<String> physicalQueues) {
        if (physicalQueues.isEmpty()) {
            return Map.of();
        }
        try (Connection connection = client.senders().createConnection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE)) {
            connection.start();
            var heads = new HashMap<String, Instant>();
            for (String queue : physicalQueues) {
                first(session, queue).ifPresent(first -> heads.put(queue, first));
            }
            return heads;
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
