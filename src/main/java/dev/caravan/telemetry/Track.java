package dev.caravan.telemetry;

import java.util.Arrays;

/**
 * Some figures of one thing as they went: the last hour closely, the last three days roughly. What was not seen, since
 * nobody looked or the process was not there, is a gap.
 */
final class Track {

    /** What is made of several figures when there is room for one. */
    enum Kind {
        /** How much there is of something: the highest counts, so that no peak is lost. */
        LEVEL,
        /** How often something happened meanwhile: their sum. */
        FLOW,
        /** What was worked out anew each time: what came last. */
        LATEST
    }

    /** Stands for a gap. */
    static final int UNKNOWN = -1;

    /** So many close steps are one rough one. */
    static final int STEPS_IN_ROUGH = 30;

    static final int CLOSE = 360;
    static final int ROUGH = 864;

    private final Ring close;
    private final Ring rough;

    /** @param kinds of the figures, in the order in which they come */
    Track(Kind... kinds) {
        close = new Ring(CLOSE, kinds);
        rough = new Ring(ROUGH, kinds);
    }

    /** @param step the number of the close step that these figures are of; never less than before */
    void add(long step, int[] figures) {
        add(step, figures, figures);
    }

    /** The same, with other figures for the rough step. */
    void add(long step, int[] figures, int[] roughly) {
        close.add(step, figures);
        rough.add(step / STEPS_IN_ROUGH, roughly);
    }

    /** One figure over the last {@value #CLOSE} steps up to this one. */
    int[] close(int figure, long last) {
        return close.read(figure, last);
    }

    /** One figure over the last {@value #ROUGH} rough steps up to the one with this close step. */
    int[] rough(int figure, long last) {
        return rough.read(figure, last / STEPS_IN_ROUGH);
    }

    boolean isForgotten(long step) {
        return rough.newest + ROUGH <= step / STEPS_IN_ROUGH;
    }

    private static final class Ring {
        private final Kind[] kinds;
        private final long[] steps;

        /** Of one step behind those of another: an array for each would take as much room again. */
        private final int[] figures;

        private long newest;

        Ring(int length, Kind... kinds) {
            this.kinds = kinds.clone();
            this.steps = new long[length];
            this.figures = new int[length * kinds.length];
            Arrays.fill(steps, UNKNOWN);
        }

        void add(long step, int[] fresh) {
            int slot = (int) (step % steps.length);
            int at = slot * kinds.length;
            if (steps[slot] == step) {
                for (int i = 0; i < kinds.length; i++) {
                    figures[at + i] = both(kinds[i], figures[at + i], fresh[i]);
                }
            } else {
                steps[slot] = step;
                System.arraycopy(fresh, 0, figures, at, kinds.length);
            }
            newest = step;
        }

        private static int both(Kind kind, int before, int now) {
            return switch (kind) {
                case LEVEL -> Math.max(before, now);
                case FLOW -> before + now;
                case LATEST -> now;
            };
        }

        int[] read(int figure, long last) {
            int[] read = new int[steps.length];
            for (int i = 0; i < read.length; i++) {
                long step = last - read.length + 1 + i;
                int slot = (int) (Math.max(0, step) % steps.length);
                read[i] = steps[slot] == step ? figures[slot * kinds.length + figure] : UNKNOWN;
            }
            return read;
        }
    }
}
