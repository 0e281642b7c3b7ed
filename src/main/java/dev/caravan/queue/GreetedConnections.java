package dev.caravan.queue;

import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.transport.Transport;
import org.apache.activemq.transport.vm.VMTransport;

/**
 * Connections that say nothing before the embedded broker has greeted them.
 *
 * <p>A connection inside this process has two ends, and the broker starts its own on another thread while the options of
 * the URL are still being set on it. Should {@code async=false} arrive after the broker's end has read that it is
 * asynchronous and before it looks for waiting commands, it looks for none: the first command stays where it is, and who
 * sent it waits for ever. The greeting is sent once that end runs, so whoever has it is past the danger.
 */
final class GreetedConnections extends ActiveMQConnectionFactory {

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final long LOOK_AGAIN_NANOS = 50_000;

    GreetedConnections(String url) {
        super(url);
        setConnectionIdGenerator(new ConnectionIds());
    }

    @Override
    protected Transport createTransport() throws JMSException {
        Transport transport = super.createTransport();
        VMTransport inside = transport.narrow(VMTransport.class);
        if (inside != null) {
            awaitGreeting(inside);
        }
        return transport;
    }

    /** Until it is started a connection keeps what it is sent. */
    private static void awaitGreeting(VMTransport inside) throws JMSException {
        long deadline = System.nanoTime() + LONGEST_WAIT.toNanos();
        try {
            while (inside.getMessageQueue().isEmpty()) {
                if (System.nanoTime() - deadline > 0) {
                    inside.stop();
                    throw new JMSException("the embedded broker takes no connection");
                }
                LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            }
        } catch (JMSException e) {
            throw e;
        } catch (Exception e) { // stop() declares no less
            var failure = new JMSException("the embedded broker took no connection: " + e.getMessage());
            failure.initCause(e);
            throw failure;
        }
    }
}
