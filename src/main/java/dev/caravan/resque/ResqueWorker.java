package dev.caravan.resque;

import dev.caravan.function.CallId;
import dev.caravan.resque.Inbox.Said;
import dev.caravan.resque.Payload.InvalidPayload;
import dev.caravan.resque.Turn.Free;
import dev.caravan.resque.Turn.Taken;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes jobs and tells Redis what became of them, both in one step and for many jobs at once, on a thread of its own. A
 * step that was cut off is asked for again under the same tokens, so a job whose answer got lost is not.
 *
 * <p>What ends a job may be called from any thread; each job is ended once.
 */
public final class ResqueWorker implements AutoCloseable {

    /**
     * @param concurrency how many jobs at once
     * @param idle the longest pause while there is nothing to do
     * @param whenEmpty run once, when all queues are empty and every job is over; null to go on for ever
     */
    public record Options(
            int concurrency, Duration idle, @Nullable Runnable whenEmpty) {

        public Options {
            if (concurrency < 1 || concurrency > 1_000) {
                throw new IllegalArgumentException("concurrency must be 1 to 1000, got: " + concurrency);
            }
            if (idle.toMillis() < 1) {
                throw new IllegalArgumentException("the pause must be a millisecond at least");
            }
        }
    }

    /** A job that took its worker's process with it so often is failed, not tried again. */
    static final int MOST_RETURNS = 3;

    private static final Logger LOG = LoggerFactory.getLogger(ResqueWorker.class);

    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(2);
    private static final Duration HELD_BACK = Duration.ofSeconds(1);
    private static final Duration LAST_WORDS = Duration.ofSeconds(3);
    private static final int MOST_AT_ONCE = 256;

    private final RedisLink link;
    private final Namespace namespace;
    private final QueueList list;
    private final Options options;
    private final Pulse pulse;
    private final String node;
    private final WorkerNames names;
    private final Roster roster;
    private final QueuesThere queues;
    private final HandedCalls handed;
    private final InstantSource clock;
    private final JobTally tally;
    private final Consumer<Job> doer;
    private final Random random = new Random();

    private final Inbox said = new Inbox();
    private final Patience patience;
    private final Thread thread;
    private final CountDownLatch gone = new CountDownLatch(1);
    private final AtomicBoolean stopping = new AtomicBoolean();
    private volatile boolean closed;
    private volatile long heldBackUntil;

    // Below: the worker's own thread only.
    private final Deque<Integer> places = new ArrayDeque<>();
    private final Map<String, Job> running = new HashMap<>();
    private long seen;
    private Duration pause = SHORTEST_PAUSE;
    private List<String> noLists = List.of();

    ResqueWorker(
            RedisLink link,
            Namespace namespace,
            QueueList list,
            Options options,
            Pulse pulse,
            String node,
            WorkerNames names,
            JobCalls calls,
            InstantSource clock,
            JobTally tally,
            Consumer<Job> doer) {
        this.link = link;
        this.namespace = namespace;
        this.list = list;
        this.options = options;
        this.pulse = pulse;
        this.node = node;
        this.names = names;
        this.roster = new Roster(link, namespace, node, names);
        this.queues = new QueuesThere(link, namespace, list);
        this.handed = new HandedCalls(calls, said, clock);
        this.clock = clock;
        this.tally = tally;
        this.patience = new Patience(list.toString(), () -> closed, LAST_WORDS.dividedBy(2), this::forgotten);
        this.doer = doer;
        this.thread = new Thread(this::run, "resque-" + list);
        thread.setDaemon(true);
        for (int place = 0; place < options.concurrency(); place++) {
            places.add(place);
        }
    }

    public void start() {
        thread.start();
    }

    /** It was done. */
    public void done(Job job) {
        say(JobEnd.done(job.token(), shown(job)), job);
    }

    /** It was tried and failed. */
    public void failed(Job job, Failure failure) {
        say(JobEnd.failed(job.token(), shown(job), failure, clock.instant()), job);
    }

    /** It goes on as a call of Caravan's own, and is over when that is. Its place is free. */
    public void handedOver(Job job, String call) {
        say(JobEnd.handed(job.token(), shown(job), call), job);
        handed.watch(call);
    }

    /** It was not tried: it goes back, and nothing is taken for a moment. */
    public void giveBack(Job job) {
        heldBackUntil = System.nanoTime() + HELD_BACK.toNanos();
        say(JobEnd.returned(job.token(), shown(job)), job);
    }

    private void say(JobEnd end, Job job) {
        said.say(end, job.slot());
    }

    private String shown(Job job) {
        return names.shown(job.slot()) ? job.worker() : "";
    }

    /** Takes nothing any more. What it has may be finished, then it is gone by itself. */
    public void stop() {
        stopping.set(true);
        said.wake();
    }

    /** Whether nothing of it is left in Redis, or all that could be done about that. */
    public boolean awaitGone(Duration atMost) throws InterruptedException {
        return gone.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Gives back at once what it has: whoever still works on it may work in vain. */
    @Override
    public void close() {
        stop();
        closed = true;
        said.wake();
        try {
            if (thread.isAlive() && !awaitGone(LAST_WORDS)) {
                LOG.warn("Redis could not be told that a worker leaves; others will find out node={}", node);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        link.close();
    }

    // ---- The worker's own thread -----------------------------------------------------------------------------------

    private void run() {
        try {
            while (!finished()) {
                step();
            }
            if (patience.until(roster::leave)) {
                LOG.info("Resque worker left queues={}", list);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            LOG.error("a Resque worker broke; its jobs are taken by others node={}", node, e);
            throw e;
        } finally {
            running.keySet().forEach(token -> tally.ended());
            gone.countDown();
        }
    }

    private boolean finished() {
        return stopping.get() && said.isEmpty() && (closed || running.isEmpty());
    }

    private void step() throws InterruptedException {
        boolean takes = !stopping.get();
        boolean held = System.nanoTime() - heldBackUntil < 0;
        List<Said> heard = said.read(
                takes && !held && !places.isEmpty() ? pause : takes && held ? HELD_BACK.dividedBy(10) : pulse.seen(),
                MOST_AT_ONCE);
        List<Free> free = new ArrayList<>();
        List<Integer> freed =
                heard.stream().map(Said::place).filter(place -> place >= 0).toList();
        if (takes && !held) {
            // A place is free once Redis knows what became of its job; in the same step it may have the next.
            places.addAll(freed);
            while (!places.isEmpty() && free.size() < MOST_AT_ONCE) {
                free.add(new Free(CallId.random().text(), places.remove()));
            }
        } else {
            places.addAll(freed);
        }
        var again = new AtomicBoolean();
        boolean told = patience.until(() -> {
            if (System.nanoTime() - roster.registered() > pulse.heartbeat().toNanos()) {
                roster.register(clock.instant());
            }
            queues.look();
            // From here on it may be done without our knowing.
            boolean retried = again.getAndSet(true);
            settled(heard, free, turn(heard, free, retried).run(link), takes);
        });
        if (!told) {
            free.forEach(one -> places.add(one.place()));
        }
    }

    private Turn turn(List<Said> heard, List<Free> free, boolean again) {
        boolean lives = System.nanoTime() - seen > pulse.seen().toNanos();
        var turn = new Turn(namespace, node, lives || again ? "1" : "0", clock.instant(), again);
        heard.forEach(one -> turn.over(one.end()));
        turn.from(queues.names());
        for (Free one : free) {
            String id = names.id(one.place());
            turn.free(one.token(), names.shown(one.place()) ? id : "", id, list.draw(queues.names(), random));
        }
        if (lives) {
            seen = System.nanoTime();
        }
        return turn;
    }

    private void settled(List<Said> heard, List<Free> free, Turn.Answer answer, boolean takes) {
        for (Said one : heard) {
            if (running.remove(one.end().token()) != null) {
                tally.ended();
            }
        }
        tally.took(answer.jobs().size());
        tally.over(answer.processed(), answer.failed());
        Map<String, Integer> placeOf = new HashMap<>();
        free.forEach(one -> placeOf.put(one.token(), one.place()));
        for (Taken taken : answer.jobs()) {
            begin(taken, Optional.ofNullable(placeOf.remove(taken.token())).orElseThrow());
        }
        places.addAll(placeOf.values());
        if (!answer.noLists().equals(noLists)) {
            noLists = answer.noLists();
            if (!noLists.isEmpty()) {
                LOG.warn("not a list, so no jobs are taken from there queues={}", noLists);
            }
        }
        boolean busy = !answer.jobs().isEmpty();
        Duration longer = pause.multipliedBy(2);
        pause = busy ? SHORTEST_PAUSE : longer.compareTo(options.idle()) < 0 ? longer : options.idle();
        Runnable whenEmpty = options.whenEmpty();
        if (whenEmpty != null
                && takes
                && !busy
                && !free.isEmpty()
                && !answer.paused()
                && running.isEmpty()
                && handed.over()
                && said.isEmpty()
                && stopping.compareAndSet(false, true)) {
            LOG.info("all queues are empty queues={}", list);
            whenEmpty.run();
        }
    }

    private void begin(Taken taken, int place) {
        String worker = names.id(place);
        String shown = names.shown(place) ? worker : "";
        try {
            if (taken.returns() >= MOST_RETURNS) {
                Payload.read(taken.raw());
                var failure = new Failure(
                        "WorkerDied", "its worker died " + taken.returns() + " times while it was at this job");
                said.say(JobEnd.failed(taken.token(), shown, failure, clock.instant()), place);
                return;
            }
            begin(new Job(taken.token(), taken.queue(), worker, place, taken.raw(), Payload.read(taken.raw())));
        } catch (InvalidPayload e) {
            LOG.warn("a job that is none went to failed queue={} reason=\"{}\"", taken.queue(), e.getMessage());
            byte[] record = FailureRecord.ofInvalid(
                    String.valueOf(e.getMessage()), taken.raw(), taken.queue(), worker, clock.instant());
            said.say(JobEnd.refused(taken.token(), shown, record), place);
        }
    }

    private void begin(Job job) {
        running.put(job.token(), job);
        tally.began();
        try {
            doer.accept(job);
        } catch (RuntimeException e) {
            LOG.warn("a job could not be begun, it goes back queue={} error=\"{}\"", job.queue(), e.getMessage());
            giveBack(job);
        }
    }

    /** Whoever comes back may know nothing of us. */
    private void forgotten() {
        roster.forgotten();
        queues.forget();
    }
}
