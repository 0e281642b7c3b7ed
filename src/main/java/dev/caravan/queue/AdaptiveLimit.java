package dev.caravan.queue;

import dev.caravan.function.CallId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Finds out how many calls a function can take at once from its 429 and 503: halved by a push-back, one more for each
 * round of successes (additive increase, multiplicative decrease, as TCP does). After a push-back nothing is given for a
 * moment. Not safe for several threads; times are nanoseconds of one clock.
 */
final class AdaptiveLimit {

    private static final long FIRST_PAUSE = Duration.ofMillis(200).toNanos();
    private static final long LONGEST_PAUSE = Duration.ofSeconds(5).toNanos();

    /** Of what {@code Retry-After} asks for: one call's wish must not stop the others for an hour. */
    private static final Duration LONGEST_WISH = Duration.ofMinutes(1);

    /** So long after the last push-back the limit is forgotten. */
    private static final long MEMORY = Duration.ofMinutes(10).toNanos();

    /** How often a call may be refused while others succeed before it is taken to be the call's own fault. */
    private static final int PATIENCE = 20;

    private static final int MOST_REMEMBERED = 1_000;

    /** How often a call was refused, and how many others had succeeded by the last time. */
    private record Refusals(int times, long successes) {}

    private final Map<CallId, Refusals> refused = new LinkedHashMap<>();
    private double limit = Double.POSITIVE_INFINITY;
    private long loweredAt;
    private long pausedUntil;
    private long pause = FIRST_PAUSE;
    private long successes;

    AdaptiveLimit(long now) {
        this.loweredAt = now - FIRST_PAUSE;
        this.pausedUntil = now;
    }

    /** How many calls may run at once; {@link Integer#MAX_VALUE} when that is not known to be limited. */
    int limit() {
        return Double.isInfinite(limit) ? Integer.MAX_VALUE : (int) limit;
    }

    /** How long nothing may be given; 0 when there is no pause. */
    long pause(long now) {
        if (!Double.isInfinite(limit) && now - loweredAt > MEMORY) {
            limit = Double.POSITIVE_INFINITY;
        }
        return Math.max(0, pausedUntil - now);
    }

    /** @param inFlight calls that ran at once, this one included: a limit that is not reached is not raised */
    void succeeded(CallId call, int inFlight) {
        refused.remove(call);
        successes++;
        pause = FIRST_PAUSE;
        if (inFlight >= limit - 1) {
            limit += 1 / limit;
        }
    }

    /** The call failed in another way, which says nothing about how many are too many. */
    void failed(CallId call) {
        refused.remove(call);
    }

    /**
     * @param inFlight calls that ran at once, this one included
     * @param began when this call was given to the function
     * @param wish what {@code Retry-After} asks for; nothing when it is absent
     * @return false when it seems to be the call's fault: the function takes others, and this one never
     */
    boolean pushedBack(CallId call, int inFlight, long began, long now, Duration wish) {
        if (!remember(call)) {
            return false;
        }
        Duration heeded = wish.compareTo(LONGEST_WISH) < 0 ? wish : LONGEST_WISH;
        pausedUntil = Math.max(pausedUntil, now + heeded.toNanos());
        // What was under way when the limit was lowered says nothing about the new one.
        if (began - loweredAt >= 0) {
            limit = Math.max(1, Math.floor(Math.min(limit, inFlight) / 2));
            loweredAt = now;
            pausedUntil = Math.max(pausedUntil, now + pause);
            pause = Math.min(pause * 2, LONGEST_PAUSE);
        }
        return true;
    }

    private boolean remember(CallId call) {
        Refusals before = refused.remove(call);
        int times = before == null ? 1 : before.times() + (before.successes() < successes ? 1 : 0);
        if (times > PATIENCE) {
            return false;
        }
        refused.put(call, new Refusals(times, successes));
        if (refused.size() > MOST_REMEMBERED) {
            refused.remove(refused.keySet().iterator().next());
        }
        return true;
    }
}
