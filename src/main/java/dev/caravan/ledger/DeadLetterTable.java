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
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tables {@code dead_letter} and {@code dead_letter_content}, a letter at a time. */
final class DeadLetterTable {

    static final String COLUMNS = "id, call_text, generation, queue, physical_queue, function, namespace,"
            + " reason, status_code, error, fingerprint, attempts, submitted_at, dead_at, size, content_type, replays,"
            + " message_id";

    private DeadLetterTable() {}

    /** Whether it stands, or was deleted and may be restored. */
    static boolean exists(Connection connection, String id) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT 1 FROM dead_letter WHERE id = ? UNION ALL SELECT 1 FROM deleted_letter WHERE id = ?")) {
            select.setString(1, id);
            select.setString(2, id);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next();
            }
        }
    }

    static Optional<DeadLetter> find(Connection connection, String id) throws SQLException {
        DeadLetterContent content = content(connection, id);
        try (PreparedStatement select =
                connection.prepareStatement("SELECT " + COLUMNS + " FROM dead_letter WHERE id = ?")) {
            select.setString(1, id);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? Optional.of(read(rows, content)) : Optional.empty();
            }
        }
    }

    static @Nullable DeadLetterContent content(Connection connection, String id) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT headers, history, body, body_reference, search_text FROM dead_letter_content WHERE id = ?")) {
            select.setString(1, id);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next()
                        ? new DeadLetterContent(
                                rows.getString(1),
                                rows.getString(2),
                                wrapped(rows.getBytes(3)),
                                rows.getString(4),
                                rows.getString(5))
                        : null;
            }
        }
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
            insert.setString(10, StoredText.of(letter.error()));
            insert.setString(11, letter.fingerprint());
            insert.setInt(12, letter.attempts());
            insert.setLong(13, letter.submittedAt().toEpochMilli());
            insert.setLong(14, letter.deadAt().toEpochMilli());
            insert.setLong(15, letter.size());
            insert.setString(16, StoredText.of(letter.contentType()));
            insert.setInt(17, letter.replays());
            insert.setString(18, letter.messageId());
            insert.executeUpdate();
        }
        DeadLetterContent content = letter.content();
        if (content == null) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO dead_letter_content"
                + " (id, headers, history, body, body_reference, search_text) VALUES (?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, letter.id());
            insert.setString(2, StoredText.of(content.headers()));
            insert.setString(3, StoredText.of(content.history()));
            insert.setBytes(4, bytes(content.body()));
            insert.setString(5, content.bodyReference());
            insert.setString(6, StoredText.of(content.searchText()));
            insert.executeUpdate();
        }
    }

    /**
     * Deletes it for good, whether it stands or was deleted before.
     *
     * @return whether there was one
     */
    static boolean delete(Connection connection, String id) throws SQLException {
        boolean deleted = false;
        for (String table : List.of("dead_letter_content", "deleted_letter", "dead_letter")) {
            try (PreparedStatement delete = connection.prepareStatement("DELETE FROM " + table + " WHERE id = ?")) {
                delete.setString(1, id);
                deleted |= delete.executeUpdate() == 1;
            }
        }
        return deleted;
    }

    static DeadLetter read(ResultSet rows, @Nullable DeadLetterContent content) throws SQLException {
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
