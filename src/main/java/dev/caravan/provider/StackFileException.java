package dev.caravan.provider;

/** A stack file, or one entry of it, does not make sense. The message is one line that names file, line and key. */
public final class StackFileException extends Exception {

    private static final long serialVersionUID = 1L;

    public StackFileException(String message) {
        super(message);
    }

    public StackFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
