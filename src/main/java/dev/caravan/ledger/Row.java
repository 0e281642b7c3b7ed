package dev.caravan.ledger;

import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import dev.caravan.function.OrderKey;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * A call's row and the rules by which it changes; no I/O.
 *
 * @param begun the highest attempt of this generation that was started
 * @param settled the highest attempt of this generation whose end is known
 * @param worker the node that began or settled it last; null while none has, and for what is older than this column
 */
record Row(
        CallId id,
        String queue,
        FunctionName function,
        int generation,
        int begun,
        int settled,
        CallState state,
        @Nullable DeadReason reason,
        int statusCode,
        int replays,
        Instant submittedAt,
        @Nullable Instant nextAttemptAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable Duration took,
        @Nullable String excerpt,
        @Nullable String worker,
        @Nullable OrderKey orderKey) {

    static Row accepted(Call call, @Nullable Instant notBefore) {
        return new Row(
                call.id(),
                call.queue(),
                call.function(),
                call.generation(),
                0,
                call.attempt() - 1,
                notBefore == null ? CallState.QUEUED : CallState.SCHEDULED,
                null,
                0,
                call.generation() - 1,
                call.submittedAt().truncatedTo(ChronoUnit.MILLIS),
                millis(notBefore),
                null,
                null,
                null,
                null,
                null,
                call.orderKey());
    }

    /** The same, as this node has made it. */
    Row by(@Nullable String node) {
        return with(queue, function, node);
    }

    /** Whether what a message says has been settled already. */
    boolean isPast(Call call) {
        return generation > call.generation()
                || (generation == call.generation() && (state.terminal() || settled >= call.attempt()));
    }

    /** Whether this one knows of something later in the call's life than another. */
    boolean isAheadOf(Row other) {
        if (generation != other.generation) {
            return generation > other.generation;
        }
        if (state.terminal() != other.state.terminal()) {
            return state.terminal();
        }
        return settled != other.settled ? settled > other.settled : begun > other.begun;
    }

    /** The attempt to count a message as; only when this row is not past it. */
    int attemptOf(Call call) {
        return generation == call.generation() && begun >= call.attempt() ? begun + 1 : call.attempt();
    }

    Row begun(Call call, Instant now) {
        Row row = inGenerationOf(call);
        return row.copy(
                row.generation,
                attemptOf(call),
                row.settled,
                CallState.RUNNING,
                null,
                row.statusCode,
                row.replays,
                null,
                millis(now),
                null,
                null,
                null);
    }

    /** Back to its queue: nothing was tried, so nothing has begun. */
    Row released(Call call) {
        return copy(
                generation,
                call.attempt() - 1,
                settled,
                CallState.QUEUED,
                null,
                statusCode,
                replays,
                null,
                startedAt,
                null,
                null,
                null);
    }

    Row settled(Settlement settlement, Instant now) {
        Call call = settlement.call();
        boolean succeeded = settlement.state() == CallState.SUCCEEDED;
        Row row = inGenerationOf(call);
        return row.copy(
                row.generation,
                Math.max(row.begun, call.attempt()),
                call.attempt(),
                settlement.state(),
                settlement.reason(),
                settlement.attempt().statusCode(),
                row.replays,
                millis(settlement.nextAttemptAt()),
                millis(settlement.attempt().startedAt()),
                settlement.state().terminal() ? millis(now) : null,
                succeeded ? settlement.attempt().took() : null,
                succeeded ? settlement.attempt().responseExcerpt() : null);
    }

    /** Whether it waits: in its queue, or for its time to come. */
    boolean waits() {
        return state == CallState.QUEUED || state == CallState.SCHEDULED || state == CallState.RETRYING;
    }

    /** Taken back; what it was answered before stays. */
    Row cancelled(Instant now) {
        return copy(
                generation,
                begun,
                settled,
                CallState.CANCELLED,
                null,
                statusCode,
                replays,
                null,
                startedAt,
                millis(now),
                null,
                null);
    }

    /** @param replayed says which function and queue it goes on in; null for the same */
    Row reopened(@Nullable Call replayed) {
        Row row = replayed == null ? this : directedAs(replayed);
        return row.copy(
                generation + 1, 0, 0, CallState.QUEUED, null, statusCode, replays + 1, null, null, null, null, null);
    }

    /** Whether the end of this generation is known without a result: there was no answer, or nothing but its status. */
    boolean answeredNothing() {
        return statusCode == 0 || state == CallState.SUCCEEDED && excerpt == null;
    }

    CountKey countKey() {
        return new CountKey(queue, function, state);
    }

    CallStatus status() {
        return new CallStatus(
                id,
                function,
                queue,
                state,
                generation,
                begun,
                reason,
                statusCode,
                replays,
                submittedAt,
                nextAttemptAt,
                startedAt,
                finishedAt,
                orderKey);
    }

    /** A replay's message may be taken before the replay itself is committed: the row follows the message. */
    private Row inGenerationOf(Call call) {
        return generation >= call.generation()
                ? this
                : directedAs(call)
                        .copy(
                                call.generation(),
                                0,
                                0,
                                CallState.QUEUED,
                                null,
                                statusCode,
                                replays + call.generation() - generation,
                                null,
                                null,
                                null,
                                null,
                                null);
    }

    /** A replay may go to another function than the call came for. */
    private Row directedAs(Call call) {
        return with(call.queue(), call.function(), worker);
    }

    private Row with(String otherQueue, FunctionName otherFunction, @Nullable String otherWorker) {
        return new Row(
                id,
                otherQueue,
                otherFunction,
                generation,
                begun,
                settled,
                state,
                reason,
                statusCode,
                replays,
                submittedAt,
                nextAttemptAt,
                startedAt,
                finishedAt,
                took,
                excerpt,
                otherWorker,
                orderKey);
    }

    private static @Nullable Instant millis(@Nullable Instant instant) {
        return instant == null ? null : instant.truncatedTo(ChronoUnit.MILLIS);
    }

    private Row copy(
            int newGeneration,
            int newBegun,
            int newSettled,
            CallState newState,
            @Nullable DeadReason newReason,
            int newStatusCode,
            int newReplays,
            @Nullable Instant newNextAttemptAt,
            @Nullable Instant newStartedAt,
            @Nullable Instant newFinishedAt,
            @Nullable Duration newTook,
            @Nullable String newExcerpt) {
        return new Row(
                id,
                queue,
                function,
                newGeneration,
                newBegun,
                newSettled,
                newState,
                newReason,
                newStatusCode,
                newReplays,
                submittedAt,
                newNextAttemptAt,
                newStartedAt,
                newFinishedAt,
                newTook,
                newExcerpt,
                worker,
                orderKey);
    }
}
