package dev.caravan.resque;

import java.util.Optional;

/** Jobs that went on as calls of Caravan's own queues, as far as whoever keeps those calls knows them. For any thread. */
public interface JobCalls {

    /**
     * How a call ended.
     *
     * @param failure empty when it went well
     */
    record Ended(Optional<Failure> failure) {}

    /** Nothing ever goes on as a call. */
    JobCalls NONE = new JobCalls() {
        @Override
        public boolean known(String call) {
            return false;
        }

        @Override
        public Optional<Ended> ended(String call) {
            return Optional.empty();
        }

        @Override
        public void whenOver(String call, Runnable look) {}

        @Override
        public int generation(String call) {
            return 0;
        }

        @Override
        public boolean doneElsewhere(String call, int generation) {
            return false;
        }
    };

    /** Whether there is, or was, such a call. */
    boolean known(String call);

    /** Empty while it is not over, and when nobody here knows of it. */
    Optional<Ended> ended(String call);

    /**
     * Calls back when it may be over, on a thread that may wait; at once when it was over before. Another node may end it
     * unseen.
     */
    void whenOver(String call, Runnable look);

    /** Which time round a call is, from 1; 0 when nobody here knows of it. */
    int generation(String call);

    /** The job of a dead call is done anew by somebody else. False when the call has no dead letter of that generation. */
    boolean doneElsewhere(String call, int generation);
}
