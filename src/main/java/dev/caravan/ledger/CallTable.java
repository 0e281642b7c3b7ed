package dev.caravan.ledger;

import dev.caravan.function.Attempt;
import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import dev.caravan.function.OrderKey;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The tables {@code async_call} and {@code attempt}. */
final class CallTable {

    /** A row as it is stored, with the key that updates go by. */
    record Stored(long no, Row row) {}

    static final String COLUMNS = "queue, function, namespace, generation, begun, settled, state, reason,"
            + " status_code, replays, submitted_at, next_attempt_at, started_at, finished_at, took_micros, excerpt,"
            + " worker, order_key";

    private static final String UPDATE = "UPDATE async_call SET queue = ?, function = ?, namespace = ?,"
            + " generation = ?, begun = ?, settled = ?, state = ?, reason = ?, status_code = ?, replays = ?,"
            + " submitted_at = ?, next_attempt_at = ?, started_at = ?, finished_at = ?, took_micros = ?, excerpt = ?,"
            + " worker = ?, order_key = ?"
            + " WHERE call_no = ?";
    /** Parameters in one statement. */
    private static final int MOST_ASKED = 500;

    private CallTable() {}

    static Optional<Stored> find(Connection connection, CallId id) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT call_no, call_id, call_text, " + COLUMNS + " FROM async_call WHERE call_id = ?")) {
            select.setObject(1, CallKeys.key(id));
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? Optional.of(read(rows)) : Optional.empty();
            }
        }
    }

    /** Those that are there, by their keys. */
    static Map<UUID, Stored> find(Connection connection, List<CallId> ids) throws SQLException {
        Map<UUID, Stored> found = new HashMap<>();
        Array keys =
                connection.createArrayOf("uuid", ids.stream().map(CallKeys::key).toArray());
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT call_no, call_id, call_text, " + COLUMNS + " FROM async_call WHERE call_id = ANY (?)")) {
            select.setArray(1, keys);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    Stored stored = read(rows);
                    found.put(CallKeys.key(stored.row().id()), stored);
                }
            }
        } finally {
            keys.free();
        }
        return found;
    }

    static long highestNo(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT MAX(call_no) FROM async_call")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    static Map<CountKey, Long> counts(Connection connection) throws SQLException {
        Map<CountKey, Long> counts = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT queue, function, namespace, state, COUNT(*)"
                        + " FROM async_call GROUP BY queue, function, namespace, state")) {
            while (rows.next()) {
                counts.put(
                        new CountKey(
                                rows.getString(1),
                                new FunctionName(rows.getString(2), rows.getString(3)),
                                CallState.ofWord(rows.getString(4))),
                        rows.getLong(5));
            }
        }
        return counts;
    }

    /**
     * The calls of a queue that wait, in the order they were entered.
     *
     * @param function null for those of every function
     * @param after key of the last one seen; 0 to begin
     * @return by key, in order; fewer than {@code limit} when these are the last
     */
    static Map<Long, CallId> waiting(
            Connection connection, String queue, @Nullable FunctionName function, long after, int limit)
            throws SQLException {
        var ids = new LinkedHashMap<Long, CallId>();
        String ofFunction = function == null ? "" : " AND function = ? AND namespace = ?";
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT call_no, call_id, call_text FROM async_call WHERE call_no > ? AND queue = ?" + ofFunction
                        + " AND state IN ('queued', 'scheduled', 'retrying') ORDER BY call_no FETCH FIRST " + limit
                        + " ROWS ONLY")) {
            select.setLong(1, after);
            select.setString(2, queue);
            if (function != null) {
                select.setString(3, function.name());
                select.setString(4, function.namespace());
            }
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    ids.put(rows.getLong(1), CallKeys.id(rows.getObject(2, UUID.class), rows.getString(3)));
                }
            }
        }
        return ids;
    }

    static List<PastAttempt> attempts(Connection connection, Stored call) throws SQLException {
        List<PastAttempt> attempts = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT generation, number, started_at,"
                        + " took_micros, status_code, error, excerpt, worker FROM attempt WHERE call_no = ? ORDER BY generation, number")) {
            select.setLong(1, call.no());
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    attempts.add(new PastAttempt(
                            rows.getInt(1),
                            new Attempt(
                                    rows.getInt(2),
                                    Instant.ofEpochMilli(rows.getLong(3)),
                                    micros(rows.getLong(4)),
                                    rows.getInt(5),
                                    rows.getString(6),
                                    rows.getString(7)),
                            rows.getString(8)));
                }
            }
        }
        Row row = call.row();
        if (row.state() == CallState.SUCCEEDED && row.startedAt() != null && row.took() != null) {
            attempts.add(new PastAttempt(
                    row.generation(),
                    new Attempt(row.settled(), row.startedAt(), row.took(), row.statusCode(), null, row.excerpt()),
                    row.worker()));
        }
        return attempts;
    }

    /** Those of these calls that are cancelled. */
    static List<Stored> cancelledOf(Connection connection, Collection<CallId> ids) throws SQLException {
        List<CallId> asked = List.copyOf(ids);
        List<Stored> cancelled = new ArrayList<>();
        for (int from = 0; from < asked.size(); from += MOST_ASKED) {
            List<CallId> some = asked.subList(from, Math.min(asked.size(), from + MOST_ASKED));
            try (PreparedStatement select = connection.prepareStatement("SELECT call_no, call_id, call_text, " + COLUMNS
                    + " FROM async_call WHERE state = 'cancelled' AND call_id IN ("
                    + String.join(", ", Collections.nCopies(some.size(), "?")) + ")")) {
                for (int i = 0; i < some.size(); i++) {
                    select.setObject(i + 1, CallKeys.key(some.get(i)));
                }
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        cancelled.add(read(rows));
                    }
                }
            }
        }
        return cancelled;
    }

    /** Rows in the order in which calls came in, from the one after {@code no} on. */
    static List<Stored> after(Connection connection, long no, int max) throws SQLException {
        List<Stored> calls = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement("SELECT call_no, call_id, call_text, " + COLUMNS
                + " FROM async_call WHERE call_no > ? ORDER BY call_no FETCH FIRST " + max + " ROWS ONLY")) {
            select.setLong(1, no);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    calls.add(read(rows));
                }
            }
        }
        return calls;
    }

    /** Deletes calls with their attempts; gives for each how many rows it had. */
    static int[] delete(Connection connection, List<Stored> calls) throws SQLException {
        try (PreparedStatement attempts = connection.prepareStatement("DELETE FROM attempt WHERE call_no = ?");
                PreparedStatement rows = connection.prepareStatement("DELETE FROM async_call WHERE call_no = ?")) {
            for (Stored call : calls) {
                attempts.setLong(1, call.no());
                attempts.addBatch();
                rows.setLong(1, call.no());
                rows.addBatch();
            }
            attempts.executeBatch();
            return rows.executeBatch();
        }
    }

    static void insert(Connection connection, List<Stored> calls) throws SQLException {
        insert(connection, calls, "");
    }

    /** Inserts those whose id is not there yet; gives how many rows that were for each. */
    static int[] insertAbsent(Connection connection, List<Stored> calls) throws SQLException {
        return insert(connection, calls, " ON CONFLICT (call_id) DO NOTHING");
    }

    private static int[] insert(Connection connection, List<Stored> calls, String onConflict) throws SQLException {
        if (calls.isEmpty()) {
            return new int[0];
        }
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO async_call (" + COLUMNS
                + ", call_id, call_text, call_no) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                + onConflict)) {
            for (Stored call : calls) {
                int next = write(insert, call.row());
                insert.setObject(next, CallKeys.key(call.row().id()));
                insert.setString(next + 1, CallKeys.text(call.row().id()));
                insert.setLong(next + 2, call.no());
                insert.addBatch();
            }
            return insert.executeBatch();
        }
    }

    /**
     * A row that is over is not changed but by a later generation: whoever wants to has not heard of it yet.
     *
     * @throws OutrunException when one of them is
     */
    static void update(Connection connection, List<Stored> calls) throws SQLException {
        if (calls.isEmpty()) {
            return;
        }
        try (PreparedStatement update = connection.prepareStatement(
                UPDATE + " AND (generation < ? OR state NOT IN ('succeeded', 'dead', 'cancelled'))")) {
            for (Stored call : calls) {
                int next = write(update, call.row());
                update.setLong(next, call.no());
                update.setInt(next + 1, call.row().generation());
                update.addBatch();
            }
            for (int count : update.executeBatch()) {
                if (count == 0) {
                    throw new OutrunException("the call is over, somebody else has ended it");
                }
            }
        }
    }

    /**
     * Updates those that are still where we know them to be; gives how many rows that were for each.
     *
     * @param known what each of them replaces
     */
    static int[] updateUnchanged(Connection connection, List<Stored> calls, List<Row> known) throws SQLException {
        if (calls.isEmpty()) {
            return new int[0];
        }
        try (PreparedStatement update = connection.prepareStatement(
                UPDATE + " AND generation = ? AND begun = ? AND settled = ? AND state = ?")) {
            for (int i = 0; i < calls.size(); i++) {
                int next = write(update, calls.get(i).row());
                update.setLong(next, calls.get(i).no());
                update.setInt(next + 1, known.get(i).generation());
                update.setInt(next + 2, known.get(i).begun());
                update.setInt(next + 3, known.get(i).settled());
                update.setString(next + 4, known.get(i).state().word());
                update.addBatch();
            }
            return update.executeBatch();
        }
    }

    /** @param settled the call's row as the attempt has left it */
    static void insertAttempt(PreparedStatement insert, long callNo, Row settled, Attempt attempt) throws SQLException {
        insert.setLong(1, callNo);
        insert.setInt(2, settled.generation());
        insert.setInt(3, attempt.number());
        insert.setLong(4, attempt.startedAt().toEpochMilli());
        insert.setLong(5, TimeUnit.NANOSECONDS.toMicros(attempt.took().toNanos()));
        insert.setInt(6, attempt.statusCode());
        insert.setString(7, StoredText.of(attempt.error()));
        insert.setString(8, StoredText.of(attempt.responseExcerpt()));
        insert.setString(9, settled.worker());
        insert.addBatch();
    }

    static PreparedStatement attemptInsert(Connection connection) throws SQLException {
        return connection.prepareStatement("INSERT INTO attempt (call_no, generation, number, started_at, took_micros,"
                + " status_code, error, excerpt, worker) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    }

    /** Fills the first parameters, in the order of {@link #COLUMNS}; gives the next one's index. */
    private static int write(PreparedStatement statement, Row row) throws SQLException {
        statement.setString(1, row.queue());
        statement.setString(2, row.function().name());
        statement.setString(3, row.function().namespace());
        statement.setInt(4, row.generation());
        statement.setInt(5, row.begun());
        statement.setInt(6, row.settled());
        statement.setString(7, row.state().word());
        statement.setString(8, row.reason() == null ? null : row.reason().code());
        statement.setInt(9, row.statusCode());
        statement.setInt(10, row.replays());
        statement.setLong(11, row.submittedAt().toEpochMilli());
        setMillis(statement, 12, row.nextAttemptAt());
        setMillis(statement, 13, row.startedAt());
        setMillis(statement, 14, row.finishedAt());
        if (row.took() == null) {
            statement.setNull(15, Types.BIGINT);
        } else {
            statement.setLong(15, TimeUnit.NANOSECONDS.toMicros(row.took().toNanos()));
        }
        statement.setString(16, StoredText.of(row.excerpt()));
        statement.setString(17, row.worker());
        statement.setString(18, row.orderKey() == null ? null : row.orderKey().text());
        return 19;
    }

    static Stored read(ResultSet rows) throws SQLException {
        long took = rows.getLong("took_micros");
        boolean untimed = rows.wasNull();
        String reason = rows.getString("reason");
        String orderKey = rows.getString("order_key");
        var row = new Row(
                CallKeys.id(rows.getObject("call_id", UUID.class), rows.getString("call_text")),
                rows.getString("queue"),
                new FunctionName(rows.getString("function"), rows.getString("namespace")),
                rows.getInt("generation"),
                rows.getInt("begun"),
                rows.getInt("settled"),
                CallState.ofWord(rows.getString("state")),
                reason == null ? null : DeadReason.ofCode(reason),
                rows.getInt("status_code"),
                rows.getInt("replays"),
                Instant.ofEpochMilli(rows.getLong("submitted_at")),
                millis(rows, "next_attempt_at"),
                millis(rows, "started_at"),
                millis(rows, "finished_at"),
                untimed ? null : micros(took),
                rows.getString("excerpt"),
                rows.getString("worker"),
                orderKey == null ? null : new OrderKey(orderKey));
        return new Stored(rows.getLong("call_no"), row);
    }

    private static void setMillis(PreparedStatement statement, int index, @Nullable Instant instant)
            throws SQLException {
        if (instant == null) {
            statement.setNull(index, Types.BIGINT);
        } else {
            statement.setLong(index, instant.toEpochMilli());
        }
    }

    private static @Nullable Instant millis(ResultSet rows, String column) throws SQLException {
        long millis = rows.getLong(column);
        return rows.wasNull() ? null : Instant.ofEpochMilli(millis);
    }

    private static Duration micros(long micros) {
        return Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(micros));
    }
}
