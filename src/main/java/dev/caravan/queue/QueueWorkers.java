package dev.caravan.queue;

import dev.caravan.function.Attempt;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers of one physical queue. There is always one that waits for a message; when all are busy another is added,
 * up to the cap, and one that found nothing for a while goes.
 */
final class QueueWorkers {

    private static final Logger LOG = LoggerFactory.getLogger(QueueWorkers.class);
    private static final Duration HELD = Duration.ofSeconds(1);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);

    /** How soon an idle worker notices that it is to stop while its connection stays open. */
    private static final Duration GLANCE = Duration.ofMillis(500);

    private final String queue;
    private final CallListenerContainer container;
    private final Gate gate;
    private final Semaphore permits;
    private final Duration idle;
    private final Executor executor;
    private final AtomicInteger size = new AtomicInteger();

    /** Workers that wait for a message, for the function, for a permit or for a held call: while there is one, no other is added. */
    private final AtomicInteger waiting = new AtomicInteger();

    private final AtomicInteger running = new AtomicInteger();
    private final Object stopSignal = new Object();
    private volatile boolean taking = true;

    QueueWorkers(
            String queue,
            CallListenerContainer container,
            Gate gate,
            Semaphore permits,
            Duration idle,
            Executor executor) {
        this.queue = queue;
        this.container = container;
        this.gate = gate;
        this.permits = permits;
        this.idle = idle;
        this.executor = executor;
    }

    int size() {
        return size.get();
    }

    /** How many calls a listener has now, those just being acknowledged included. */
    int running() {
        return running.get();
    }

    void stopTaking() {
        taking = false;
        synchronized (stopSignal) {
            stopSignal.notifyAll();
        }
        gate.wake();
    }

    /** Adds a worker when there is room for one. */
    void grow() {
        if (!taking) {
            return;
        }
        if (size.incrementAndGet() > container.cap()) {
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
        Duration backoff = HELD;
        boolean again = true;
        while (again && mayTake()) {
            try {
                takeUntilIdle();
                again = false;
            } catch (JMSException | RuntimeException e) {
                if (mayTake()) {
                    LOG.warn("queue cannot be read, trying again queue={} error={}", queue, oneLine(e));
                    pause(backoff);
                    backoff = longer(backoff);
                }
            }
        }
        size.decrementAndGet();
        if (waiting.decrementAndGet() == 0) {
            grow(); // the last one went while a message arrived
        }
    }

    private void takeUntilIdle() throws JMSException {
        try (Session session = container.connection().createSession(false, Session.CLIENT_ACKNOWLEDGE);
                MessageConsumer consumer = session.createConsumer(session.createQueue(queue))) {
            long idleSince = System.nanoTime();
            while (mayTake() && !surplus()) {
                Message message = consumer.receive(GLANCE.toMillis());
                if (message != null) {
                    if (!handle(message, session) || size.get() > container.cap()) {
                        return;
                    }
                    idleSince = System.nanoTime();
                } else if (System.nanoTime() - idleSince > idle.toNanos() && waiting.get() > 1) {
                    return;
                }
            }
        }
    }

    /**
     * Offers a message to the route until it is settled, then acknowledges it: last, so that nothing is ever lost.
     *
     * @return false when it was not settled before the end: it goes back to its queue with the session
     */
    private boolean handle(Message message, Session session) throws JMSException {
        Duration backoff = HELD;
        while (mayTake()) {
            Throwable failure = offer(message, session);
            if (failure == null) {
                return true;
            }
            if (cause(failure) instanceof CallHeldException held) {
                LOG.debug("call held queue={} reason={}", queue, held.getMessage());
                pause(held.pause());
            } else {
                LOG.warn("call could not be settled, it stays on its queue queue={} error={}", queue, oneLine(failure));
                LOG.debug("because", failure);
                // What this one call meets its neighbours need not meet: they get a worker meanwhile.
                busy();
                pause(backoff);
                waiting.incrementAndGet();
                backoff = longer(backoff);
            }
        }
        return false;
    }

    /** When a function may have fewer calls at once than it had, messages need not wait in the hands of workers. */
    private boolean surplus() {
        return waiting.get() > 1 && size.get() - 1 > gate.limit();
    }

    /** Waiting for the function counts as waiting too: the message in hand is the one that comes next. */
    private @Nullable Throwable offer(Message message, Session session) throws JMSException {
        if (!gate.enter(this::mayTake)) {
            return new CallHeldException("stopping");
        }
        try {
            return offerNow(message, session);
        } finally {
            gate.leave();
        }
    }

    private @Nullable Throwable offerNow(Message message, Session session) throws JMSException {
        // Waiting for a permit counts as waiting: each queue has about one worker in that line, so that a function's
        // burst does not stand in it before the others' calls.
        permits.acquireUninterruptibly();
        running.incrementAndGet();
        try {
            if (!taking) {
                return new CallHeldException("stopping");
            }
            busy();
            try {
                container.listener().onMessage(message, session);
            } catch (RuntimeException | Error e) {
                return e;
            }
            message.acknowledge();
            return null;
        } finally {
            waiting.incrementAndGet();
            running.decrementAndGet();
            permits.release();
        }
    }

    private void busy() {
        if (waiting.decrementAndGet() == 0) {
            grow();
        }
    }

    private boolean mayTake() {
        return taking && !Thread.currentThread().isInterrupted();
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
        String text = String.valueOf(cause(thrown)).replace('\n', ' ');
        return text.length() <= Attempt.MAX_ERROR ? text : text.substring(0, Attempt.MAX_ERROR);
    }

    private static Duration longer(Duration backoff) {
        Duration doubled = backoff.multipliedBy(2);
        return doubled.compareTo(LONGEST_BACKOFF) < 0 ? doubled : LONGEST_BACKOFF;
    }
}
