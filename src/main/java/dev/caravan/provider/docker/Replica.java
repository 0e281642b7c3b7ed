package dev.caravan.provider.docker;

import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One container of a function, and what is known of it. Ready once its server has answered. */
final class Replica implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Replica.class);

    private final String id;
    private final ContainerName name;
    private final Revision revision;
    private final long since = System.nanoTime();
    private volatile Optional<URI> ready = Optional.empty();
    private volatile @Nullable String trouble;
    private volatile boolean probing;
    private @Nullable Closeable output;

    Replica(SeenContainer container) {
        this.id = container.id();
        this.name = container.name().with(ContainerName.Fate.SERVES);
        this.revision = container.revision();
    }

    String id() {
        return id;
    }

    ContainerName name() {
        return name;
    }

    Revision revision() {
        return revision;
    }

    /** Whether it was known before {@code moment}, by {@link System#nanoTime}. */
    boolean isOlderThan(long moment) {
        return since - moment < 0;
    }

    /** Where it takes calls; empty while it cannot. */
    Optional<URI> ready() {
        return ready;
    }

    /** @return whether that is new */
    boolean ready(Optional<URI> where) {
        boolean changed = !ready.equals(where);
        ready = where;
        if (where.isPresent()) {
            trouble = null;
        }
        return changed;
    }

    /** Why it is not ready, in a few words. */
    Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    void trouble(String words) {
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

    /** What is read of its output; at most one reader at a time. */
    synchronized void reads(Closeable reader) {
        close();
        output = reader;
    }

    synchronized boolean isRead() {
        return output != null;
    }

    /** Its output has ended, or nobody wants it any more. */
    @Override
    public synchronized void close() {
        Closeable reader = output;
        output = null;
        if (reader != null) {
            try {
                reader.close();
            } catch (IOException e) {
                LOG.debug("closing the output of {} failed", name, e);
            }
        }
    }
}
