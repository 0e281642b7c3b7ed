package dev.caravan.ledger;

import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Dead letters that died of the same.
 *
 * @param fingerprint {@link Fingerprint}
 * @param statusCode of the last answer; 0 when there was none
 * @param error of one of them
 * @param firstAt when the first of them died
 * @param hourly how many of them died in each of the last 24 hours, the oldest first
 */
public record DeadLetterGroup(
        String fingerprint,
        FunctionName function,
        DeadReason reason,
        int statusCode,
        @Nullable String error,
        long count,
        Instant firstAt,
        Instant lastAt,
        List<Long> hourly) {

    public DeadLetterGroup {
        hourly = List.copyOf(hourly);
    }
}
