package dev.caravan.ledger;

import dev.caravan.function.CallState;
import dev.caravan.function.FunctionScope;
import dev.caravan.search.Query;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which calls; null means any.
 *
 * @param since submitted then or later
 * @param until submitted before then
 * @param query what somebody typed; its free words are what the call's id begins with, or its last answer's excerpt, or
 *     an error or answer of one of its failed attempts, contains
 * @param queue the logical one
 * @param replay the id of a bulk replay that sent them round again
 * @param among only of these functions, whatever else is asked
 */
public record CallFilter(
        @Nullable String function,
        @Nullable String namespace,
        @Nullable CallState state,
        @Nullable Instant since,
        @Nullable Instant until,
        @Nullable Query query,
        @Nullable String queue,
        @Nullable String replay,
        FunctionScope among) {

    public static final CallFilter ALL = new CallFilter(null, null, null, null, null, null, null, null);

    /** Of all functions. */
    public CallFilter(
            @Nullable String function,
            @Nullable String namespace,
            @Nullable CallState state,
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable Query query,
            @Nullable String queue,
            @Nullable String replay) {
        this(function, namespace, state, since, until, query, queue, replay, FunctionScope.ALL);
    }
}
