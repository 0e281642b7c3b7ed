package dev.caravan.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

    /** SQL standard: integrity constraint violation, unique. */
    private static final String UNIQUE_VIOLATION = "23505";

    private final Database database;
    private final Overlay overlay;
    private long lastNo;
    private boolean failing;
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
            // A database that is away now will not be back: one try, then the broker's redelivery has to do.
            while (!overlay.idle() && !failing) {
                flush(true);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void flush(boolean everything) throws InterruptedException {
        List<Write> writes = overlay.take(MAX_GROUP, IDLE, everything, () -> ++lastNo);
        overlay.forgetRetained();
        if (writes.isEmpty()) {
            return;
        }
        try {
            write(writes);
            recovered();
            writes.forEach(overlay::written);
        } catch (SQLException | RuntimeException e) {
            if (writes.size() == 1 || unreachable()) {
                writes.forEach(write -> fail(write, e));
            } else {
                writes.forEach(this::writeAlone);
            }
        }
    }

    /** One that cannot be written never stops its neighbours. */
    private void writeAlone(Write write) {
        try {
            write(List.of(write));
            recovered();
            overlay.written(write);
        } catch (SQLException | RuntimeException e) {
            fail(write, e);
        }
    }

    private void write(List<Write> writes) throws SQLException {
        try (Connection connection = database.connection()) {
            try {
                writeRows(connection, writes);
                writeHistory(connection, writes);
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
            Database.sync(connection);
        }
    }

    private static void writeRows(Connection connection, List<Write> writes) throws SQLException {
        List<CallTable.Stored> inserts = new ArrayList<>();
        List<CallTable.Stored> updates = new ArrayList<>();
        for (Write write : writes) {
            if (write.row() != null) {
                (write.isNew() ? inserts : updates).add(new CallTable.Stored(write.no(), write.row()));
            }
        }
        CallTable.insert(connection, inserts);
        CallTable.update(connection, updates);
    }

    private static void writeHistory(Connection connection, List<Write> writes) throws SQLException {
        try (PreparedStatement attempts = CallTable.attemptInsert(connection);
                PreparedStatement outdated = CallTable.attemptDelete(connection)) {
            for (Write write : writes) {
                if (write.pending() == null) {
                    continue;
                }
                Change change = write.pending().change();
                if (change.failed() != null && change.row() != null) {
                    CallTable.insertAttempt(attempts, write.no(), change.row().generation(), change.failed());
                }
                if (change.buried() != null) {
                    DeadLetterTable.insert(connection, change.buried());
                }
                if (change.lifted() != null) {
                    DeadLetterTable.delete(connection, change.lifted());
                }
            }
            outdated.executeBatch();
            attempts.executeBatch();
        }
    }

    private void fail(Write write, Exception e) {
        if (write.isNew() && e instanceof SQLException sql && UNIQUE_VIOLATION.equals(sql.getSQLState())) {
            try (Connection connection = database.connection()) {
                var stored = CallTable.find(connection, write.id());
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

    private void recovered() {
        if (failing) {
            failing = false;
            log.info("the ledger is written again");
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
