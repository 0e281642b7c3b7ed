package dev.caravan.telemetry;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * How often something took how long, in buckets that are wider the longer it took: exact below 32 ms, within a sixteenth
 * above, up to 24 days. Takes 1.8 KiB, however much is counted. For any thread; counting never waits.
 */
public final class TimeBuckets {

    /** Into so many parts each doubling of the time is cut. */
    private static final int PARTS = 16;

    private static final int EXACT = 2 * PARTS;
    private static final int DOUBLINGS = 26;

    /** How many buckets there are. */
    static final int SIZE = EXACT + DOUBLINGS * PARTS;

    private final AtomicIntegerArray counts = new AtomicIntegerArray(SIZE);
    private volatile boolean any;

    /** Counts one; what begins a millisecond has taken it. */
    void add(Duration took) {
        counts.incrementAndGet(bucket(took));
        if (!any) { // mostly it is: reading what others read costs nothing
            any = true;
        }
    }

    /** Moves to {@code sums} what was counted since this was last done; each call is moved once. */
    boolean moveTo(int[] sums) {
        if (!any) {
            return false;
        }
        any = false; // before it is read: what comes meanwhile says so again
        for (int i = 0; i < SIZE; i++) {
            if (counts.get(i) > 0) {
                sums[i] += counts.getAndSet(i, 0);
            }
        }
        return true;
    }

    private static int bucket(Duration took) {
        long nanos = Math.max(0, took.toNanos());
        int millis = (int) Math.min(Integer.MAX_VALUE, nanos / 1_000_000 + (nanos % 1_000_000 > 0 ? 1 : 0));
        if (millis < EXACT) {
            return millis;
        }
        int doubling = Integer.SIZE - Integer.numberOfLeadingZeros(millis / EXACT) - 1;
        return EXACT + doubling * PARTS + (millis >>> (doubling + 1)) - PARTS;
    }

    /** The longest time that falls into a bucket, in milliseconds. */
    private static int longest(int bucket) {
        if (bucket < EXACT) {
            return bucket;
        }
        int doubling = (bucket - EXACT) / PARTS;
        long part = (bucket - EXACT) % PARTS + PARTS;
        return (int) (((part + 1) << (doubling + 1)) - 1);
    }

    /**
     * Within what time so many percent of what was counted was done.
     *
     * @return milliseconds; {@link Track#UNKNOWN} when nothing was counted
     */
    static int percentile(int[] counts, int percent) {
        long all = 0;
        for (int count : counts) {
            all += count;
        }
        if (all == 0) {
            return Track.UNKNOWN;
        }
        long wanted = Math.max(1, (all * percent + 99) / 100);
        long seen = 0;
        int bucket = -1;
        while (seen < wanted) {
            bucket++;
            seen += counts[bucket];
        }
        return longest(bucket);
    }
}
