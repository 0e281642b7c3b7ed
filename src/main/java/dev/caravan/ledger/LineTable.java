package dev.caravan.ledger;

import dev.caravan.function.CallId;
import dev.caravan.function.FunctionName;
import dev.caravan.function.OrderKey;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The table {@code lined_call}: calls with an order key that are not over. */
final class LineTable {

    /** Whose turn it is, and whether its message is out. */
    enum Turn {
        WAITING,
        SENDING,
        SENT;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Turn ofWord(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /** Calls of one function and key. */
    record Line(FunctionName function, OrderKey key) {}

    /** Who stands where. */
    record Standing(long place, Turn turn) {}

    private static final String COLUMNS =
            "call_id, call_text, generation, queue, function, namespace, order_key, headers, body, body_reference";

    private static final String OF_LINE = " function = ? AND namespace = ? AND order_key = ?";

    /**
     * Calls that the ledger knows to be over. One that was cancelled while it ran is so only a while later, by when
     * whoever ran it has let go of it.
     */
    private static final String OVER = " EXISTS (SELECT 1 FROM async_call c WHERE c.call_id = lined_call.call_id"
            + " AND (c.generation > lined_call.generation OR c.generation = lined_call.generation"
            + " AND c.state IN ('succeeded', 'dead', 'cancelled') AND (c.begun <= c.settled OR c.finished_at < ?)))";

    private LineTable() {}

    static boolean isEmpty(Connection connection) throws SQLException {
        try (PreparedStatement select =
                        connection.prepareStatement("SELECT 1 FROM lined_call FETCH FIRST 1 ROWS ONLY");
                ResultSet rows = select.executeQuery()) {
            return !rows.next();
        }
    }

    static Optional<Turn> turn(Connection connection, CallId id, int generation) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT turn FROM lined_call WHERE call_id = ? AND generation = ?")) {
            select.setObject(1, CallKeys.key(id));
            select.setInt(2, generation);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? Optional.of(Turn.ofWord(rows.getString(1))) : Optional.empty();
            }
        }
    }

    static Optional<Standing> first(Connection connection, Line line) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT place, turn FROM lined_call WHERE" + OF_LINE + " ORDER BY place FETCH FIRST 1 ROWS ONLY")) {
            set(select, 1, line);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next()
                        ? Optional.of(new Standing(rows.getLong(1), Turn.ofWord(rows.getString(2))))
                        : Optional.empty();
            }
        }
    }

    static void insert(Connection connection, LinedCall call, Turn turn, Instant now) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO lined_call (" + COLUMNS + ", turn, since) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            insert.setObject(1, CallKeys.key(call.id()));
            insert.setString(2, CallKeys.text(call.id()));
            insert.setInt(3, call.generation());
            insert.setString(4, call.queue());
            insert.setString(5, call.function().name());
            insert.setString(6, call.function().namespace());
            insert.setString(7, call.key().text());
            insert.setString(8, StoredText.of(call.headers()));
            insert.setBytes(9, bytes(call.body()));
            insert.setString(10, call.bodyReference());
            insert.setString(11, turn.word());
            insert.setLong(12, now.toEpochMilli());
            insert.executeUpdate();
        }
    }

    static void delete(Connection connection, CallId id, int generation) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM lined_call WHERE call_id = ? AND generation = ?")) {
            delete.setObject(1, CallKeys.key(id));
            delete.setInt(2, generation);
            delete.executeUpdate();
        }
    }

    /** @param from the turn it has; when it has another, nothing changes */
    static void turn(Connection connection, CallId id, int generation, Turn from, Turn to, Instant now)
            throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE lined_call SET turn = ?, since = ? WHERE call_id = ? AND generation = ? AND turn = ?")) {
            update.setString(1, to.word());
            update.setLong(2, now.toEpochMilli());
            update.setObject(3, CallKeys.key(id));
            update.setInt(4, generation);
            update.setString(5, from.word());
            update.executeUpdate();
        }
    }

    /** Marks it as being sent; gives all that is to be sent. */
    static LinedCall send(Connection connection, long place, Instant now) throws SQLException {
        try (PreparedStatement update =
                        connection.prepareStatement("UPDATE lined_call SET turn = ?, since = ? WHERE place = ?");
                PreparedStatement select =
                        connection.prepareStatement("SELECT " + COLUMNS + " FROM lined_call WHERE place = ?")) {
            update.setString(1, Turn.SENDING.word());
            update.setLong(2, now.toEpochMilli());
            update.setLong(3, place);
            update.executeUpdate();
            select.setLong(1, place);
            try (ResultSet rows = select.executeQuery()) {
                if (!rows.next()) {
                    throw new SQLException("a call has left its line while it was looked at");
                }
                return read(rows);
            }
        }
    }

    /**
     * Removes calls that are over, whether it was their turn or not.
     *
     * @param line null for those of every line
     * @param cancelledBefore calls that were cancelled later may still be run by somebody
     * @return where bodies stand that nobody needs any more
     */
    static List<String> deleteOver(Connection connection, @Nullable Line line, Instant cancelledBefore)
            throws SQLException {
        String over = OVER + (line == null ? "" : " AND" + OF_LINE);
        var bodies = new ArrayList<String>();
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT body_reference FROM lined_call WHERE turn = 'waiting' AND body_reference IS NOT NULL AND"
                                + over);
                PreparedStatement delete = connection.prepareStatement("DELETE FROM lined_call WHERE" + over)) {
            for (PreparedStatement statement : List.of(select, delete)) {
                statement.setLong(1, cancelledBefore.toEpochMilli());
                if (line != null) {
                    set(statement, 2, line);
                }
            }
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    bodies.add(rows.getString(1));
                }
            }
            delete.executeUpdate();
        }
        return bodies;
    }

    /**
     * The first of each line, where it waits, or was to be sent and nobody has said since then that it is.
     *
     * @param sentBefore since when nobody may have said so
     * @param sentAfter a time that has yet to come: the clock was set back
     */
    static List<Long> neglected(Connection connection, Instant sentBefore, Instant sentAfter, int max)
            throws SQLException {
        List<Long> places = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement("SELECT place FROM lined_call WHERE place IN"
                + " (SELECT MIN(place) FROM lined_call GROUP BY function, namespace, order_key) AND (turn = 'waiting'"
                + " OR turn = 'sending' AND (since < ? OR since > ?)) ORDER BY place FETCH FIRST " + max
                + " ROWS ONLY")) {
            select.setLong(1, sentBefore.toEpochMilli());
            select.setLong(2, sentAfter.toEpochMilli());
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    places.add(rows.getLong(1));
                }
            }
        }
        return places;
    }

    /** Calls of which nothing else is known: a crash came before they were entered. */
    static List<LinedCall> unknown(Connection connection) throws SQLException {
        List<LinedCall> calls = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement("SELECT " + COLUMNS + " FROM lined_call WHERE"
                        + " NOT EXISTS (SELECT 1 FROM async_call c WHERE c.call_id = lined_call.call_id)");
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                calls.add(read(rows));
            }
        }
        return calls;
    }

    static Optional<LinedCall> find(Connection connection, CallId id, int generation) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT " + COLUMNS + " FROM lined_call WHERE call_id = ? AND generation = ?")) {
            select.setObject(1, CallKeys.key(id));
            select.setInt(2, generation);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? Optional.of(read(rows)) : Optional.empty();
            }
        }
    }

    private static void set(PreparedStatement statement, int from, Line line) throws SQLException {
        statement.setString(from, line.function().name());
        statement.setString(from + 1, line.function().namespace());
        statement.setString(from + 2, line.key().text());
    }

    private static LinedCall read(ResultSet rows) throws SQLException {
        byte[] body = rows.getBytes("body");
        return new LinedCall(
                CallKeys.id(rows.getObject("call_id", UUID.class), rows.getString("call_text")),
                rows.getInt("generation"),
                rows.getString("queue"),
                new FunctionName(rows.getString("function"), rows.getString("namespace")),
                new OrderKey(rows.getString("order_key")),
                rows.getString("headers"),
                body == null ? null : ByteBuffer.wrap(body),
                rows.getString("body_reference"));
    }

    private static byte @Nullable [] bytes(@Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
