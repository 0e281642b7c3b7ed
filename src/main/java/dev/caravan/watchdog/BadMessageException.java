package dev.caravan.watchdog;

import java.io.IOException;

/** What came is no HTTP/1 message that we take; the message says why, in words for whoever sent it. */
final class BadMessageException extends IOException {

    private static final long serialVersionUID = 1L;

    private final int status;

    BadMessageException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** What to answer. */
    int status() {
        return status;
    }
}
