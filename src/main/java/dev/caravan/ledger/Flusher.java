package dev.caravan.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes: takes what has gathered, writes it in one transaction, syncs, tells who waits. While it
 * syncs the next group gathers, so the groups grow with the load.
 */
final class Flusher implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(Flusher.class);

    private static final int MAX_GROUP = 2_000;

    private static final Duration IDLE = Duration.ofMillis(20);

    /** Well below the retention time in {@link EmbeddedDatabase}. */
    private static final Duration LONGEST_UNSYNCED = Duration.ofSeconds(1);

    /** SQL standard: integrity constraint violation, unique. */
    private static final String UNIQUE_VIOLATION = "23505";

    private final Database database;
    private final Overlay overlay;
    private long lastNo;
    private boolean failing;

    /** Rows may be in the database and not on disk: until a sync succeeds, none of them is the truth. */
    private boolean syncFailed;

    private long synced = System.nanoTime();

    private volatile boolean stopping;

    Flusher(Database database, Overlay overlay, long lastNo) {
        this.database = database;
        this.overlay = overlay;
        this.lastNo = lastNo;
    }

    /** Writes what is left and ends. */
    void stop() {
        stopping = true;
    }

    @Override
    public void run() {
        try {
            while (!stopping) {
                flush(false);
            }
            // A database that is away now will not be back: then the broker's redelivery has to do.
            boolean progress = true;
            while (progress && !overlay.idle()) {
                progress = flush(true);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            // Whatever ended this thread, nobody waits for it for ever.
            overlay.abandon();
        }
    }

    /** False when there was something to write and all of it failed. */
    private boolean flush(boolean everything) throws InterruptedException {
        List<Write> writes = overlay.take(MAX_GROUP, IDLE, everything, () -> ++lastNo);
        overlay.forgetRetained();
        boolean progress = writes.isEmpty() || write(writes);
        overlay.passBarriers();
        return progress;
    }

    /**
     * One that cannot be written never stops its neighbours: a group that fails is halved until the culprit stands
     * alone. True when any was written.
     */
    private boolean write(List<Write> writes) {
        Set<Write> outrun;
        try {
            outrun = commit(writes);
        } catch (SQLException | RuntimeException | Error e) {
            if (writes.size() == 1 || syncFailed || unreachable()) {
                writes.forEach(write -> fail(write, e));
                return false;
            }
            int half = writes.size() / 2;
            boolean first = write(writes.subList(0, half));
            boolean second = write(writes.subList(half, writes.size()));
            return first || second;
        }
        if (failing) {
            failing = false;
            log.info("the ledger is written again");
        }
        without(writes, outrun).forEach(overlay::written);
        decideAgain(outrun);
        return true;
    }

    private static List<Write> without(List<Write> writes, Set<Write> outrun) {
        return outrun.isEmpty()
                ? writes
                : writes.stream().filter(write -> !outrun.contains(write)).toList();
    }

    /** Gives those that another process has written meanwhile: nothing of them is committed. */
    private Set<Write> commit(List<Write> writes) throws SQLException {
        try (Connection connection = database.connection()) {
            Set<Write> outrun = Set.of();
            try {
                if (database.shared()) {
                    outrun = CallRows.writeUnlessOutrun(connection, writes);
                } else {
                    CallRows.write(connection, writes);
                }
                writeHistory(connection, without(writes, outrun));
                connection.commit();
            } catch (SQLException | RuntimeException | Error e) {
                rollBack(connection, e);
                throw e;
            }
            // What nobody waits for is safe in its queue and goes to the disk with the next that somebody waits for;
            // but not much later, since H2 overwrites what has been outdated for longer than its retention time.
            if (System.nanoTime() - synced > LONGEST_UNSYNCED.toNanos()
                    || writes.stream().anyMatch(write -> write.pending() != null)) {
                sync(connection);
            }
            return outrun;
        }
    }

    private void decideAgain(Set<Write> outrun) {
        if (outrun.isEmpty()) {
            return;
        }
        try (Connection connection = database.connection()) {
            Map<UUID, CallTable.Stored> stored =
                    CallTable.find(connection, outrun.stream().map(Write::id).toList());
            outrun.forEach(write -> overlay.superseded(write, stored.get(CallKeys.key(write.id()))));
        } catch (SQLException e) {
            outrun.forEach(write -> fail(write, e));
        }
    }

    private static void rollBack(Connection connection, Throwable why) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            why.addSuppressed(e);
        }
    }

    private void sync(Connection connection) throws SQLException {
        syncFailed = true;
        database.sync(connection);
        syncFailed = false;
        synced = System.nanoTime();
    }

    private void writeHistory(Connection connection, List<Write> writes) throws SQLException {
        try (PreparedStatement attempts = CallTable.attemptInsert(connection);
                PreparedStatement results = ResultTable.insertion(connection)) {
            for (Write write : writes) {
                if (write.pending() == null) {
                    continue;
                }
                Change change = write.pending().change();
                if (change.failed() != null && change.row() != null) {
                    CallTable.insertAttempt(attempts, write.no(), change.row(), change.failed());
                }
                if (change.result() != null && change.row() != null) {
                    if (!write.isNew()) {
                        // An earlier generation's; or this very one, when it was written before a sync that failed.
                        ResultTable.delete(connection, List.of(write.no()));
                    }
                    ResultTable.insert(results, write.no(), change.row(), change.result());
                }
                if (change.buried() != null) {
                    DeadLetterTable.insert(connection, change.buried());
                }
                if (change.lifted() != null
                        && !DeadLetterTable.delete(connection, change.lifted())
                        && database.shared()) {
                    throw new OutrunException("another process has taken the letter " + change.lifted());
                }
            }
            attempts.executeBatch();
            results.executeBatch();
        }
    }

    private void fail(Write write, Throwable e) {
        if (outrun(write, e)) {
            try {
                var stored = stored(write);
                if (stored.isPresent()) {
                    overlay.superseded(write, stored.get());
                    return;
                }
            } catch (SQLException again) {
                e.addSuppressed(again);
            }
        }
        if (!failing) {
            failing = true;
            log.warn("cannot write the ledger, calls stay in their queues until it can be written", e);
        }
        overlay.failed(write, new LedgerException("cannot write the ledger: " + Database.oneLine(e), e));
    }

    private static boolean outrun(Write write, Throwable e) {
        return e instanceof OutrunException
                || (write.isNew() && e instanceof SQLException sql && UNIQUE_VIOLATION.equals(sql.getSQLState()));
    }

    /** The row that was there before, on disk: after a failed sync it may be what we committed ourselves. */
    private Optional<CallTable.Stored> stored(Write write) throws SQLException {
        try (Connection connection = database.connection()) {
            if (syncFailed) {
                sync(connection);
            }
            return CallTable.find(connection, write.id());
        }
    }

    private boolean unreachable() {
        try (Connection connection = database.connection()) {
            return !connection.isValid(1);
        } catch (SQLException e) {
            return true;
        }
    }
}
