package dev.caravan.ledger;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One call in the overlay. Fields are written only under its key's lock in {@link Overlay}. */
final class Entry {

    /** A change that readers must not see before it is on disk; completes with false to have it decided again. */
    record Pending(Change change, CompletableFuture<Boolean> done) {}

    /** What readers see; null when there is no such call (yet). */
    volatile @Nullable Row row;

    /** The key in the database; 0 when it is not there yet. */
    long no;

    /** What the database has, as far as we know; null when it is not there yet. */
    @Nullable
    Row stored;

    /** Whether {@link #row} is newer than the database. */
    boolean dirty;

    /** Begun by a message whose {@code accepted} has not come (yet): a fast worker overtakes the sender. */
    boolean unannounced;

    @Nullable
    Pending pending;
}
