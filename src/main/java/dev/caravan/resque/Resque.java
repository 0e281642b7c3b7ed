package dev.caravan.resque;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/**
 * One Redis with Resque's jobs in it, and who this process is there. Touches nothing until it is asked.
 *
 * <p>Thread-safe.
 */
public final class Resque implements AutoCloseable {

    private static final int LONGEST_NAME = 256;

    private final RedisAddress address;
    private final Namespace namespace;
    private final Pulse pulse;
    private final String home;
    private final String host;
    private final long pid;
    private final JobCalls calls;
    private final InstantSource clock;
    /** Tells this run from those before it. */
    private final String run = UUID.randomUUID().toString().substring(0, 8);

    private final AtomicInteger workers = new AtomicInteger();
    private final Map<Namespace, Reaper> reapers = new ConcurrentHashMap<>();
    private final DueJobs due;
    private final RedisLink link;
    private final ResqueView view;
    private final Failures failures;
    private final DeadJobs dead;
    private final JobTally tally = new JobTally();

    /**
     * @param namespace where endpoints say no other
     * @param home what survives a restart and nobody else has: the jobs of a run before this one are known by it
     * @param host this machine's name
     */
    public Resque(
            RedisAddress address,
            Namespace namespace,
            String home,
            String host,
            long pid,
            JobCalls calls,
            InstantSource clock) {
        this(address, namespace, Pulse.USUAL, home, host, pid, calls, clock);
    }

    Resque(
            RedisAddress address,
            Namespace namespace,
            Pulse pulse,
            String home,
            String host,
            long pid,
            JobCalls calls,
            InstantSource clock) {
        this.address = address;
        this.namespace = namespace;
        this.pulse = pulse;
        this.home = home;
        this.host = host;
        this.pid = pid;
        this.calls = calls;
        this.clock = clock;
        this.link = new RedisLink(address, "caravan");
        this.due = new DueJobs(new RedisLink(address, "caravan-scheduler"), namespace, clock);
        // A connection for those who look, so that whoever pushes does not wait for them.
        this.view = new ResqueView(new RedisLink(address, "caravan-view"), namespace);
        this.failures = new Failures(new RedisLink(address, "caravan-failures"), namespace, calls, clock);
        var keeper = new RedisLink(address, "caravan-dead");
        this.dead = new DeadJobs(keeper, namespace, calls, new Failures(keeper, namespace, calls, clock));
        reaper(namespace);
    }

    /** What is there, where endpoints say no other namespace. */
    public ResqueView view() {
        return view;
    }

    /** What failed there. */
    public Failures failures() {
        return failures;
    }

    /** What came of the jobs that were taken here. */
    public JobTally tally() {
        return tally;
    }

    /** Where endpoints say no other. */
    public Namespace namespace() {
        return namespace;
    }

    /**
     * A worker that is not started yet.
     *
     * @param doer is given each job, on the worker's own thread: it must hand it on at once
     */
    public ResqueWorker worker(
            Namespace namespace, QueueList queues, ResqueWorker.Options options, Consumer<Job> doer) {
        reaper(namespace);
        int number = workers.getAndIncrement();
        String process = number == 0 ? Long.toString(pid) : pid + "." + number;
        return new ResqueWorker(
                new RedisLink(address, "caravan-worker-" + number),
                namespace,
                queues,
                options,
                pulse,
                home + "." + run + "-" + number,
                WorkerNames.of(host, process, queues.text(), options.concurrency()),
                calls,
                clock,
                tally,
                doer);
    }

    /**
     * Gives back what workers had that are gone, in every namespace that was worked in.
     *
     * @throws RedisException when Redis does not answer
     */
    public void reap() {
        reapers.values().forEach(Reaper::look);
    }

    /**
     * Tells Redis of calls that are over and whose end was not told here: of runs before this one, or of other nodes.
     *
     * @throws RedisException when Redis does not answer
     */
    public void settle() {
        reapers.values().forEach(Reaper::settle);
    }

    /**
     * Puts delayed jobs on their queues whose time has come, where endpoints say no other namespace.
     *
     * @throws RedisException when Redis does not answer
     */
    public void moveDue() {
        due.move();
    }

    /**
     * Keeps {@code failed} and the dead letters of the same jobs of one mind.
     *
     * @throws RedisException when Redis does not answer
     */
    public void keepInStep() {
        dead.look();
    }

    private Reaper reaper(Namespace namespace) {
        return reapers.computeIfAbsent(
                namespace,
                of -> new Reaper(new RedisLink(address, "caravan-reaper"), of, pulse, home, run, calls, clock, tally));
    }

    /**
     * Puts a job at the tail of a queue, with Ruby's bytes: other tools find a job by them.
     *
     * @param delay how long a scheduler shall keep it before; nothing when it is less than a second
     * @param args a JSON array, as text
     * @throws IllegalArgumentException when that is no job
     * @throws RedisException when Redis did not take it
     */
    public void push(Namespace of, Duration delay, String queue, String className, String args) {
        if (queue.isBlank() || queue.length() > LONGEST_NAME) {
            throw new IllegalArgumentException(
                    "a job needs a queue with a name of up to " + LONGEST_NAME + " characters");
        }
        String payload = payload(className, args);
        if (delay.toSeconds() < 1) {
            link.run(RedisScript.PUSH, List.of(of, queue, payload + "}"));
        } else {
            String item = payload + ",\"queue\":" + FailureRecord.json(queue) + "}";
            String due = Long.toString(clock.instant().plus(delay).getEpochSecond());
            link.run(RedisScript.PUSH, List.of(of, queue, item, due));
        }
    }

    private static String payload(String className, String args) {
        if (className.isBlank()) {
            throw new IllegalArgumentException("a job needs a class");
        }
        return "{\"class\":" + FailureRecord.json(className) + ",\"args\":" + JsonText.array(args);
    }

    /** Whether Redis answers now. */
    public boolean answers() {
        try {
            return "PONG".equals(RedisLink.text(link.ask(Command.PING)));
        } catch (RedisException e) {
            return false;
        }
    }

    /** The names in {@code queues}. */
    static List<String> queues(RedisLink link, Namespace namespace) {
        return texts(link.ask(Command.SMEMBERS, namespace.key("queues")));
    }

    static List<String> texts(@Nullable Object answer) {
        var texts = new ArrayList<String>();
        if (answer instanceof List<?> list) {
            list.forEach(one -> texts.add(RedisLink.text(one)));
        }
        return texts;
    }

    @Override
    public String toString() {
        return "Resque at " + address;
    }

    @Override
    public void close() {
        reapers.values().forEach(Reaper::close);
        due.close();
        link.close();
        view.close();
        failures.close();
        dead.close();
    }
}
