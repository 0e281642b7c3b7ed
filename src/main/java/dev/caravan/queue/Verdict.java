package dev.caravan.queue;

import dev.caravan.function.Attempt;
import dev.caravan.function.CallState;
import dev.caravan.function.DeadReason;
import java.time.Duration;
import java.util.function.BiFunction;
import java.util.function.Function;

/** What follows from an attempt, or from a call that was taken before one could be made. */
public sealed interface Verdict {

    /** What happened. */
    Attempt attempt();

    /** The call is over and well. */
    record Succeeded(Attempt attempt) implements Verdict {}

    /** It is tried again after {@code delay}. */
    record Retry(Attempt attempt, Duration delay) implements Verdict {}

    /** It was too early: nothing was tried, and it is due again, as the same attempt, after {@code delay}. */
    record PutOff(Attempt attempt, Duration delay) implements Verdict {}

    /** It will not be tried again. */
    record Dead(Attempt attempt, DeadReason reason) implements Verdict {}

    /** Somebody took the call back while it ran: nothing follows. */
    record Cancelled(Attempt attempt) implements Verdict {}

    /** One function per case, so that the compiler finds every reader when a case is added. */
    default <T> T fold(
            Function<Attempt, T> succeeded,
            BiFunction<Attempt, Duration, T> retry,
            BiFunction<Attempt, Duration, T> putOff,
            BiFunction<Attempt, DeadReason, T> dead,
            Function<Attempt, T> cancelled) {
        if (this instanceof Succeeded verdict) {
            return succeeded.apply(verdict.attempt());
        }
        if (this instanceof Retry verdict) {
            return retry.apply(verdict.attempt(), verdict.delay());
        }
        if (this instanceof PutOff verdict) {
            return putOff.apply(verdict.attempt(), verdict.delay());
        }
        if (this instanceof Dead verdict) {
            return dead.apply(verdict.attempt(), verdict.reason());
        }
        return cancelled.apply(((Cancelled) this).attempt());
    }

    /** The state the call is in by this verdict. */
    default CallState state() {
        return fold(
                done -> CallState.SUCCEEDED,
                (done, delay) -> CallState.RETRYING,
                (early, delay) -> CallState.RETRYING,
                (done, reason) -> CallState.DEAD,
                done -> CallState.CANCELLED);
    }
}
