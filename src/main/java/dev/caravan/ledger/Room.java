package dev.caravan.ledger;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** How many changes that nobody waits for may be unwritten; past that, whoever makes one waits, and then fails. */
final class Room {

    /** About 500 bytes each. */
    private static final int MAX_UNWRITTEN = 100_000;

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Semaphore free = new Semaphore(MAX_UNWRITTEN);
    private volatile boolean closed;

    /** @throws LedgerException when there is none for a second, or the ledger is closed */
    void take() {
        if (closed) {
            throw new LedgerException("the ledger is closed");
        }
        // Without waiting first: that is nearly always enough, and an interrupted thread may settle what it has done.
        if (free.tryAcquire()) {
            return;
        }
        try {
            if (!free.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new LedgerException("the ledger is " + MAX_UNWRITTEN + " changes behind: its disk is too slow or"
                        + " it cannot be written");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LedgerException("interrupted while waiting for the ledger", e);
        }
    }

    void release() {
        free.release();
    }

    void release(int places) {
        free.release(places);
    }

    /** Refuses whoever comes later. */
    void close() {
        closed = true;
    }
}
