package dev.caravan.letters;

import dev.caravan.ledger.ReplayJob;
import dev.caravan.ledger.ReplayJob.Progress;
import dev.caravan.ledger.ReplayJobs;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Stops a bulk replay whose calls fail again. It looks at what became of them, so not too many may be unfinished at the
 * same time: at most a second's worth, and at least 100; and while its canaries are out, no more than are left of these.
 */
final class FailureBrake {

    /** So many must have an outcome before anything is concluded. */
    private static final int FEWEST = 10;

    private static final int LEAST_WINDOW = 100;
    private static final long LEAST_INTERVAL_NANOS = 100_000_000;

    /** Looking costs a query over all of the job's calls: a tenth of the time at most goes into it. */
    private static final int THRIFT = 9;

    private final ReplayJob job;
    private final ReplayJobs jobs;
    private final LongSupplier nanos;
    private final long window;
    private long nextLook;
    private boolean looked;

    /** Replayed by a process before this one. */
    private long before;

    private long sent;
    private long unfinished;
    private long canariesWell;
    private Optional<String> objection = Optional.empty();

    FailureBrake(ReplayJob job, ReplayJobs jobs, LongSupplier nanos) {
        this.job = job;
        this.jobs = jobs;
        this.nanos = nanos;
        this.window = Math.max(LEAST_WINDOW, (long) Math.ceil(job.ratePerSecond()));
        this.nextLook = nanos.getAsLong();
    }

    int allowed() {
        if (canariesAreOut()) {
            return between(job.canaries() - canariesWell - unfinished);
        }
        return job.stopAtFailureRate() == 0 ? Pace.MOST : between(window - unfinished);
    }

    private static int between(long allowed) {
        return (int) Math.max(0, Math.min(Pace.MOST, allowed));
    }

    void used(int count) {
        sent += count;
        unfinished += count;
    }

    long millisToNext() {
        return isOff() ? 0 : LEAST_INTERVAL_NANOS / 1_000_000;
    }

    /** Why the job must stop; empty while it may go on. */
    Optional<String> objection() {
        if (!isOff() && nanos.getAsLong() - nextLook >= 0) {
            look();
        }
        return objection;
    }

    private void look() {
        long begun = nanos.getAsLong();
        Progress progress = jobs.progress(job.id());
        if (!looked) {
            before = progress.replayed();
            looked = true;
        }
        // What was sent a moment ago may not stand there as replayed yet.
        unfinished = progress.unfinished() + Math.max(0, before + sent - progress.replayed());
        canariesWell = progress.succeeded();
        judge(progress);
        long now = nanos.getAsLong();
        nextLook = now + Math.max(LEAST_INTERVAL_NANOS, THRIFT * (now - begun));
    }

    private void judge(Progress progress) {
        long known = progress.succeeded() + progress.failed();
        if (canariesAreOut() && progress.failed() > 0) {
            objection = Optional.of(progress.failed() + " of the first " + known
                    + " calls failed again, and all others wait until " + job.canaries() + " have succeeded");
        } else if (job.stopAtFailureRate() > 0
                && known >= FEWEST
                && progress.failed() >= job.stopAtFailureRate() * known) {
            objection = Optional.of(String.format(
                    Locale.ROOT,
                    "%d of %d replayed calls failed again, it stops at %.0f %%",
                    progress.failed(),
                    known,
                    job.stopAtFailureRate() * 100));
        }
    }

    private boolean canariesAreOut() {
        return canariesWell < job.canaries();
    }

    /** Once the canaries are well, only the share of failures counts. */
    private boolean isOff() {
        return job.stopAtFailureRate() == 0 && !canariesAreOut();
    }
}
