package dev.caravan.ledger;

import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets what is old: results first, then finished calls with their attempts. A call that is forgotten is still
 * counted. A dead call stays for as long as its dead letter does.
 *
 * <p>Works a few hundred rows at a time, each lot in a transaction of its own, and rests for twenty times as long as it
 * worked, so that nobody who writes waits for it. What it could not do it does the next time.
 */
public final class Retention implements AutoCloseable {

    /**
     * How much is kept.
     *
     * @param calls how long finished calls and their attempts are kept
     * @param results how long results are kept
     * @param resultBytes how many bytes of results are kept; the oldest go first
     */
    public record Limits(Duration calls, Duration results, long resultBytes) {}

    private static final Logger log = LoggerFactory.getLogger(Retention.class);

    private static final int LOT = 500;

    private static final Duration LEAST_REST = Duration.ofSeconds(30);

    private static final int REST = 20;

    private final Database database;
    private final Predicate<CallId> inUse;
    private final Limits limits;
    private final InstantSource clock;
    private final CountDownLatch closing = new CountDownLatch(1);
    private @Nullable Thread thread;

    /** @param inUse calls that this node is not done with; they are left for the next time */
    Retention(Database database, Predicate<CallId> inUse, Limits limits, InstantSource clock) {
        this.database = database;
        this.inUse = inUse;
        this.limits = limits;
        this.clock = clock;
    }

    /** Begins to forget, on a thread of its own. */
    public void start() {
        thread = new Thread(this::run, "ledger-retention");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            boolean failing = false;
            long worked = 0;
            while (!closing.await(Math.max(LEAST_REST.toNanos(), worked * REST), TimeUnit.NANOSECONDS)) {
                long began = System.nanoTime();
                try {
                    sweep();
                    failing = false;
                } catch (SQLException | RuntimeException e) {
                    if (!failing) {
                        log.warn("cannot forget old calls and results, will try again", e);
                    }
                    failing = true;
                }
                worked = System.nanoTime() - began;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Everything that is due now. */
    void sweep() throws SQLException {
        Instant now = clock.instant();
        long results = forgetOldResults(now.minus(limits.results()));
        long excess = forgetResultsBeyond(limits.resultBytes());
        long calls = forgetCalls(now.minus(limits.calls()));
        if (results + excess + calls > 0) {
            try (Connection connection = database.connection()) {
                // H2 uses the room again a few seconds later, and by then this must be on the disk.
                Database.sync(connection);
            }
            log.info("forgotten: calls={} results={} resultsBeyondSize={}", calls, results, excess);
        }
    }

    private long forgetOldResults(Instant before) throws SQLException {
        long forgotten = 0;
        while (!stopped()) {
            try (Connection connection = database.connection()) {
                List<ResultTable.Candidate> old = ResultTable.oldest(connection, before, LOT);
                delete(connection, old);
                forgotten += old.size();
                if (old.size() < LOT) {
                    return forgotten;
                }
            }
        }
        return forgotten;
    }

    private long forgetResultsBeyond(long bytes) throws SQLException {
        long forgotten = 0;
        long excess;
        try (Connection connection = database.connection()) {
            excess = ResultTable.total(connection) - bytes;
        }
        while (excess > 0 && !stopped()) {
            try (Connection connection = database.connection()) {
                List<ResultTable.Candidate> going = new ArrayList<>();
                for (ResultTable.Candidate oldest : ResultTable.oldestWithBody(connection, LOT)) {
                    if (excess > 0) {
                        going.add(oldest);
                        excess -= oldest.kept();
                    }
                }
                delete(connection, going);
                forgotten += going.size();
                if (going.isEmpty()) {
                    return forgotten;
                }
            }
        }
        return forgotten;
    }

    private static void delete(Connection connection, List<ResultTable.Candidate> results) throws SQLException {
        ResultTable.delete(
                connection, results.stream().map(ResultTable.Candidate::callNo).toList());
        connection.commit();
    }

    /** From the oldest on, until there are only such as came in too late to be finished for long enough. */
    private long forgetCalls(Instant finishedBefore) throws SQLException {
        long forgotten = 0;
        long after = 0;
        while (!stopped()) {
            try (Connection connection = database.connection()) {
                List<CallTable.Stored> lot = CallTable.after(connection, after, LOT);
                List<CallTable.Stored> going = new ArrayList<>();
                for (CallTable.Stored call : lot) {
                    if (isDue(call.row(), finishedBefore) && !isKept(connection, call.row())) {
                        going.add(call);
                    }
                }
                forgotten += forget(connection, going);
                boolean reached =
                        lot.stream().allMatch(call -> !call.row().submittedAt().isBefore(finishedBefore));
                if (lot.size() < LOT || reached) {
                    return forgotten;
                }
                after = lot.get(lot.size() - 1).no();
            }
        }
        return forgotten;
    }

    private static boolean isDue(Row row, Instant finishedBefore) {
        return row.state().terminal()
                && row.finishedAt() != null
                && row.finishedAt().isBefore(finishedBefore);
    }

    private boolean isKept(Connection connection, Row row) throws SQLException {
        return inUse.test(row.id())
                || row.state() == CallState.DEAD
                        && DeadLetterTable.exists(connection, DeadLetter.idOf(row.id(), row.generation()));
    }

    /** Row and count change in one transaction; another node that is quicker takes the count with the row. */
    private static int forget(Connection connection, List<CallTable.Stored> calls) throws SQLException {
        if (calls.isEmpty()) {
            connection.rollback();
            return 0;
        }
        Map<CountKey, Long> counts = new HashMap<>();
        try {
            int[] deleted = CallTable.delete(connection, calls);
            for (int i = 0; i < deleted.length; i++) {
                if (deleted[i] == 1) {
                    counts.merge(calls.get(i).row().countKey(), 1L, Long::sum);
                }
            }
            ResultTable.delete(
                    connection, calls.stream().map(CallTable.Stored::no).toList());
            ForgottenTable.add(connection, counts);
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        }
        return calls.size();
    }

    private boolean stopped() {
        return closing.getCount() == 0;
    }

    /** Ends after the lot that it is at. */
    @Override
    public void close() {
        closing.countDown();
        if (thread != null) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
