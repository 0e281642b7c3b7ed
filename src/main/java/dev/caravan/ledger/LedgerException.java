package dev.caravan.ledger;

import org.jspecify.annotations.Nullable;

/** The ledger cannot be opened, read or written now. The message is one readable line; nothing was committed. */
public final class LedgerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public LedgerException(String message) {
        this(message, null);
    }

    public LedgerException(@Nullable String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
