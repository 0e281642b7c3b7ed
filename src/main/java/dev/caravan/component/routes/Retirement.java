package dev.caravan.component.routes;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets old versions finish what they run, for a limited time, and removes them. */
final class Retirement implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Retirement.class);

    private static final long CHECK_MILLIS = 50;
    /** More than one: a JMS consumer that is late holds its thread until the message it runs has finished. */
    private static final int THREADS = 4;

    private final Duration drain;
    private final InstantSource clock;
    private final Set<String> retiring = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(THREADS, task -> {
        Thread thread = new Thread(task, "routes-retire");
        thread.setDaemon(true);
        return thread;
    });

    Retirement(Duration drain, InstantSource clock) {
        this.drain = drain;
        this.clock = clock;
    }

    /** Takes over a version that no longer takes messages. Returns at once. */
    void retire(RouteVersion version) {
        retiring.add(version.internalId());
        check(version, clock.millis() + drain.toMillis(), false);
    }

    /** A version is idle when it was seen so twice: a message may be on its way from the consumer to the route. */
    private void check(RouteVersion version, long deadline, boolean idleBefore) {
        threads.schedule(
                () -> {
                    int inFlight = version.inFlight();
                    boolean late = clock.millis() >= deadline;
                    if (late || (inFlight == 0 && idleBefore)) {
                        finish(version, inFlight);
                    } else {
                        check(version, deadline, inFlight == 0);
                    }
                },
                CHECK_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    private void finish(RouteVersion version, int inFlight) {
        if (inFlight > 0) {
            log.warn(
                    "old route version did not finish in time route={} version={} running={} drain={}",
                    version.id(),
                    version.internalId(),
                    inFlight,
                    drain);
        }
        try {
            version.remove();
        } catch (Exception e) {
            log.warn("cannot remove an old route version route={} version={}", version.id(), version.internalId(), e);
        } finally {
            retiring.remove(version.internalId());
        }
    }

    /** The internal ids of the versions that still finish something. */
    Set<String> retiring() {
        return Set.copyOf(retiring);
    }

    /** Waits until every old version is gone, at most as long as one may drain. */
    @Override
    public void close() {
        long deadline = System.nanoTime() + drain.toNanos();
        try {
            while (!retiring.isEmpty() && System.nanoTime() < deadline) {
                TimeUnit.MILLISECONDS.sleep(CHECK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        threads.shutdownNow();
    }
}
