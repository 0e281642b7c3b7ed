package dev.caravan.provider.engine;

import dev.caravan.provider.ProviderException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What nobody waits for: work that waits for the engine, at once or after a while. What is open at the end stays undone. */
public final class Background implements AutoCloseable {

    private static final Duration AGAIN = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(Background.class);

    private final ExecutorService threads = Executors.newCachedThreadPool(Background::thread);
    private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor(Background::thread);

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "caravan-engine-provider");
        thread.setDaemon(true);
        return thread;
    }

    /** For what waits, and is to be done now. */
    public ExecutorService threads() {
        return threads;
    }

    /** Does something after a while, once; that it failed is said in the log. */
    public void after(Duration delay, Runnable work) {
        try {
            later.schedule(
                    () -> threads.execute(() -> {
                        try {
                            work.run();
                        } catch (ProviderException e) {
                            LOG.info("{}", e.getMessage());
                        }
                    }),
                    delay.toMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("left for the next start", e);
        }
    }

    /**
     * Does something after a while, and again until it succeeds.
     *
     * @param what for the log, when it has to be done again, e.g. {@code container x is taken away}
     */
    public void insist(Duration delay, String what, Runnable work) {
        after(delay, () -> {
            try {
                work.run();
            } catch (ProviderException e) {
                LOG.info("{} later: {}", what, e.getMessage());
                insist(AGAIN, what, work);
            }
        });
    }

    @Override
    public void close() {
        later.shutdownNow();
        threads.shutdownNow();
    }
}
