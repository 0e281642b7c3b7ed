package dev.caravan.queue;

import dev.caravan.function.CallId;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import java.util.Enumeration;
import java.util.Optional;

/**
 * Looks at one call's message without taking it, while it waits in its queue or runs. A broker lets nobody look further
 * than a few hundred messages into a queue, and does not show what it holds back until it is due.
 */
public final class QueueGlance {

    private final BrokerClient client;
    private final CallMessages messages;

    public QueueGlance(BrokerClient client, CallMessages messages) {
        this.client = client;
        this.messages = messages;
    }

    /**
     * The message of a call in its physical queue; empty when it is not among those that can be seen, or cannot be read.
     * Blocks for the broker.
     *
     * @throws BrokerException when the broker cannot be asked
     */
    public Optional<CallMessage> find(String physicalQueue, CallId id) {
        // An id is letters, digits, dashes and underscores: nothing that a selector would understand otherwise.
        String selector = "JMSCorrelationID = '" + id.text() + "'";
        try (Connection connection = client.senders().createConnection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                QueueBrowser browser = session.createBrowser(session.createQueue(physicalQueue), selector)) {
            connection.start();
            Enumeration<?> found = browser.getEnumeration();
            return found.hasMoreElements() && found.nextElement() instanceof Message message
                    ? Optional.of(messages.read(message))
                    : Optional.empty();
        } catch (MalformedMessageException e) {
            return Optional.empty();
        } catch (JMSException e) {
            throw new BrokerException("cannot look into the queue: " + e.getMessage(), e);
        }
    }
}
