package dev.caravan.provider.engine;

import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One container of a function, and what is known of it. Ready once its server has answered. */
public final class Replica implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Replica.class);

    private final String id;
    private final String instance;
    private final Revision revision;
    private final long since = System.nanoTime();
    private volatile Optional<URI> ready = Optional.empty();
    private volatile @Nullable String trouble;
    private volatile boolean probing;
    private Instant newest = Instant.MIN;
    private Instant readBefore = Instant.MIN;
    private long startedAgain;
    private boolean reading;
    private @Nullable Closeable output;

    /**
     * @param id by which the engine knows it
     * @param instance by which it speaks in the log
     */
    public Replica(String id, String instance, Revision revision) {
        this.id = id;
        this.instance = instance;
        this.revision = revision;
    }

    public String id() {
        return id;
    }

    /** {@code FUNCTION-NUMBER}. */
    public String instance() {
        return instance;
    }

    public Revision revision() {
        return revision;
    }

    /** Whether it was known before {@code moment}, by {@link System#nanoTime}. */
    public boolean isOlderThan(long moment) {
        return since - moment < 0;
    }

    /** Where it takes calls; empty while it cannot. */
    public Optional<URI> ready() {
        return ready;
    }

    /** @return whether that is new */
    public boolean ready(Optional<URI> where) {
        boolean changed = !ready.equals(where);
        ready = where;
        if (where.isPresent()) {
            trouble = null;
        }
        return changed;
    }

    /** Why it is not ready, in a few words. */
    public Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    public void trouble(String words) {
        trouble = words;
    }

    /** @return false when somebody is at it already */
    synchronized boolean beginProbe() {
        if (probing) {
            return false;
        }
        probing = true;
        return true;
    }

    void endProbe() {
        probing = false;
    }

    /** @return false when its output is read already */
    synchronized boolean beginReading() {
        if (reading) {
            return false;
        }
        reading = true;
        readBefore = newest;
        return true;
    }

    /** What is to be closed when nobody wants its output any more; it may have ended before this could be said. */
    synchronized void reads(Closeable reader) {
        output = reader;
        if (!reading) {
            close();
        }
    }

    /**
     * Lines of its two streams overtake each other a little, so only the last reading counts.
     *
     * @return false for a line that was read before its output ended and was opened anew
     */
    synchronized boolean isNews(Instant written) {
        if (written.isAfter(newest)) {
            newest = written;
        }
        return written.isAfter(readBefore);
    }

    /** @return false when that was less than {@code pause} ago */
    public synchronized boolean mayStartAgain(Duration pause) {
        long now = System.nanoTime();
        if (startedAgain != 0 && now - startedAgain < pause.toNanos()) {
            return false;
        }
        startedAgain = now;
        return true;
    }

    /** Its output has ended, or nobody wants it any more. */
    @Override
    public synchronized void close() {
        reading = false;
        Closeable reader = output;
        output = null;
        if (reader != null) {
            try {
                reader.close();
            } catch (IOException e) {
                LOG.debug("closing the output of {} failed", instance, e);
            }
        }
    }
}
