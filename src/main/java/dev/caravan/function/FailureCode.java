package dev.caravan.function;

/** Why a function gave no answer; never renamed. */
public enum FailureCode {
    /** Nothing is deployed under that name. */
    UNKNOWN_FUNCTION(404, false),
    /** It is deployed, but no replica can take a call now. */
    NO_REPLICA(503, true),
    /** The provider (engine, cluster) cannot be asked. */
    PROVIDER_UNAVAILABLE(503, true),
    /** A replica refused the connection, closed it early or broke HTTP. */
    UNREACHABLE(502, false),
    /** No complete answer in time. */
    TIMEOUT(504, false);

    private final int status;
    private final boolean held;

    FailureCode(int status, boolean held) {
        this.status = status;
        this.held = held;
    }

    /** The HTTP status a synchronous caller gets. */
    public int status() {
        return status;
    }

    /** Whether an asynchronous call waits in its queue instead of spending an attempt; a synchronous caller may too. */
    public boolean held() {
        return held;
    }
}
