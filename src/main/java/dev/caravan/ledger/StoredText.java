package dev.caravan.ledger;

import org.jspecify.annotations.Nullable;

/** Text of functions and clients as a database takes it. */
final class StoredText {

    private StoredText() {}

    /** PostgreSQL has no character zero (its manual, "Character Types"): a replacement character stands in its place. */
    static @Nullable String of(@Nullable String text) {
        return text == null ? null : text.replace('\0', '\uFFFD');
    }
}
