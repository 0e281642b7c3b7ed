package dev.caravan.telemetry;

import java.util.Arrays;

/** Within what times a half, most and nearly all of something was done: in the latest step, and in the latest rough one. */
final class Percentiles {

    /** Of which percentiles there is a figure. */
    static final int[] OF = {50, 95, 99};

    private final int[] close = new int[TimeBuckets.SIZE];
    private final int[] rough = new int[TimeBuckets.SIZE];
    private long roughStep = Track.UNKNOWN;

    /** @param step the number of the close step that ends, as for {@link Track#add} */
    void take(long step, TimeBuckets times) {
        if (step / Track.STEPS_IN_ROUGH != roughStep) {
            roughStep = step / Track.STEPS_IN_ROUGH;
            Arrays.fill(rough, 0);
        }
        Arrays.fill(close, 0);
        if (times.moveTo(close)) {
            for (int i = 0; i < rough.length; i++) {
                rough[i] += close[i];
            }
        }
    }

    /** Writes those of the latest step to {@code figures}, from {@code at} on. */
    void writeClose(int[] figures, int at) {
        write(close, figures, at);
    }

    /** The same of the latest rough step. */
    void writeRough(int[] figures, int at) {
        write(rough, figures, at);
    }

    private static void write(int[] counts, int[] figures, int at) {
        for (int i = 0; i < OF.length; i++) {
            figures[at + i] = TimeBuckets.percentile(counts, OF[i]);
        }
    }
}
