package dev.caravan.ledger;

import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Dead letters that died of the same.
 *
 * @param fingerprint {@link Fingerprint}
 * @param statusCode of the last answer; 0 when there was none
 * @param error of one of them
 * @param firstAt when the first of them died
 */
public record DeadLetterGroup(
        String fingerprint,
        FunctionName function,
        DeadReason reason,
        int statusCode,
        @Nullable String error,
        long count,
        Instant firstAt,
        Instant lastAt) {}
