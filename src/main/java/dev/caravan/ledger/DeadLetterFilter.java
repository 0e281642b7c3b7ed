package dev.caravan.ledger;

import dev.caravan.function.DeadReason;
import org.jspecify.annotations.Nullable;

/** Which dead letters; null means any. */
public record DeadLetterFilter(
        @Nullable String queue,
        @Nullable String function,
        @Nullable String namespace,
        @Nullable DeadReason reason,
        @Nullable Integer statusCode) {

    public static final DeadLetterFilter ALL = new DeadLetterFilter(null, null, null, null, null);
}
