package dev.caravan.function;

import java.time.Duration;

/**
 * What happens to calls, for whoever counts or logs it: rooms publish, telemetry listens. Methods must not block or
 * throw, and are called from any thread.
 */
public interface CallEvents {

    /** A call reached a function, synchronous or not. */
    default void invocationStarted(FunctionName function) {}

    /** It came back: the function's status, or the status that stands for its failure. */
    default void invocationFinished(FunctionName function, int status, Duration took) {}

    /** A call that found no replica ready has one now. */
    default void coldStarted(FunctionName function, Duration waited) {}

    /** An asynchronous call is in the broker's journal. */
    default void accepted(Call call) {}

    /** The door refused an asynchronous call with this status. */
    default void refused(int status) {}

    /** A worker took a call from its queue. */
    default void taken(Call call) {}

    /** A message was recognised as already settled and dropped. */
    default void duplicateDropped(Call call) {}

    /**
     * Somebody took a call back before it was over.
     *
     * @param queue the logical one
     * @param attempt the last one that has begun; 0 when none has
     */
    default void cancelled(CallId call, FunctionName function, String queue, int generation, int attempt) {}

    /** A cancelled call's message was dropped, before it ran or after it was interrupted. */
    default void cancelledDropped(Call call) {}

    /** This attempt failed; the next is due after {@code delay}. */
    default void retried(Call call, Attempt failed, Duration delay) {}

    /** A retry was due, and was put off for {@code delay} since its function has had as many as it may. */
    default void putOff(Call call, Duration delay) {}

    /** The call is over and well. */
    default void succeeded(Call call, Attempt last) {}

    /** The call is over and stands in its dead-letter queue. */
    default void died(Call call, DeadReason reason, Attempt last) {}

    /** An operator sent a dead call round again. */
    default void replayed(Call call) {}

    /** The result was posted to the callback URL. */
    default void callbackDelivered(Call call, int status) {}

    /** A report came in from outside (contract section 1.13). */
    default void reported(FunctionName function, int status, Duration took) {}
}
