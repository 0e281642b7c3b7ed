package dev.caravan.resque;

/** Redis did not do what it was asked. The message is one line without secrets. */
public final class RedisException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean away;

    RedisException(String message, boolean away, Throwable cause) {
        super(message, cause);
        this.away = away;
    }

    /** Whether the connection was lost or never made: nobody knows whether what was asked for was done. */
    public boolean away() {
        return away;
    }
}
