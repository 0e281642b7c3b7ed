package dev.caravan.letters;

import dev.caravan.ledger.DeadLetterFilter;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerException;
import dev.caravan.ledger.ReplayJob;
import dev.caravan.ledger.ReplayJob.Progress;
import dev.caravan.ledger.ReplayJob.State;
import dev.caravan.ledger.ReplayJobs;
import dev.caravan.queue.BrokerException;
import dev.caravan.queue.DeadLetterQueues;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the bulk replays, each on a thread of its own. What a job is about stands in the ledger, and so does whether it is
 * paused or cancelled: a job that was interrupted goes on when the next process starts.
 */
public final class ReplayRunner implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReplayRunner.class);

    private static final long LOOK_AGAIN_MILLIS = 200;
    private static final long TROUBLE_MILLIS = 2_000;
    private static final long CLOSE_SECONDS = 10;

    private final Ledger ledger;
    private final ReplayJobs jobs;
    private final DeadLetterQueues queues;
    private final LetterReplay replay;
    private final Executor workers;
    private final InstantSource clock;
    private final Set<Thread> running = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closing = new CountDownLatch(1);

    /** @param workers runs what waits for the disk */
    public ReplayRunner(
            Ledger ledger, DeadLetterQueues queues, LetterReplay replay, Executor workers, InstantSource clock) {
        this.ledger = ledger;
        this.jobs = ledger.jobs();
        this.queues = queues;
        this.replay = replay;
        this.workers = workers;
        this.clock = clock;
    }

    /** Goes on with what the process before left. */
    public void start() {
        List<ReplayJob> unfinished = jobs.unfinished();
        for (ReplayJob job : unfinished) {
            LOG.info(
                    "bulk replay goes on job={} state={}", job.id(), job.state().word());
            run(job.id());
        }
    }

    /**
     * Notes a job and starts it.
     *
     * @param replayLimit letters that have been replayed so often are refused, unless its plan says otherwise
     */
    public ReplayJob submit(ReplayJob asked, DeadLetterFilter filter, int replayLimit) {
        ReplayJob job = jobs.create(asked, filter, replayLimit);
        LOG.info("bulk replay made job={} matched={} filter={}", job.id(), job.matched(), job.filter());
        run(job.id());
        return job;
    }

    private void run(String job) {
        var thread = new Thread(() -> goOn(job), "replay-" + job);
        thread.setDaemon(true);
        running.add(thread);
        thread.start();
    }

    private void goOn(String job) {
        boolean troubled = false;
        try {
            while (!closed()) {
                try {
                    replay(job);
                    return;
                } catch (BrokerException | LedgerException | CompletionException e) {
                    if (!troubled) {
                        LOG.warn("bulk replay waits job={}: it cannot go on now", job, e);
                    }
                    troubled = true;
                    pause(TROUBLE_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("bulk replay failed job={}; it goes on at the next start", job, e);
        } finally {
            running.remove(Thread.currentThread());
        }
    }

    /** Returns when the job is over, or this closes. */
    private void replay(String id) throws InterruptedException {
        Optional<ReplayJob> found = jobs.find(id);
        if (found.isEmpty()) {
            return;
        }
        var pace = new Pace(found.get().plan().ratePerSecond(), System::nanoTime);
        var brake = new FailureBrake(found.get(), jobs, System::nanoTime);
        for (String queue : jobs.queuesLeft(id)) {
            var round = new ReplayRound(id, queue, ledger, queues, replay, workers);
            do {
                if (!mayGoOn(id, pace, brake)) {
                    return;
                }
                int allowed = Math.min(pace.allowed(), brake.allowed());
                if (allowed < 1) {
                    pause(Math.min(LOOK_AGAIN_MILLIS, Math.max(pace.millisToNext(), brake.millisToNext())));
                    continue;
                }
                int sent = round.step(allowed);
                pace.used(sent);
                brake.used(sent);
            } while (!round.over());
        }
        end(id, State.DONE, null);
    }

    /** Waits while the job is paused or its time has not come; false when it is over or this closes. */
    private boolean mayGoOn(String id, Pace pace, FailureBrake brake) throws InterruptedException {
        boolean waited = false;
        while (!closed()) {
            Optional<ReplayJob> job = jobs.find(id);
            if (job.isEmpty() || job.get().state().over()) {
                return false;
            }
            Optional<String> objection = brake.objection();
            if (objection.isPresent()) {
                end(id, State.STOPPED, objection.get());
                return false;
            }
            if (job.get().state() == State.RUNNING && !job.get().scheduledAt(clock.instant())) {
                if (waited) {
                    pace.restart();
                }
                return true;
            }
            waited = true;
            pause(LOOK_AGAIN_MILLIS);
        }
        return false;
    }

    private void end(String id, State state, @Nullable String note) {
        if (jobs.end(id, state, note, clock.instant())) {
            Progress progress = jobs.progress(id);
            LOG.info(
                    "bulk replay {} job={} replayed={} refused={} gone={} note={}",
                    state.word(),
                    id,
                    progress.replayed(),
                    progress.refused(),
                    progress.gone(),
                    note);
        }
    }

    private boolean closed() {
        return closing.getCount() == 0;
    }

    private void pause(long millis) throws InterruptedException {
        closing.await(millis, TimeUnit.MILLISECONDS);
    }

    /** Jobs stop where they are, and go on at the next start. */
    @Override
    public void close() {
        closing.countDown();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
        for (Thread thread : running) {
            try {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime())));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
