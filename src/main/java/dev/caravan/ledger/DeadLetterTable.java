package dev.caravan.ledger;

import dev.caravan.function.CallId;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The tables {@code dead_letter} and {@code dead_letter_content}. */
final class DeadLetterTable {

    private static final String COLUMNS = "id, call_text, generation, queue, physical_queue, function, namespace,"
            + " reason, status_code, error, fingerprint, attempts, submitted_at, dead_at, size, content_type, replays,"
            + " message_id";

    /** {@code deadAt-id} of the last letter shown. */
    private static final Pattern CURSOR = Pattern.compile("([0-9]{1,18})-(.{1,96})");

    private DeadLetterTable() {}

    static boolean exists(Connection connection, String id) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT 1 FROM dead_letter WHERE id = ?")) {
            select.setString(1, id);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next();
            }
        }
    }

    static Optional<DeadLetter> find(Connection connection, String id) throws SQLException {
        DeadLetterContent content;
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT headers, history, body, body_reference FROM dead_letter_content WHERE id = ?")) {
            select.setString(1, id);
            try (ResultSet rows = select.executeQuery()) {
                content = rows.next()
                        ? new DeadLetterContent(
                                rows.getString(1), rows.getString(2), wrapped(rows.getBytes(3)), rows.getString(4))
                        : null;
            }
        }
        try (PreparedStatement select =
                connection.prepareStatement("SELECT " + COLUMNS + " FROM dead_letter WHERE id = ?")) {
            select.setString(1, id);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? Optional.of(read(rows, content)) : Optional.empty();
            }
        }
    }

    /** @throws IllegalArgumentException when the cursor is none of ours */
    static DeadLetterPage page(Connection connection, DeadLetterFilter filter, int limit, @Nullable String cursor)
            throws SQLException {
        var where = new StringBuilder(" WHERE 1 = 1");
        List<Object> values = new ArrayList<>();
        equal(where, values, "queue", filter.queue());
        equal(where, values, "function", filter.function());
        equal(where, values, "namespace", filter.namespace());
        equal(
                where,
                values,
                "reason",
                filter.reason() == null ? null : filter.reason().code());
        equal(where, values, "status_code", filter.statusCode());
        long total = total(connection, where.toString(), values);
        if (cursor != null) {
            Matcher matcher = CURSOR.matcher(cursor);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("not a cursor of a dead-letter list");
            }
            where.append(" AND (dead_at, id) < (?, ?)");
            values.add(Long.valueOf(matcher.group(1)));
            values.add(matcher.group(2));
        }
        // One more than asked for: whether there is a next page.
        String sql = "SELECT " + COLUMNS + " FROM dead_letter" + where + " ORDER BY dead_at DESC, id DESC FETCH FIRST "
                + (limit + 1) + " ROWS ONLY";
        List<DeadLetter> letters = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            fill(select, values);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    letters.add(read(rows, null));
                }
            }
        }
        if (letters.size() <= limit) {
            return new DeadLetterPage(letters, null, total);
        }
        DeadLetter last = letters.get(limit - 1);
        return new DeadLetterPage(letters.subList(0, limit), last.deadAt().toEpochMilli() + "-" + last.id(), total);
    }

    static Set<String> bodyReferences(Connection connection) throws SQLException {
        var references = new HashSet<String>();
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT body_reference FROM dead_letter_content WHERE body_reference IS NOT NULL");
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                references.add(rows.getString(1));
            }
        }
        return references;
    }

    static void insert(Connection connection, DeadLetter letter) throws SQLException {
        delete(connection, letter.id());
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO dead_letter (" + COLUMNS
                + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, letter.id());
            insert.setString(2, letter.callId().text());
            insert.setInt(3, letter.generation());
            insert.setString(4, letter.queue());
            insert.setString(5, letter.physicalQueue());
            insert.setString(6, letter.function().name());
            insert.setString(7, letter.function().namespace());
            insert.setString(8, letter.reason().code());
            insert.setInt(9, letter.statusCode());
            insert.setString(10, letter.error());
            insert.setString(11, letter.fingerprint());
            insert.setInt(12, letter.attempts());
            insert.setLong(13, letter.submittedAt().toEpochMilli());
            insert.setLong(14, letter.deadAt().toEpochMilli());
            insert.setLong(15, letter.size());
            insert.setString(16, letter.contentType());
            insert.setInt(17, letter.replays());
            insert.setString(18, letter.messageId());
            insert.executeUpdate();
        }
        DeadLetterContent content = letter.content();
        if (content == null) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO dead_letter_content"
                + " (id, headers, history, body, body_reference) VALUES (?, ?, ?, ?, ?)")) {
            insert.setString(1, letter.id());
            insert.setString(2, content.headers());
            insert.setString(3, content.history());
            insert.setBytes(4, bytes(content.body()));
            insert.setString(5, content.bodyReference());
            insert.executeUpdate();
        }
    }

    static void delete(Connection connection, String id) throws SQLException {
        for (String table : List.of("dead_letter", "dead_letter_content")) {
            try (PreparedStatement delete = connection.prepareStatement("DELETE FROM " + table + " WHERE id = ?")) {
                delete.setString(1, id);
                delete.executeUpdate();
            }
        }
    }

    private static long total(Connection connection, String where, List<Object> values) throws SQLException {
        try (PreparedStatement count = connection.prepareStatement("SELECT COUNT(*) FROM dead_letter" + where)) {
            fill(count, values);
            try (ResultSet rows = count.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    private static void equal(StringBuilder where, List<Object> values, String column, @Nullable Object value) {
        if (value != null) {
            where.append(" AND ").append(column).append(" = ?");
            values.add(value);
        }
    }

    private static void fill(PreparedStatement statement, List<Object> values) throws SQLException {
        for (int i = 0; i < values.size(); i++) {
            statement.setObject(i + 1, values.get(i));
        }
    }

    private static DeadLetter read(ResultSet rows, @Nullable DeadLetterContent content) throws SQLException {
        return new DeadLetter(
                rows.getString(1),
                new CallId(rows.getString(2)),
                rows.getInt(3),
                rows.getString(4),
                rows.getString(5),
                new FunctionName(rows.getString(6), rows.getString(7)),
                DeadReason.ofCode(rows.getString(8)),
                rows.getInt(9),
                rows.getString(10),
                rows.getString(11),
                rows.getInt(12),
                Instant.ofEpochMilli(rows.getLong(13)),
                Instant.ofEpochMilli(rows.getLong(14)),
                rows.getLong(15),
                rows.getString(16),
                rows.getInt(17),
                rows.getString(18),
                content);
    }

    private static @Nullable ByteBuffer wrapped(byte @Nullable [] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }

    private static byte @Nullable [] bytes(@Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
