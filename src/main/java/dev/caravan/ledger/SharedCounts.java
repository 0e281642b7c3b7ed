package dev.caravan.ledger;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many calls are in each state where several processes write: only the database knows. Counting reads every row, so
 * an answer serves for a second, and for longer when it took long.
 */
final class SharedCounts {

    private static final Logger log = LoggerFactory.getLogger(SharedCounts.class);

    private static final long LEAST_AGE = Duration.ofSeconds(1).toNanos();

    /** Counting takes at most this part of one connection's time. */
    private static final int SHARE = 20;

    private final Database database;
    private volatile Map<CountKey, Long> counts = Map.of();
    private volatile boolean wanted;
    private long nextAt = System.nanoTime();

    SharedCounts(Database database) {
        this.database = database;
    }

    /** As of the last count. Waits for nobody and asks for a count by {@link #recount}. */
    long lately(CountKey key) {
        if (!wanted) {
            wanted = true;
        }
        return counts.getOrDefault(key, 0L);
    }

    /** Counts, if anybody has looked since it was done last. */
    void recount() {
        if (wanted) {
            wanted = false;
            read();
        }
    }

    /** The last known ones while the database is away. */
    synchronized Map<CountKey, Long> read() {
        long begin = System.nanoTime();
        if (begin - nextAt < 0) {
            return counts;
        }
        try (Connection connection = database.connection()) {
            var counted = new HashMap<>(CallTable.counts(connection));
            ForgottenTable.counts(connection).forEach((key, calls) -> counted.merge(key, calls, Long::sum));
            counts = Map.copyOf(counted);
        } catch (SQLException e) {
            log.debug("cannot count calls", e);
        }
        long end = System.nanoTime();
        nextAt = end + Math.max(LEAST_AGE, SHARE * (end - begin));
        return counts;
    }
}
