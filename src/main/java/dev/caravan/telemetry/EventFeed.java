package dev.caravan.telemetry;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens, for those who watch. While nobody does nothing is kept, and asking whether somebody does is all that an
 * event costs.
 *
 * <p>The latest {@value #KEPT} events are kept for all clients together, until a minute after the last has left: one that
 * comes back names the last event it has seen and goes on behind it. A client has no thread and no queue, only a place
 * in what is kept.
 */
public final class EventFeed implements AutoCloseable {

    static final int KEPT = 8_192;

    private static final Logger LOG = LoggerFactory.getLogger(EventFeed.class);

    /** What happens within it goes out together, so that a busy server is not busy with waking readers. */
    private static final Duration BUNCH = Duration.ofMillis(5);

    private static final Duration LOOK = Duration.ofSeconds(2);
    private static final int IDLE_LOOKS = 30;

    private final Vertx vertx;
    private final Context context;
    private final Executor workers;
    private final Levels levels;
    private final InstantSource clock;
    private final Set<EventReader> readers = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean waking = new AtomicBoolean();
    private final AtomicBoolean looking = new AtomicBoolean();
    private final QueueDepths depths = new QueueDepths();
    private volatile @Nullable EventRing ring;

    // Guarded by this.
    private String session = "";
    private long timer;
    private int idleLooks;
    private boolean closed;

    /**
     * @param workers look at the queues now and then
     * @param levels what they see
     */
    public EventFeed(Vertx vertx, Executor workers, Levels levels, InstantSource clock) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.workers = workers;
        this.levels = levels;
        this.clock = clock;
    }

    /** Whether anybody watches, or did a moment ago. */
    boolean watched() {
        return ring != null;
    }

    /** Tells it to all who watch. Never waits. */
    void publish(Event event) {
        EventRing kept = ring;
        if (kept != null) {
            kept.add(event);
            wake();
        }
    }

    /**
     * What happens from the subscription on, each event as it is sent. A client that does not ask for more loses events,
     * and is told so.
     *
     * @param after the id of the last event that the client has seen; null for a new client, which is told first how long
     *     the queues are
     */
    public Flow.Publisher<String> events(EventFilter filter, @Nullable String after) {
        return client -> {
            EventReader reader = reader(filter, after, client);
            client.onSubscribe(reader);
        };
    }

    private synchronized EventReader reader(
            EventFilter filter, @Nullable String after, Flow.Subscriber<? super String> client) {
        EventRing running = ring;
        EventRing kept = running == null ? new EventRing(KEPT) : running;
        // The place first, then what is already known: an event in between is told twice rather than never.
        long next = after == null ? kept.end() : behind(after, kept);
        List<Event> first = new ArrayList<>();
        if (next < 0) {
            first.add(Event.lost(0, clock.instant()));
            next = kept.end();
        }
        if (running == null) {
            begin(kept);
        } else if (after == null) {
            depths.all(clock.instant()).stream().filter(filter::takes).forEach(first::add);
        }
        var reader = new EventReader(kept, session, next, first, filter, clock, client, readers::remove);
        readers.add(reader);
        idleLooks = 0;
        return reader;
    }

    /** The number behind this id; negative when it is none of ours, or of a time that nothing is kept of. */
    private long behind(String id, EventRing kept) {
        String prefix = session + "-";
        if (!id.startsWith(prefix)) {
            return -1;
        }
        try {
            long next = Long.parseLong(id.substring(prefix.length())) + 1;
            return next <= kept.end() ? next : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private void begin(EventRing fresh) {
        if (!closed) {
            session = Long.toString(clock.millis(), Character.MAX_RADIX);
            ring = fresh;
            depths.forget();
            timer = vertx.setPeriodic(LOOK.toMillis(), passed -> look());
            look();
        }
    }

    /** Ends the recording when nobody has been there for long; else sees what has become of the queues. */
    private synchronized void look() {
        idleLooks = readers.isEmpty() ? idleLooks + 1 : 0;
        if (idleLooks > IDLE_LOOKS) {
            end();
        } else if (idleLooks <= 1 && looking.compareAndSet(false, true)) {
            try {
                workers.execute(this::lookAtQueues);
            } catch (RejectedExecutionException e) {
                end(); // Caravan stops
            }
        }
    }

    private void lookAtQueues() {
        try {
            depths.changes(levels, clock.instant()).forEach(this::publish);
        } catch (RuntimeException e) {
            LOG.warn("queues cannot be read for those who watch error={}", e.toString());
        } finally {
            looking.set(false);
        }
    }

    private void wake() {
        if (waking.compareAndSet(false, true)) {
            context.runOnContext(now -> vertx.setTimer(BUNCH.toMillis(), passed -> {
                waking.set(false); // before they read: what comes from now on wakes them again
                readers.forEach(EventReader::deliver);
            }));
        }
    }

    private void end() {
        ring = null;
        vertx.cancelTimer(timer);
    }

    /** Nothing is kept any more; who watches is told nothing more. */
    @Override
    public synchronized void close() {
        closed = true;
        end();
    }
}
