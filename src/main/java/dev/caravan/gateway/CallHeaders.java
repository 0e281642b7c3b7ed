package dev.caravan.gateway;

import io.vertx.core.MultiMap;

/**
 * The headers that every answer about one call carries (contract section 2.1). A function's own of the same name
 * replace them.
 *
 * @param startTime decimal Unix nanoseconds
 * @param startedNanos {@link System#nanoTime} at the same moment
 * @param servedBy product and version
 */
record CallHeaders(String callId, String startTime, long startedNanos, String servedBy) {

    /** Exchange property of the call that a request is about. */
    static final String PROPERTY = "CaravanCallHeaders";

    /** The same call under the id that it was accepted as. */
    CallHeaders as(String otherId) {
        return new CallHeaders(otherId, startTime, startedNanos, servedBy);
    }

    void addMissingTo(MultiMap headers) {
        if (!headers.contains("X-Call-Id")) {
            headers.add("X-Call-Id", callId);
        }
        if (!headers.contains("X-Start-Time")) {
            headers.add("X-Start-Time", startTime);
        }
        if (!headers.contains("X-Served-By")) {
            headers.add("X-Served-By", servedBy);
        }
        if (!headers.contains("X-Duration-Seconds")) {
            headers.add("X-Duration-Seconds", seconds(System.nanoTime() - startedNanos));
        }
    }

    /** Six decimals, e.g. {@code 0.002885}. */
    static String seconds(long nanos) {
        long micros = nanos / 1_000;
        String fraction = Long.toString(micros % 1_000_000 + 1_000_000).substring(1);
        return micros / 1_000_000 + "." + fraction;
    }
}
