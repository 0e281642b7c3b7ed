package dev.caravan.ledger;

import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallState;
import dev.caravan.function.DeadReason;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became of one attempt of a call, identified by the call's (id, generation, attempt).
 *
 * @param call as it was run: its attempt is the number {@link Position.Run} gave
 * @param state retrying, succeeded or dead
 * @param nextAttemptAt when it is tried again; only when retrying
 * @param reason why it is dead; only when dead
 * @param attempt the try itself, for the history
 * @param deadLetter what to find and replay it by; only when dead
 * @param result what the function answered; null when it did not, or when the call is not over
 */
public record Settlement(
        Call call,
        CallState state,
        @Nullable Instant nextAttemptAt,
        @Nullable DeadReason reason,
        Attempt attempt,
        @Nullable DeadLetter deadLetter,
        @Nullable CallResult result) {

    public Settlement {
        if (state != CallState.RETRYING && state != CallState.SUCCEEDED && state != CallState.DEAD) {
            throw new IllegalArgumentException("an attempt cannot end as " + state.word());
        }
        if ((state == CallState.DEAD) != (reason != null)) {
            throw new IllegalArgumentException("exactly a dead call has a reason");
        }
    }

    public static Settlement succeeded(Call call, Attempt attempt) {
        return new Settlement(call, CallState.SUCCEEDED, null, null, attempt, null, null);
    }

    public static Settlement retrying(Call call, Attempt attempt, Instant nextAttemptAt) {
        return new Settlement(call, CallState.RETRYING, nextAttemptAt, null, attempt, null, null);
    }

    public static Settlement dead(Call call, Attempt attempt, DeadLetter letter) {
        return new Settlement(call, CallState.DEAD, null, letter.reason(), attempt, letter, null);
    }

    /** The same, with what is to be kept of the answer. */
    public Settlement with(@Nullable CallResult answer) {
        return new Settlement(call, state, nextAttemptAt, reason, attempt, deadLetter, answer);
    }
}
