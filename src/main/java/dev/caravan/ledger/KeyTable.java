package dev.caravan.ledger;

import dev.caravan.function.CallId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/** The table {@code idempotency_key}. */
final class KeyTable {

    /**
     * What a key stands for.
     *
     * @param sent whether the call's message is known to be in its queue, or to have been
     */
    record Stored(String request, CallId id, boolean sent) {}

    private KeyTable() {}

    static Optional<Stored> find(Connection connection, String scope, Instant now) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT request, call_text, sent FROM idempotency_key WHERE scope = ? AND expires_at > ?")) {
            select.setString(1, scope);
            select.setLong(2, now.toEpochMilli());
            try (ResultSet rows = select.executeQuery()) {
                return rows.next()
                        ? Optional.of(new Stored(rows.getString(1), new CallId(rows.getString(2)), rows.getBoolean(3)))
                        : Optional.empty();
            }
        }
    }

    /** Enters a key, in place of one that has expired. Violates the primary key when there is one that has not. */
    static void put(Connection connection, String scope, String request, CallId id, Instant now, Instant expiresAt)
            throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("UPDATE idempotency_key SET request = ?,"
                + " call_text = ?, sent = FALSE, expires_at = ? WHERE scope = ? AND expires_at <= ?")) {
            update.setString(1, request);
            update.setString(2, id.text());
            update.setLong(3, expiresAt.toEpochMilli());
            update.setString(4, scope);
            update.setLong(5, now.toEpochMilli());
            if (update.executeUpdate() > 0) {
                return;
            }
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO idempotency_key (scope, request, call_text, sent, expires_at) VALUES (?, ?, ?, FALSE, ?)")) {
            insert.setString(1, scope);
            insert.setString(2, request);
            insert.setString(3, id.text());
            insert.setLong(4, expiresAt.toEpochMilli());
            insert.executeUpdate();
        }
    }

    static void sent(Connection connection, String scope, CallId id) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE idempotency_key SET sent = TRUE WHERE scope = ? AND call_text = ?")) {
            update.setString(1, scope);
            update.setString(2, id.text());
            update.executeUpdate();
        }
    }

    /** @return how many were removed; fewer than {@code limit} when none is left */
    static int removeExpired(Connection connection, Instant now, int limit) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM idempotency_key WHERE scope IN"
                + " (SELECT scope FROM idempotency_key WHERE expires_at <= ? ORDER BY expires_at FETCH FIRST " + limit
                + " ROWS ONLY)")) {
            delete.setLong(1, now.toEpochMilli());
            return delete.executeUpdate();
        }
    }
}
