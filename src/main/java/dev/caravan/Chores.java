package dev.caravan;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done again and again beside the calls, one thing after the other on a thread of its own. */
final class Chores implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Chores.class);
    private static final Duration LAST = Duration.ofSeconds(5);

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        var chores = new Thread(task, "chores");
        chores.setDaemon(true);
        return chores;
    });

    /** Each time this has passed since it was done; one that fails is told to the log and done again next time. */
    void every(Duration pause, String name, Runnable chore) {
        thread.scheduleWithFixedDelay(
                () -> {
                    try {
                        chore.run();
                    } catch (RuntimeException e) {
                        LOG.warn("chore failed, it is tried again name=\"{}\" error={}", name, e.getMessage());
                    }
                },
                pause.toNanos(),
                pause.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    /** Waits for the one that is being done: what it works on is closed next. */
    @Override
    public void close() throws InterruptedException {
        thread.shutdownNow();
        if (!thread.awaitTermination(LAST.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("stopping: a chore did not end in time");
        }
    }
}
