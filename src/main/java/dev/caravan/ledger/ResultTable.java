package dev.caravan.ledger;

import dev.caravan.function.CallId;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The table {@code result}: at most one row for each call, of its latest generation that was answered. */
final class ResultTable {

    private static final byte[] NOTHING = {};

    private ResultTable() {}

    static PreparedStatement insertion(Connection connection) throws SQLException {
        return connection.prepareStatement("INSERT INTO result (call_no, generation, finished_at, size, kept, headers,"
                + " body, request_headers, request_body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    }

    static void insert(PreparedStatement insert, long callNo, Row row, CallResult result) throws SQLException {
        byte[] body = bytes(result.body());
        Instant finishedAt = row.finishedAt();
        insert.setLong(1, callNo);
        insert.setInt(2, row.generation());
        insert.setLong(3, finishedAt == null ? 0 : finishedAt.toEpochMilli());
        insert.setLong(4, result.size());
        KeptRequest request = result.request();
        byte[] asked = request == null ? null : bytes(request.body());
        insert.setLong(5, length(body) + length(asked));
        insert.setString(6, lines(result.headers()));
        insert.setBytes(7, body);
        insert.setString(8, request == null ? null : StoredText.of(request.headers()));
        insert.setBytes(9, asked);
        insert.addBatch();
    }

    static void delete(Connection connection, List<Long> callNos) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM result WHERE call_no = ?")) {
            for (long callNo : callNos) {
                delete.setLong(1, callNo);
                delete.addBatch();
            }
            delete.executeBatch();
        }
    }

    static Optional<CallResult> find(Connection connection, CallId id, int generation) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT r.headers, r.size, r.body FROM async_call c"
                + " JOIN result r ON r.call_no = c.call_no WHERE c.call_id = ? AND r.generation = ?")) {
            select.setObject(1, CallKeys.key(id));
            select.setInt(2, generation);
            try (ResultSet rows = select.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                long size = rows.getLong(2);
                byte[] body = rows.getBytes(3);
                byte[] kept = body == null && size == 0 ? NOTHING : body;
                return Optional.of(
                        new CallResult(headers(rows.getString(1)), size, kept == null ? null : ByteBuffer.wrap(kept)));
            }
        }
    }

    /** What was answered, when it is kept with the answer. */
    static Optional<KeptRequest> findRequest(Connection connection, CallId id, int generation) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT r.request_headers, r.request_body"
                + " FROM async_call c JOIN result r ON r.call_no = c.call_no"
                + " WHERE c.call_id = ? AND r.generation = ? AND r.request_headers IS NOT NULL")) {
            select.setObject(1, CallKeys.key(id));
            select.setInt(2, generation);
            try (ResultSet rows = select.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                byte[] body = rows.getBytes(2);
                return Optional.of(
                        KeptRequest.ofResult(rows.getString(1), ByteBuffer.wrap(body == null ? NOTHING : body)));
            }
        }
    }

    /** How many bytes of bodies are kept. */
    static long total(Connection connection) throws SQLException {
        // The condition holds for all of them; it makes the index answer, where the bodies are not.
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT SUM(kept) FROM result WHERE finished_at >= 0")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** A result that may have to go. */
    record Candidate(long callNo, long kept) {}

    /** Results of calls that finished before then, oldest first. */
    static List<Candidate> oldest(Connection connection, Instant before, int max) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT call_no, kept FROM result WHERE finished_at < ? ORDER BY finished_at, call_no, kept"
                        + " FETCH FIRST " + max + " ROWS ONLY")) {
            select.setLong(1, before.toEpochMilli());
            return candidates(select);
        }
    }

    /** Results with a body, oldest first. */
    static List<Candidate> oldestWithBody(Connection connection, int max) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT call_no, kept FROM result WHERE finished_at >= 0 AND kept > 0"
                        + " ORDER BY finished_at, call_no, kept FETCH FIRST " + max + " ROWS ONLY")) {
            return candidates(select);
        }
    }

    private static List<Candidate> candidates(PreparedStatement select) throws SQLException {
        var candidates = new ArrayList<Candidate>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                candidates.add(new Candidate(rows.getLong(1), rows.getLong(2)));
            }
        }
        return candidates;
    }

    /** As on the wire: no value has a line break in it. */
    private static String lines(Map<String, List<String>> headers) {
        var lines = new StringBuilder();
        headers.forEach((name, values) -> values.forEach(
                value -> lines.append(name).append(": ").append(value).append('\n')));
        return lines.toString();
    }

    private static Map<String, List<String>> headers(String lines) {
        var headers = new LinkedHashMap<String, List<String>>();
        lines.lines().forEach(line -> {
            int colon = line.indexOf(": ");
            headers.computeIfAbsent(line.substring(0, colon), first -> new ArrayList<>(1))
                    .add(line.substring(colon + 2));
        });
        return headers;
    }

    private static long length(byte @Nullable [] body) {
        return body == null ? 0 : body.length;
    }

    private static byte @Nullable [] bytes(@Nullable ByteBuffer buffer) {
        if (buffer == null || !buffer.hasRemaining()) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
