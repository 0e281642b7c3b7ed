package dev.caravan.component;

import dev.caravan.function.CallEvents;
import dev.caravan.function.FailureCode;
import dev.caravan.function.FunctionCallException;
import dev.caravan.function.FunctionName;
import dev.caravan.scaling.ScaleFromZero;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a call does that finds no replica ready: the endpoint's option {@code scaleFromZero}. */
final class ColdStart {

    /** The option's values. */
    enum Mode {
        /** Asks for a replica and waits for it, without a thread. */
        WAIT,
        /** Asks for a replica and fails at once: for callers that come again by themselves. */
        ASK,
        /** Fails at once. */
        OFF;

        static Mode of(String word) {
            for (Mode mode : values()) {
                if (mode.name().toLowerCase(Locale.ROOT).equals(word)) {
                    return mode;
                }
            }
            throw new IllegalArgumentException("scaleFromZero must be wait, ask or off, got: \"" + word + "\"");
        }
    }

    private final @Nullable ScaleFromZero scaling;
    private final Mode mode;
    private final Vertx vertx;
    private final CallEvents events;
    private final Duration limit;

    /**
     * @param scaling null where it is switched off: {@link Mode#OFF} for every endpoint
     * @param timeout of a call: nobody waits for longer
     */
    ColdStart(@Nullable ScaleFromZero scaling, Mode mode, Vertx vertx, CallEvents events, Duration timeout) {
        this.scaling = scaling;
        this.mode = mode;
        this.vertx = vertx;
        this.events = events;
        this.limit = scaling == null || scaling.longestWait().compareTo(timeout) > 0 ? timeout : scaling.longestWait();
    }

    /** @throws FunctionCallException {@code NO_REPLICA} unless the call may wait */
    void admit(FunctionName function) {
        if (scaling != null && mode == Mode.ASK) {
            scaling.ask(function);
        }
        if (scaling == null || mode != Mode.WAIT) {
            throw new FunctionCallException(
                    FailureCode.NO_REPLICA, "function \"" + function + "\" has no replica that is ready");
        }
    }

    /**
     * Waits for a replica of an admitted call. Exactly one of the two is told, on the context.
     *
     * @param cancellation ends the wait as a failure
     */
    void await(
            Context context,
            FunctionName function,
            @Nullable Cancellation cancellation,
            Consumer<List<URI>> ready,
            Consumer<FunctionCallException> failed) {
        if (scaling == null) {
            throw new IllegalStateException("admit() lets nobody through here");
        }
        ScaleFromZero starter = scaling;
        long begin = System.nanoTime();
        CompletableFuture<List<URI>> replicas = starter.await(function);
        long timer = vertx.setTimer(
                Math.max(1, limit.toMillis()),
                fired -> replicas.completeExceptionally(starter.tooLate(function, limit)));
        if (cancellation != null) {
            cancellation.onCancel(() -> replicas.completeExceptionally(new FunctionCallException(
                    FailureCode.NO_REPLICA, "function \"" + function + "\": the call was given up before it started")));
        }
        replicas.whenComplete((where, failure) -> context.runOnContext(now -> {
            vertx.cancelTimer(timer);
            if (failure == null) {
                events.coldStarted(function, Duration.ofNanos(System.nanoTime() - begin));
                ready.accept(where);
            } else {
                failed.accept((FunctionCallException) failure); // nobody completes it with another
            }
        }));
    }
}
