package dev.caravan.queue;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers of one physical queue. There is always one that waits for a message; when all are busy another is added,
 * up to the cap, and one that found nothing for a while goes.
 */
final class QueueWorkers {

    private static final Logger LOG = LoggerFactory.getLogger(QueueWorkers.class);
    private static final Duration IDLE = Duration.ofSeconds(20);
    private static final Duration HELD = Duration.ofSeconds(1);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);

    private final String queue;
    private final CallListenerContainer container;
    private final Semaphore permits;
    private final int cap;
    private final Executor executor;
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final Object stopSignal = new Object();
    private volatile boolean taking = true;

    QueueWorkers(String queue, CallListenerContainer container, Semaphore permits, int cap, Executor executor) {
        this.queue = queue;
        this.container = container;
        this.permits = permits;
        this.cap = cap;
        this.executor = executor;
    }

    int size() {
        return size.get();
    }

    void stopTaking() {
        taking = false;
        synchronized (stopSignal) {
            stopSignal.notifyAll();
        }
    }

    /** Adds a worker when there is room for one. */
    void grow() {
        if (!taking || size.incrementAndGet() > cap) {
            size.decrementAndGet();
            return;
        }
        waiting.incrementAndGet();
        try {
            executor.execute(this::work);
        } catch (RejectedExecutionException e) {
            waiting.decrementAndGet();
            size.decrementAndGet();
        }
    }

    private void work() {
        // Counted as waiting from its birth until it takes its first message.
        Duration backoff = HELD;
        boolean again = true;
        while (again && taking) {
            try {
                again = takeUntilIdle();
            } catch (JMSException e) {
                waiting.decrementAndGet();
                if (taking) {
                    LOG.warn("queue cannot be read, trying again queue={} error={}", queue, e.getMessage());
                    pause(backoff);
                    backoff = longer(backoff);
                }
                waiting.incrementAndGet();
            }
        }
        waiting.decrementAndGet();
        size.decrementAndGet();
        if (taking && waiting.get() == 0) {
            grow(); // the last one went while a message arrived
        }
    }

    /** @return whether this worker should open its session again */
    private boolean takeUntilIdle() throws JMSException {
        try (Session session = container.connection().createSession(false, Session.CLIENT_ACKNOWLEDGE);
                MessageConsumer consumer = session.createConsumer(session.createQueue(queue))) {
            while (taking) {
                Message message = consumer.receive(IDLE.toMillis());
                if (message == null) {
                    if (waiting.get() > 1) {
                        return false;
                    }
                    continue;
                }
                if (waiting.decrementAndGet() == 0) {
                    grow();
                }
                try {
                    handle(message, session);
                } finally {
                    waiting.incrementAndGet();
                }
            }
            return false;
        }
    }

    /** Offers a message to the route until it is settled, then acknowledges it: last, so that nothing is ever lost. */
    private void handle(Message message, Session session) throws JMSException {
        Duration backoff = HELD;
        while (taking) {
            permits.acquireUninterruptibly();
            try {
                container.listener().onMessage(message, session);
                message.acknowledge();
                return;
            } catch (RuntimeException e) {
                if (cause(e) instanceof CallHeldException held) {
                    LOG.debug("call held queue={} reason={}", queue, held.getMessage());
                    backoff = HELD;
                } else {
                    LOG.warn("call could not be settled, it stays on its queue queue={} error={}", queue, oneLine(e));
                    LOG.debug("because", e);
                }
            } finally {
                permits.release();
            }
            pause(backoff);
            backoff = longer(backoff);
        }
    }

    private void pause(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        synchronized (stopSignal) {
            long left = time.toMillis();
            while (taking && left > 0) {
                try {
                    stopSignal.wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
                left = (end - System.nanoTime()) / 1_000_000;
            }
        }
    }

    private static Throwable cause(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null && !(cause instanceof CallHeldException)) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static String oneLine(Throwable thrown) {
        return String.valueOf(cause(thrown)).replace('\n', ' ');
    }

    private static Duration longer(Duration backoff) {
        Duration doubled = backoff.multipliedBy(2);
        return doubled.compareTo(LONGEST_BACKOFF) < 0 ? doubled : LONGEST_BACKOFF;
    }
}
