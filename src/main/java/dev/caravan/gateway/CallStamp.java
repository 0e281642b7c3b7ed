package dev.caravan.gateway;

import dev.caravan.function.CallId;
import io.vertx.core.MultiMap;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Gives each call the headers that its answer carries, whoever answers: its id, when it came in, who served it.
 *
 * <p>A caller's {@code X-Call-Id} is kept as it is when it is fit for headers and logs: at most 128 visible ASCII
 * characters. Any other is replaced by one of ours, for the function too.
 */
public final class CallStamp {

    private static final long NANOS = 1_000_000_000L;
    private static final int LONGEST_ID = 128;

    private final InstantSource clock;
    private final String servedBy;

    /** @param version of Caravan */
    public CallStamp(InstantSource clock, String version) {
        this.clock = clock;
        this.servedBy = "caravan/" + version;
    }

    /** @param request the headers of the call that comes in now */
    CallHeaders stamp(MultiMap request) {
        String given = request.get("X-Call-Id");
        String callId = given != null && isFit(given) ? given : CallId.random().text();
        Instant now = clock.instant();
        String startTime = Long.toString(now.getEpochSecond() * NANOS + now.getNano());
        return new CallHeaders(callId, startTime, System.nanoTime(), servedBy);
    }

    private static boolean isFit(String id) {
        for (int i = 0; i < id.length(); i++) {
            if (id.charAt(i) <= ' ' || id.charAt(i) > '~') {
                return false;
            }
        }
        return !id.isEmpty() && id.length() <= LONGEST_ID;
    }
}
