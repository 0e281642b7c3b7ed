package dev.caravan.ledger;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Those who read the database and want to find there what this node has seen before: what is due up to their moment is
 * written at once, however long it would wait otherwise. Moments are of {@link System#nanoTime}. For any thread.
 */
final class Barriers {

    private record Barrier(long nanos, CompletableFuture<Void> passed) {}

    private final Queue<Barrier> barriers = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    /** Returns when what is due up to then has been written or put off, or when patience has ended. */
    void await(long nanos, Duration patience) {
        var barrier = new Barrier(nanos, new CompletableFuture<>());
        barriers.add(barrier);
        try {
            if (!closed) {
                barrier.passed().get(patience.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // What is read is a little older than it could be.
        } finally {
            barriers.remove(barrier);
        }
    }

    /** Whether somebody waits for what is due then. */
    boolean waitFor(long nanos) {
        for (Barrier barrier : barriers) {
            if (nanos - barrier.nanos() <= 0) {
                return true;
            }
        }
        return false;
    }

    /** Nothing is left that is due before then. */
    void passed(long nanos) {
        for (Barrier barrier : barriers) {
            if (nanos - barrier.nanos() > 0) {
                barrier.passed().complete(null);
            }
        }
    }

    /** Nobody writes any more, so nobody waits. */
    void close() {
        closed = true;
        barriers.forEach(barrier -> barrier.passed().complete(null));
    }
}
