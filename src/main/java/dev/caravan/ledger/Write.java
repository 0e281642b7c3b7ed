package dev.caravan.ledger;

import dev.caravan.function.CallId;
import org.jspecify.annotations.Nullable;

/**
 * What a flush writes for one call.
 *
 * @param no its key
 * @param isNew whether its row is to be inserted
 * @param stored the row that it replaces; null when it is new
 * @param row what the row becomes; null when only letters change
 * @param pending who waits for it; null when nobody does
 */
record Write(
        CallId id,
        Entry entry,
        long no,
        boolean isNew,
        @Nullable Row stored,
        @Nullable Row row,
        Entry.@Nullable Pending pending) {}
