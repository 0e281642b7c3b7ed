package dev.caravan.telemetry;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The latest events, for any number of writers and readers: a writer never waits and nothing grows. A reader that is too
 * slow finds that events have gone.
 */
final class EventRing {

    /** @param number counted from 0 */
    record Entry(long number, Event event) {}

    private final AtomicReferenceArray<@Nullable Entry> entries;
    private final AtomicLong end = new AtomicLong();

    EventRing(int size) {
        entries = new AtomicReferenceArray<>(size);
    }

    void add(Event event) {
        long number = end.getAndIncrement();
        entries.set(index(number), new Entry(number, event));
    }

    /** The number that the next event gets. */
    long end() {
        return end.get();
    }

    /** The first number that is still here. */
    long begin() {
        return Math.max(0, end.get() - entries.length());
    }

    /** Null while it is being written; a later one when it has gone. */
    @Nullable
    Entry at(long number) {
        Entry entry = entries.get(index(number));
        return entry == null || entry.number() < number ? null : entry;
    }

    private int index(long number) {
        return (int) (number % entries.length());
    }
}
