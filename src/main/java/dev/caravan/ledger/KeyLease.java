package dev.caravan.ledger;

import dev.caravan.function.CallId;

/**
 * The right to send the one call that an idempotency key stands for. Others who come with the key wait until this is
 * closed; when it was never {@link #sent}, the next of them may send it, under the same id.
 */
public final class KeyLease implements AutoCloseable {

    private final CallId id;
    private final Runnable sent;
    private final Runnable closed;

    KeyLease(CallId id, Runnable sent, Runnable closed) {
        this.id = id;
        this.sent = sent;
        this.closed = closed;
    }

    /** Under which the call is to be sent, now and ever. */
    public CallId id() {
        return id;
    }

    /** The broker has the call on disk. */
    public void sent() {
        sent.run();
    }

    /** Closing it again does nothing. */
    @Override
    public void close() {
        closed.run();
    }
}
