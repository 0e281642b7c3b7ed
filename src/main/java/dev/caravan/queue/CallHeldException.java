package dev.caravan.queue;

/**
 * A call cannot run now through no fault of its own (no ready replica, engine away): it stays on its queue, unacknowledged,
 * and is offered again a little later. This is not an attempt.
 */
public final class CallHeldException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public CallHeldException(String message) {
        super(message, null, false, false);
    }
}
