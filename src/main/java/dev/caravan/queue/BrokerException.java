package dev.caravan.queue;

import org.jspecify.annotations.Nullable;

/** The broker cannot be used. The message is one readable line. */
public final class BrokerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public BrokerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
