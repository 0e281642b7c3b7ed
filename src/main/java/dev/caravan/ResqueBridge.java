package dev.caravan;

import dev.caravan.config.ResqueSettings;
import dev.caravan.config.Settings;
import dev.caravan.config.SettingsException;
import dev.caravan.ledger.Ledger;
import dev.caravan.resque.JobTally;
import dev.caravan.resque.Namespace;
import dev.caravan.resque.QueueList;
import dev.caravan.resque.RedisAddress;
import dev.caravan.resque.RedisException;
import dev.caravan.resque.Resque;
import dev.caravan.telemetry.JobFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Resque's Redis, and what is to be done there now and then. */
final class ResqueBridge implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ResqueBridge.class);

    private static final Duration REAPED = Duration.ofSeconds(2);
    private static final Duration SETTLED = Duration.ofSeconds(5);

    private static final Duration MOVED = Duration.ofSeconds(1);
    /** How much longer it rests than it looked. */
    private static final int REST = 20;

    private final Resque resque;
    /** Their own: a Redis that is slow to answer keeps nothing else waiting. */
    private final Chores chores = new Chores();

    private long nextSettling = System.nanoTime();
    private long nextStep = System.nanoTime();
    private volatile Map<String, Long> depths = Map.of();

    private ResqueBridge(Resque resque, boolean scheduler) {
        this.resque = resque;
        chores.every(REAPED, "jobs of dead workers", () -> patiently(resque::reap));
        chores.every(SETTLED, "jobs that are calls", () -> patiently(this::settle));
        chores.every(SETTLED, "dead letters that are failures of Resque's", () -> patiently(this::keepInStep));
        chores.every(SETTLED, "depths of Resque's queues", this::measure);
        if (scheduler) {
            chores.every(MOVED, "delayed jobs", () -> patiently(resque::moveDue));
        }
    }

    /**
     * Reaches nobody yet: a Redis that is away when Caravan starts is waited for.
     *
     * @return null when the settings name no Redis
     * @throws SettingsException with one line when they make no sense
     */
    static @Nullable ResqueBridge open(
            Settings settings, Path data, String host, Ledger ledger, Executor workers, InstantSource clock)
            throws IOException {
        ResqueSettings bridge = settings.resque();
        if (bridge.url().isEmpty()) {
            return null;
        }
        RedisAddress address = address(bridge.url().get(), settings.data().secrets());
        try {
            QueueList.parse(bridge.queues());
        } catch (IllegalArgumentException e) {
            throw new SettingsException("CARAVAN_RESQUE_QUEUES: " + e.getMessage());
        }
        var resque = new Resque(
                address,
                new Namespace(bridge.namespace()),
                home(data),
                host,
                ProcessHandle.current().pid(),
                new LedgerJobs(ledger, workers, clock),
                clock);
        return new ResqueBridge(resque, bridge.scheduler());
    }

    private static RedisAddress address(String url, Path secrets) throws IOException {
        RedisAddress address;
        try {
            address = RedisAddress.parse(url);
        } catch (IllegalArgumentException e) {
            throw new SettingsException("CARAVAN_REDIS_URL " + e.getMessage());
        }
        Path password = secrets.resolve("redis-password");
        if (Files.exists(password)) {
            address = address.withPassword(Files.readString(password).strip());
        }
        Path authority = secrets.resolve("redis-ca.pem");
        try {
            return Files.exists(authority) ? address.withAuthority(authority) : address;
        } catch (IllegalArgumentException e) {
            throw new SettingsException(String.valueOf(e.getMessage()));
        }
    }

    /** Who works on this data folder is always the same to Redis; the folder is locked, so there is one at a time. */
    private static String home(Path data) throws IOException {
        Path file = data.resolve("resque-node");
        if (Files.notExists(file)) {
            Path fresh = data.resolve("resque-node.new");
            Files.writeString(fresh, UUID.randomUUID() + "\n");
            Files.move(fresh, file);
        }
        return Files.readString(file).strip();
    }

    /** While Redis is away its workers say so. */
    private static void patiently(Runnable chore) {
        try {
            chore.run();
        } catch (RedisException e) {
            LOG.debug("Redis does not answer", e);
        }
    }

    /** With very many of them it takes a while; then it is done the less often. */
    private void settle() {
        long begun = System.nanoTime();
        if (begun - nextSettling >= 0) {
            resque.settle();
            long took = System.nanoTime() - begun;
            nextSettling = System.nanoTime() + took * REST;
        }
    }

    /** Likewise. */
    private void keepInStep() {
        long begun = System.nanoTime();
        if (begun - nextStep >= 0) {
            resque.keepInStep();
            nextStep = System.nanoTime() + (System.nanoTime() - begun) * REST;
        }
    }

    private void measure() {
        Map<String, Long> measured = new TreeMap<>();
        // What was true before Redis went away is told to nobody.
        patiently(() -> measured.putAll(resque.view().depths()));
        depths = measured;
    }

    /** What metrics tell of the jobs. */
    JobFigures figures() {
        JobTally tally = resque.tally();
        return new JobFigures(tally::taken, tally::processed, tally::failed, tally::running, () -> depths);
    }

    Resque resque() {
        return resque;
    }

    /** For a route that was to end the process. Whoever asks is waited for while it stops, so it is not done on its thread. */
    static void exit() {
        new Thread(() -> System.exit(0), "complete").start();
    }

    @Override
    public void close() throws InterruptedException {
        chores.close();
        resque.close();
    }
}
