package dev.caravan.queue;

import dev.caravan.config.Rate;

/**
 * Lets through what a rate allows, and a burst after a pause. It starts full. Not safe for several threads; times are
 * nanoseconds of one clock.
 *
 * <p>Not Resilience4j's rate limiter, which gives out all permissions of a cycle at once and knows no burst.
 */
final class TokenBucket {

    private final double perNano;
    private final int burst;
    private double tokens;
    private long filledAt;

    TokenBucket(Rate rate, int burst, long now) {
        this.perNano = rate.perSecond() / 1e9;
        this.burst = burst;
        this.tokens = burst;
        this.filledAt = now;
    }

    /** How long until the next may pass; 0 when it may now. */
    long early(long now) {
        tokens = Math.min(burst, tokens + Math.max(0, now - filledAt) * perNano);
        filledAt = now;
        return tokens >= 1 ? 0 : (long) Math.ceil((1 - tokens) / perNano);
    }

    /** After {@link #early} said 0. */
    void take() {
        tokens -= 1;
    }

    /** What was taken was not used. */
    void giveBack() {
        tokens = Math.min(burst, tokens + 1);
    }
}
