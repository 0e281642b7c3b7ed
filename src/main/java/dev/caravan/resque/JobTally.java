package dev.caravan.resque;

import java.util.concurrent.atomic.LongAdder;

/** What came of the jobs that this process took, since it was started. For any thread. */
public final class JobTally {

    private final LongAdder taken = new LongAdder();
    private final LongAdder processed = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder running = new LongAdder();

    void took(int jobs) {
        taken.add(jobs);
    }

    void over(long jobs, long ofThemFailed) {
        processed.add(jobs);
        failed.add(ofThemFailed);
    }

    void began() {
        running.increment();
    }

    void ended() {
        running.decrement();
    }

    public long taken() {
        return taken.sum();
    }

    /** That are over, however they ended, as Redis counts them. */
    public long processed() {
        return processed.sum();
    }

    public long failed() {
        return failed.sum();
    }

    /** That a route is at. */
    public long running() {
        return running.sum();
    }
}
