package dev.caravan.provider.engine;

import dev.caravan.provider.ProviderException;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When an engine is asked what is there: at once after something happened, soon and then later while something is on its
 * way, seldom when nothing is, and again and again while it is away.
 */
final class EngineWatch implements AutoCloseable {

    /** What is looked after. */
    interface Watched {

        /** Asks what is there, and mends what is not as it should be. @throws ProviderException when it is away */
        void look();

        boolean settled();

        /** Nobody answered. */
        void doubt();

        /** From now on the engine tells of what happens. @param ended told once when it does so no more */
        Closeable listen(Runnable happened, Runnable ended);
    }

    private static final Logger LOG = LoggerFactory.getLogger(EngineWatch.class);

    private static final Duration SOON = Duration.ofMillis(40);
    private static final Duration LATER = Duration.ofSeconds(2);
    private static final Duration AWAY = Duration.ofSeconds(1);

    private final Watched watched;
    private final Duration seldom;
    private final Semaphore news = new Semaphore(0);
    private final AtomicBoolean listening = new AtomicBoolean();
    private volatile boolean closed;
    private volatile boolean seen;
    private volatile String away = "the container engine was not asked yet";
    private volatile @Nullable Closeable events;

    /** @param seldom how long it may take to see what an engine does not tell */
    EngineWatch(Watched watched, Duration seldom) {
        this.watched = watched;
        this.seldom = seldom;
    }

    /** Looks once, and goes on in the background. */
    void start(Executor threads) {
        look();
        threads.execute(this::goOn);
    }

    /** Why the engine cannot be asked, in one line; empty when it can. */
    String away() {
        return away;
    }

    /** Something was changed, or has happened. */
    void hurry() {
        news.release();
    }

    private void goOn() {
        Duration soon = SOON;
        while (!closed) {
            try {
                if (news.tryAcquire(pause(soon).toMillis(), TimeUnit.MILLISECONDS)) {
                    news.drainPermits();
                    soon = SOON;
                } else {
                    soon = soon.multipliedBy(2).compareTo(LATER) < 0 ? soon.multipliedBy(2) : LATER;
                }
            } catch (InterruptedException e) {
                return;
            }
            look();
        }
    }

    private Duration pause(Duration soon) {
        if (!away.isEmpty()) {
            return AWAY;
        }
        return watched.settled() ? seldom : soon;
    }

    private void look() {
        try {
            watched.look();
            listen(); // not before: an engine that is away would end it at once, again and again
            if (!away.isEmpty()) {
                LOG.info("the container engine answers");
            }
            away = "";
            seen = true;
        } catch (ProviderException e) {
            if (away.isEmpty() || !seen) {
                LOG.warn("{}", e.getMessage());
                seen = true;
            }
            away = String.valueOf(e.getMessage());
            watched.doubt();
        } catch (RuntimeException e) {
            LOG.error("looking after containers failed", e);
        }
    }

    private void listen() {
        if (listening.compareAndSet(false, true)) {
            events = watched.listen(news::release, () -> {
                listening.set(false);
                news.release();
            });
            news.release(); // what happened in between nobody told
        }
    }

    @Override
    public void close() {
        closed = true;
        Closeable open = events;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                LOG.debug("closing the events failed", e);
            }
        }
    }
}
