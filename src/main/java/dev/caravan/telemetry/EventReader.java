package dev.caravan.telemetry;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client's place in the {@link EventRing}. It keeps no events of its own, so a slow client costs nothing but its
 * place, and what it misses is told by one event in the place of those that have gone.
 */
final class EventReader implements Flow.Subscription {

    private final EventRing ring;
    private final String session;
    private final EventFilter filter;
    private final InstantSource clock;
    private final Flow.Subscriber<? super String> client;
    private final Consumer<EventReader> atEnd;
    private final Queue<Event> first = new ArrayDeque<>();
    private final AtomicLong wanted = new AtomicLong();
    private final AtomicInteger work = new AtomicInteger();
    private long next;
    private volatile boolean over;

    /**
     * @param session begins the ids of this ring's events
     * @param next number of the first event that is of interest
     * @param before told first of all, without ids
     * @param atEnd told when the client has gone
     */
    EventReader(
            EventRing ring,
            String session,
            long next,
            Collection<Event> before,
            EventFilter filter,
            InstantSource clock,
            Flow.Subscriber<? super String> client,
            Consumer<EventReader> atEnd) {
        this.ring = ring;
        this.session = session;
        this.next = next;
        this.first.addAll(before);
        this.filter = filter;
        this.clock = clock;
        this.client = client;
        this.atEnd = atEnd;
    }

    @Override
    public void request(long count) {
        wanted.addAndGet(count);
        deliver();
    }

    @Override
    public void cancel() {
        over = true;
        atEnd.accept(this);
    }

    /** Gives the client what it asked for, as far as it is there. One thread does it, whoever else comes by. */
    void deliver() {
        if (work.getAndIncrement() > 0) {
            return;
        }
        int rounds = 1;
        do {
            while (!over && wanted.get() > 0) {
                String frame = next();
                if (frame == null) {
                    break;
                }
                wanted.decrementAndGet();
                client.onNext(frame);
            }
            rounds = work.addAndGet(-rounds);
        } while (rounds > 0);
    }

    private @Nullable String next() {
        Event told = first.poll();
        if (told != null) {
            return told.frame("");
        }
        while (next < ring.end()) {
            EventRing.Entry entry = ring.at(next);
            if (entry == null) {
                return null; // who writes it wakes us
            }
            if (entry.number() > next) {
                long gone = ring.begin() - next;
                next += gone;
                return Event.lost(gone, clock.instant()).frame("");
            }
            next++;
            if (filter.takes(entry.event())) {
                return entry.event().frame(session + "-" + entry.number());
            }
        }
        return null;
    }
}
