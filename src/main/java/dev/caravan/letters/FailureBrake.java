package dev.caravan.letters;

import dev.caravan.ledger.ReplayJob;
import dev.caravan.ledger.ReplayJob.Progress;
import dev.caravan.ledger.ReplayJobs;
import dev.caravan.ledger.ReplayPlan;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongSupplier;

/**
 * Holds a bulk replay back whose calls fail again: stage by stage while its canaries are out, and then by the share of
 * failures. It looks at what became of the calls, so not too many may be unfinished at the same time: at most a second's
 * worth, and at least 100; no more than are left of its stage; and no more than the job may have under way.
 */
final class FailureBrake {

    /** So many must have an outcome before a share of them tells something. */
    private static final int FEWEST = 10;

    private static final int LEAST_WINDOW = 100;
    private static final long LEAST_INTERVAL_NANOS = 100_000_000;

    /** Looking costs a query over all of the job's calls: a tenth of the time at most goes into it. */
    private static final int THRIFT = 9;

    private final ReplayJob job;
    private final ReplayPlan plan;
    private final ReplayJobs jobs;
    private final LongSupplier nanos;
    private final long window;
    private long nextLook;
    private boolean looked;

    /** Replayed by a process before this one. */
    private long before;

    private long sent;
    private long unfinished;
    private long retrying;
    private long known;
    private int stagesPassed;
    private Optional<String> objection = Optional.empty();

    FailureBrake(ReplayJob job, ReplayJobs jobs, LongSupplier nanos) {
        this.job = job;
        this.plan = job.plan();
        this.jobs = jobs;
        this.nanos = nanos;
        this.window = Math.max(LEAST_WINDOW, (long) Math.ceil(plan.ratePerSecond()));
        this.nextLook = nanos.getAsLong();
        this.stagesPassed = job.stagesPassed();
    }

    int allowed() {
        long allowed = Pace.MOST;
        OptionalInt canaries = job.canariesAfter(stagesPassed);
        if (canaries.isPresent()) {
            allowed = Math.min(allowed, canaries.getAsInt() - known - unfinished);
        }
        if (plan.stopAtFailureRate() > 0) {
            allowed = Math.min(allowed, window - unfinished);
        }
        if (plan.maxInFlight() > 0) {
            allowed = Math.min(allowed, plan.maxInFlight() - unfinished - retrying);
        }
        return (int) Math.max(0, allowed);
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
        retrying = progress.retrying();
        known = progress.known();
        objection = objectionTo(progress);
        if (objection.isEmpty()) {
            passStages();
        }
        long now = nanos.getAsLong();
        nextLook = now + Math.max(LEAST_INTERVAL_NANOS, THRIFT * (now - begun));
    }

    /** Few calls must all be well; of many, so many may fail as the job bears. */
    private Optional<String> objectionTo(Progress progress) {
        OptionalInt canaries = job.canariesAfter(stagesPassed);
        if (plan.stopAtFailureRate() > 0 && known >= FEWEST) {
            return progress.failed() >= plan.stopAtFailureRate() * known
                    ? Optional.of(String.format(
                            Locale.ROOT,
                            "%d of %d replayed calls failed again, it stops at %.0f %%",
                            progress.failed(),
                            known,
                            plan.stopAtFailureRate() * 100))
                    : Optional.empty();
        }
        return canaries.isPresent() && progress.failed() > 0
                ? Optional.of(progress.failed() + " of the first " + known
                        + " calls failed again, and all others wait until " + canaries.getAsInt() + " have succeeded")
                : Optional.empty();
    }

    /** Written down, so that no restart goes back to a smaller stage, whatever is known of its calls by then. */
    private void passStages() {
        int passed = stagesPassed;
        while (job.canariesAfter(passed).isPresent()
                && known >= job.canariesAfter(passed).getAsInt()) {
            passed++;
        }
        if (passed > stagesPassed) {
            jobs.passed(job.id(), passed);
            stagesPassed = passed;
        }
    }

    /** Once the canaries are well, only the share of failures and the number under way count. */
    private boolean isOff() {
        return plan.stopAtFailureRate() == 0
                && plan.maxInFlight() == 0
                && job.canariesAfter(stagesPassed).isEmpty();
    }
}
