package dev.caravan.queue;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Whether there is room for new calls. The rest of the store, 20 %, is for what is already accepted: retries, dead
 * letters and callbacks.
 *
 * <p>Looks at the disk at most every {@value #MAX_AGE_MILLIS} ms; in between it answers from memory, since every
 * accept asks.
 */
public final class StoreRoom {

    private static final int MAX_AGE_MILLIS = 100;
    private static final long LEAST_FREE = 1L << 30;

    private record Look(long atNanos, Optional<String> objection) {}

    private final Path folder;
    private final long limit;
    private final LongSupplier storedBytes;
    private volatile Look last;

    /**
     * @param folder on the disk to watch
     * @param limit bytes the store may take
     * @param storedBytes bytes it takes now
     */
    public StoreRoom(Path folder, long limit, LongSupplier storedBytes) {
        this.folder = folder;
        this.limit = limit;
        this.storedBytes = storedBytes;
        this.last = look();
    }

    /** Empty when a call may be accepted, else one line saying what is full. */
    public Optional<String> objection() {
        Look seen = last;
        if (System.nanoTime() - seen.atNanos() > MAX_AGE_MILLIS * 1_000_000L) {
            seen = look();
            last = seen;
        }
        return seen.objection();
    }

    private Look look() {
        return new Look(System.nanoTime(), objectionNow());
    }

    private Optional<String> objectionNow() {
        long stored = storedBytes.getAsLong();
        if (stored >= limit / 10 * 8) {
            return Optional.of("the broker's store holds " + mebibytes(stored) + " of " + mebibytes(limit)
                    + "; what is free is kept for calls already accepted");
        }
        var disk = folder.toFile();
        long free = disk.getUsableSpace();
        if (free < Math.max(LEAST_FREE, disk.getTotalSpace() / 10)) {
            return Optional.of("the disk of the data folder has only " + mebibytes(free) + " free");
        }
        return Optional.empty();
    }

    private static String mebibytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }
}
