package dev.caravan.queue;

import dev.caravan.function.Call;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import org.jspecify.annotations.Nullable;

/** Sends calls to their queues, for whoever does so outside routes. */
public final class CallSender {

    private final BrokerClient client;

    public CallSender(BrokerClient client) {
        this.client = client;
    }

    /**
     * Returns when the broker has it on disk.
     *
     * @param bodyFile where its body stands; null when {@code body} is whole
     * @throws BrokerException when it may not have got there
     */
    public void send(Call call, @Nullable String bodyFile, byte[] body) {
        String queue = QueueNames.physical(call.queue(), call.function());
        try (Connection connection = client.senders().createConnection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE)) {
            new Replacement(queue, CallProperties.of(call, bodyFile), body).send(session, null);
        } catch (JMSException e) {
            throw new BrokerException("cannot send to " + queue + ": " + e.getMessage(), e);
        }
    }
}
