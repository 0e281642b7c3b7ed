package dev.caravan.ledger;

import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionScope;
import dev.caravan.search.Query;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters; null means any.
 *
 * @param since died then or later
 * @param until died before
 * @param query what somebody typed; its free words stand in the error, the headers or a body that is text
 * @param among only of these functions, whatever else is asked
 */
public record DeadLetterFilter(
        @Nullable String queue,
        @Nullable String function,
        @Nullable String namespace,
        @Nullable DeadReason reason,
        @Nullable Integer statusCode,
        @Nullable String fingerprint,
        @Nullable Instant since,
        @Nullable Instant until,
        @Nullable Query query,
        FunctionScope among) {

    public static final DeadLetterFilter ALL = new DeadLetterFilter(null, null, null, null, null);

    /** Of all functions. */
    public DeadLetterFilter(
            @Nullable String queue,
            @Nullable String function,
            @Nullable String namespace,
            @Nullable DeadReason reason,
            @Nullable Integer statusCode,
            @Nullable String fingerprint,
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable Query query) {
        this(queue, function, namespace, reason, statusCode, fingerprint, since, until, query, FunctionScope.ALL);
    }

    /** All that there are of some functions. */
    public static DeadLetterFilter all(FunctionScope among) {
        return new DeadLetterFilter(null, null, null, null, null, null, null, null, null, among);
    }

    /** Whenever they died, whatever they say. */
    public DeadLetterFilter(
            @Nullable String queue,
            @Nullable String function,
            @Nullable String namespace,
            @Nullable DeadReason reason,
            @Nullable Integer statusCode) {
        this(queue, function, namespace, reason, statusCode, null, null, null, null);
    }

    /** Those of one logical queue. */
    public static DeadLetterFilter ofQueue(String queue) {
        return new DeadLetterFilter(queue, null, null, null, null);
    }

    /** Those of one logical queue and some functions. */
    public static DeadLetterFilter ofQueue(String queue, FunctionScope among) {
        return new DeadLetterFilter(queue, null, null, null, null, null, null, null, null, among);
    }

    /** Those that died before a time. */
    public static DeadLetterFilter diedBefore(Instant until) {
        return new DeadLetterFilter(null, null, null, null, null, null, null, until, null);
    }
}
