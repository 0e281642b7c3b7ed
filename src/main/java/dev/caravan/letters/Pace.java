package dev.caravan.letters;

import java.util.function.LongSupplier;

/**
 * So many a second, evenly: what could not be sent in time is made up for, but never by more than half a second's worth
 * at once.
 */
final class Pace {

    /** What one step may take at most, and all that a job without a rate looks at. */
    static final int MOST = 100;

    private static final double SECOND = 1e9;

    private final double ratePerSecond;
    private final double mostSaved;
    private final LongSupplier nanos;
    private long last;
    private double saved;

    /**
     * @param ratePerSecond 0 for no limit
     * @param nanos a clock that never jumps
     */
    Pace(double ratePerSecond, LongSupplier nanos) {
        this.ratePerSecond = ratePerSecond;
        this.mostSaved = Math.max(1, ratePerSecond / 2);
        this.nanos = nanos;
        this.last = nanos.getAsLong();
    }

    /** How many may be sent now. */
    int allowed() {
        if (ratePerSecond == 0) {
            return MOST;
        }
        long now = nanos.getAsLong();
        saved = Math.min(mostSaved, saved + (now - last) / SECOND * ratePerSecond);
        last = now;
        return (int) Math.min(MOST, saved);
    }

    void used(int count) {
        saved -= count;
    }

    /** Nothing is made up for what was not sent meanwhile. */
    void restart() {
        saved = 0;
        last = nanos.getAsLong();
    }

    /** How long until one more may be sent. */
    long millisToNext() {
        return ratePerSecond == 0 ? 0 : Math.max(1, (long) Math.ceil((1 - saved) / ratePerSecond * 1_000));
    }
}
