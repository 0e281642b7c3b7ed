package dev.caravan.function;

/** A function could not be called. The message is one line, safe to show a caller. */
public final class FunctionCallException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final FailureCode code;

    public FunctionCallException(FailureCode code, String message) {
        // No stack trace: this is an expected outcome on a hot path, and its message says all.
        super(message, null, false, false);
        this.code = code;
    }

    public FailureCode code() {
        return code;
    }
}
