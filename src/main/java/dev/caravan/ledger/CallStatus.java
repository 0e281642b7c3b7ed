package dev.caravan.ledger;

import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import dev.caravan.function.OrderKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a call is now. Times are to the millisecond.
 *
 * @param queue the logical queue
 * @param attempts how many attempts of this generation have begun
 * @param reason why it is dead; null when it is not
 * @param statusCode the last answer's status; 0 when there was none yet
 * @param replays how often an operator sent it round again
 * @param nextAttemptAt when a scheduled or retrying call is due
 * @param startedAt when its latest attempt began
 * @param finishedAt when this generation ended
 * @param orderKey null when it waits for no other call
 */
public record CallStatus(
        CallId callId,
        FunctionName function,
        String queue,
        CallState state,
        int generation,
        int attempts,
        @Nullable DeadReason reason,
        int statusCode,
        int replays,
        Instant submittedAt,
        @Nullable Instant nextAttemptAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable OrderKey orderKey) {}
