package dev.caravan.ledger;

import java.time.Instant;
import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A bulk replay of dead letters.
 *
 * @param filter JSON, as it was asked for; the ledger does not read it
 * @param stagesPassed so many stages of its plan are well behind it
 * @param matched how many letters there were when it was made
 * @param note why it stopped; null when nobody needs to be told
 */
public record ReplayJob(
        String id,
        State state,
        String filter,
        ReplayPlan plan,
        int stagesPassed,
        long matched,
        @Nullable String note,
        Instant createdAt,
        @Nullable Instant finishedAt) {

    /** One that has not been noted yet. */
    public static ReplayJob asked(String id, String filter, ReplayPlan plan, Instant now) {
        return new ReplayJob(id, State.RUNNING, filter, plan, 0, 0, null, now, null);
    }

    /** Whether it waits for its time. */
    public boolean scheduledAt(Instant now) {
        return state == State.RUNNING && plan.startAt() != null && now.isBefore(plan.startAt());
    }

    /** How many calls it waits for before it goes on; empty when there is no stage left. */
    public OptionalInt canariesAfter(int passed) {
        return passed < plan.canaries().size() ? OptionalInt.of(plan.canaries().get(passed)) : OptionalInt.empty();
    }

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
     * @param retrying those of the failed that wait to be retried
     * @param unfinished replayed calls that wait or run
     */
    public record Progress(
            long waiting,
            long replayed,
            long refused,
            long gone,
            long succeeded,
            long failed,
            long retrying,
            long unfinished) {

        /** Replayed calls that have shown whether they fail. */
        public long known() {
            return succeeded + failed;
        }

        /** Replayed calls that are not over. */
        public long inFlight() {
            return unfinished + retrying;
        }
    }
}
