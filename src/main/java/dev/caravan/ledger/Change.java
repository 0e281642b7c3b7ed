package dev.caravan.ledger;

import dev.caravan.function.Attempt;
import org.jspecify.annotations.Nullable;

/**
 * What one operation changes about a call.
 *
 * @param row what the row becomes; null when it stays
 * @param failed an attempt to add to the history
 * @param buried a dead letter to add
 * @param lifted the id of a dead letter to delete
 * @param result what the call was answered, to be kept; null when there is nothing to keep
 * @param durable whether it counts only once it is on disk; otherwise it is seen at once and written soon after
 */
record Change(
        @Nullable Row row,
        @Nullable Attempt failed,
        @Nullable DeadLetter buried,
        @Nullable String lifted,
        @Nullable CallResult result,
        boolean durable) {

    static Change soon(Row row) {
        return new Change(row, null, null, null, null, false);
    }

    static Change durably(Row row) {
        return new Change(row, null, null, null, null, true);
    }

    static Change bury(DeadLetter letter) {
        return new Change(null, null, letter, null, null, true);
    }

    static Change lift(String letterId, @Nullable Row row) {
        return new Change(row, null, null, letterId, null, true);
    }
}
