package dev.caravan.ledger;

import dev.caravan.function.CallId;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Which calls are to be written when: at once those that somebody waits for, the others after a while, in which they
 * may change again. Any thread adds, one takes.
 */
final class WriteSchedule {

    /** @param nanos the moment, of {@link System#nanoTime} */
    record Due(CallId id, long nanos) {

        static Due in(CallId id, Duration wait) {
            return new Due(id, System.nanoTime() + wait.toNanos());
        }

        boolean reached() {
            return overdueBy(Duration.ZERO, System.nanoTime());
        }

        boolean overdueBy(Duration time, long now) {
            return now - nanos >= time.toNanos();
        }
    }

    private static final Duration HORIZON = Duration.ofSeconds(1);

    /**
     * What nobody waits for is written in batches this far apart: a commit writes each page it has touched, whether one
     * of its rows has changed or fifty, and the broker's journal waits for the same disk.
     */
    private static final Duration BATCH = Duration.ofMillis(250);

    private final LongSupplier nanos;
    private final BlockingQueue<CallId> awaited = new LinkedBlockingQueue<>();
    private final Queue<Due> unwritten = new ConcurrentLinkedQueue<>();
    private final Barriers barriers = new Barriers();

    WriteSchedule() {
        this(System::nanoTime);
    }

    /** @param nanos goes as {@link System#nanoTime} does */
    WriteSchedule(LongSupplier nanos) {
        this.nanos = nanos;
    }

    void now(CallId id) {
        awaited.add(id);
    }

    void later(CallId id, Duration wait) {
        unwritten.add(new Due(id, nanos.getAsLong() + wait.toNanos()));
    }

    /**
     * The next calls to write, each once: those that somebody waits for, and the others when they make a batch.
     *
     * @param patience how long to wait for one that somebody waits for
     * @param everything also those that are not due, and without patience
     */
    Set<CallId> next(int max, Duration patience, boolean everything) throws InterruptedException {
        Set<CallId> ids = new LinkedHashSet<>();
        CallId first = everything ? awaited.poll() : awaited.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
        if (first != null) {
            ids.add(first);
            awaited.drainTo(ids, max - 1);
        }
        Due oldest = unwritten.peek();
        long now = nanos.getAsLong();
        boolean batch = oldest != null && oldest.overdueBy(BATCH, now);
        for (Due due = oldest;
                due != null
                        && ids.size() < max
                        && (everything || batch && due.overdueBy(Duration.ZERO, now) || barriers.waitFor(due.nanos()));
                due = unwritten.peek()) {
            ids.add(due.id());
            unwritten.remove();
        }
        return ids;
    }

    /** Returns when what is due within that time has been written or put off, or when patience has ended. */
    void await(Duration within, Duration patience) {
        barriers.await(nanos.getAsLong() + within.toNanos(), patience);
    }

    /** What {@link #next} gave has been written, or put off. */
    void passBarriers() {
        Due next = unwritten.peek();
        barriers.passed(next == null ? nanos.getAsLong() + HORIZON.toNanos() : next.nanos());
    }

    boolean isEmpty() {
        return awaited.isEmpty() && unwritten.isEmpty();
    }

    /** Nobody writes any more, so nobody waits. */
    void close() {
        barriers.close();
    }
}
