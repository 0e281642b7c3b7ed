package dev.caravan.ledger;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** How many calls are in each state. A move is one step, so the sum never lies, whenever it is read. */
final class Counts {

    private final ConcurrentMap<CountKey, Long> counts = new ConcurrentHashMap<>();

    synchronized void load(Map<CountKey, Long> stored) {
        counts.clear();
        counts.putAll(stored);
    }

    synchronized void add(Map<CountKey, Long> more) {
        more.forEach((key, count) -> counts.merge(key, count, Long::sum));
    }

    synchronized void move(@Nullable Row from, @Nullable Row to) {
        if (from != null) {
            counts.computeIfPresent(from.countKey(), (key, count) -> count == 1 ? null : count - 1);
        }
        if (to != null) {
            counts.merge(to.countKey(), 1L, Long::sum);
        }
    }

    /** Waits for nobody: a call that moves just now may not be counted. */
    long of(CountKey key) {
        return counts.getOrDefault(key, 0L);
    }

    synchronized Map<CountKey, Long> snapshot() {
        return Map.copyOf(counts);
    }
}
