package dev.caravan.ledger;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A bulk replay of dead letters.
 *
 * @param filter JSON, as it was asked for; the ledger does not read it
 * @param ratePerSecond letters per second; 0 for as fast as they can be sent
 * @param stopAtFailureRate it stops when this share of what it replayed has failed again, 0 to 1; 0 for never
 * @param canaries so many are replayed first, and all others once so many have succeeded; the first that fails stops the job.
 *     0 for none
 * @param forced whether letters are replayed that have been replayed too often
 * @param matched how many letters there were when it was made
 * @param note why it stopped; null when nobody needs to be told
 */
public record ReplayJob(
        String id,
        State state,
        String filter,
        double ratePerSecond,
        double stopAtFailureRate,
        int canaries,
        boolean forced,
        long matched,
        @Nullable String note,
        Instant createdAt,
        @Nullable Instant finishedAt) {

    /** Where a job is. */
    public enum State {
        RUNNING,
        PAUSED,
        DONE,
        CANCELLED,
        /** By itself: too much of what it replayed has failed again. */
        STOPPED;

        /** The word in the API and the database. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        public boolean over() {
            return this != RUNNING && this != PAUSED;
        }

        static State ofWord(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /**
     * How far a job has come.
     *
     * @param waiting letters that are still to be replayed
     * @param replayed letters whose calls were sent round again
     * @param refused letters that had been replayed too often
     * @param gone letters that somebody else replayed or deleted before it was their turn
     * @param succeeded replayed calls that are over and well
     * @param failed replayed calls that are dead again, or wait to be retried
     * @param unfinished replayed calls that wait or run
     */
    public record Progress(
            long waiting, long replayed, long refused, long gone, long succeeded, long failed, long unfinished) {}
}
