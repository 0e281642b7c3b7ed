package dev.caravan.queue;

import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.apache.activemq.ActiveMQSession;

/**
 * Takes the messages of calls that are not to run off their queue, some hundred at a time, with the files of their
 * bodies. A crash leaves what was not taken yet.
 */
public final class QueueSweep {

    /** Ends calls durably before their messages go. */
    public interface Ending {
        /** @return those whose messages must stay */
        Set<CallId> end(Collection<Call> calls);
    }

    private final BrokerClient client;
    private final CallMessages messages;

    public QueueSweep(BrokerClient client, CallMessages messages) {
        this.client = client;
        this.messages = messages;
    }

    /**
     * Blocks for the broker, until the queue holds nothing that may go.
     *
     * @param before messages sent after it stay
     * @return how many were taken off
     * @throws BrokerException when the broker cannot be asked; what was taken off by then is gone
     */
    public long sweep(String physicalQueue, Instant before, Ending ending) {
        try (Connection connection = client.consumers().createConnection();
                Session session = connection.createSession(false, ActiveMQSession.INDIVIDUAL_ACKNOWLEDGE);
                var consumer = new PullConsumer(session, physicalQueue, "JMSTimestamp <= " + before.toEpochMilli())) {
            connection.start();
            long swept = 0;
            List<Message> batch;
            do {
                batch = receive(consumer);
                swept += take(batch, ending);
                consumer.released();
            } while (!batch.isEmpty());
            return swept;
        } catch (JMSException e) {
            throw new BrokerException("cannot take messages off " + physicalQueue + ": " + e.getMessage(), e);
        }
    }

    private static List<Message> receive(PullConsumer consumer) throws JMSException {
        var batch = new ArrayList<Message>();
        while (!consumer.holdsEnough()) {
            Message message = consumer.next();
            if (message == null) {
                break;
            }
            batch.add(message);
        }
        return batch;
    }

    private long take(List<Message> batch, Ending ending) throws JMSException {
        List<Call> calls = batch.stream().map(messages::head).toList();
        Set<CallId> stay = ending.end(calls);
        long taken = 0;
        for (int i = 0; i < batch.size(); i++) {
            if (!stay.contains(calls.get(i).id())) {
                messages.discard(batch.get(i));
                batch.get(i).acknowledge();
                taken++;
            }
        }
        return taken;
    }
}
