package dev.caravan.provider;

import org.jspecify.annotations.Nullable;

/** A provider refused or failed. The message is one readable line: clients print it as it is. */
public final class ProviderException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Whose fault it is, and so which status the caller gets. */
    public enum Code {
        /** The request can never work. */
        INVALID(400),
        NOT_FOUND(404),
        /** The name is taken; 400 as every provider answers (contract section 1.5). */
        EXISTS(400),
        /** What is there is in the way: a secret or namespace of that name, or what a namespace still holds. */
        CONFLICT(409),
        TOO_LARGE(413),
        /** The engine failed or is away. */
        UNAVAILABLE(503);

        private final int status;

        Code(int status) {
            this.status = status;
        }

        public int status() {
            return status;
        }
    }

    private final Code code;

    public ProviderException(Code code, String message) {
        this(code, message, null);
    }

    public ProviderException(Code code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
