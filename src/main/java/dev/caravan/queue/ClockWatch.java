package dev.caravan.queue;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Notices that the machine's clock was set: between two looks it and what measures time have gone different ways. A
 * clock that is slowly drawn to the right time is not noticed, and need not be.
 */
final class ClockWatch implements AutoCloseable {

    /** Further than a busy machine's two readings of the clock are apart. */
    private static final long STEP_MILLIS = 500;

    private static final Duration EVERY = Duration.ofSeconds(1);

    private final InstantSource clock;
    private final LongSupplier nanos;
    private final Runnable set;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        var made = new Thread(task, "clock-watch");
        made.setDaemon(true);
        return made;
    });
    private long ahead;

    /**
     * @param nanos what measures time, as {@link System#nanoTime}
     * @param set what is done each time that the clock was set; must not throw
     */
    ClockWatch(InstantSource clock, LongSupplier nanos, Runnable set) {
        this.clock = clock;
        this.nanos = nanos;
        this.set = set;
        this.ahead = ahead();
    }

    void start() {
        thread.scheduleWithFixedDelay(this::look, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    void look() {
        long now = ahead();
        long step = Math.abs(now - ahead);
        ahead = now;
        if (step > STEP_MILLIS) {
            set.run();
        }
    }

    /** By how much the clock is before what measures time. */
    private long ahead() {
        return clock.millis() - TimeUnit.NANOSECONDS.toMillis(nanos.getAsLong());
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
