package dev.caravan.queue;

import java.time.Duration;

/**
 * A call cannot run now through no fault of its own (no ready replica, engine away, function
 * overloaded): it stays on its queue, unacknowledged,
 * and is offered again a little later. This is not an attempt.
 */
public final class CallHeldException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Duration pause;

    /** Offered again after a second. */
    public CallHeldException(String message) {
        this(message, Duration.ofSeconds(1));
    }

    /** @param pause before it is offered again; nothing when whoever lets calls in knows better */
    CallHeldException(String message, Duration pause) {
        super(message, null, false, false);
        this.pause = pause;
    }

    Duration pause() {
        return pause;
    }
}
