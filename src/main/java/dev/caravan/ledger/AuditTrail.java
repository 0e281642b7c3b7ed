package dev.caravan.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What operators did, on all nodes: written once, never changed, forgotten when it is old. All methods block on the
 * database and throw {@link LedgerException} while it fails.
 */
public final class AuditTrail {

    private static final String COLUMNS = "done_at, who, who_role, action, target, subject,"
            + " affected, status_code, node, id, reason, value_before, value_after";

    /** {@code doneAt-id} of the last entry shown. */
    private static final Pattern CURSOR = Pattern.compile("([0-9]{1,18})-([0-9a-f-]{36})");

    /** An entry and the id that only the order of a list needs. */
    private record Stored(AuditEntry entry, String id) {}

    private final Database database;
    private final @Nullable String node;

    AuditTrail(Database database, @Nullable String node) {
        this.database = database;
        this.node = node;
    }

    /** Enters one, as done on this node; on disk when it returns. */
    public void add(AuditEntry entry) {
        database.durably(connection -> {
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO audit (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
                insert.setLong(1, entry.at().toEpochMilli());
                insert.setString(2, entry.who());
                insert.setString(3, entry.role());
                insert.setString(4, entry.action());
                insert.setString(5, entry.target());
                insert.setString(6, entry.subject());
                if (entry.affected() == null) {
                    insert.setNull(7, Types.BIGINT);
                } else {
                    insert.setLong(7, entry.affected());
                }
                insert.setInt(8, entry.status());
                insert.setString(9, node);
                insert.setString(10, UUID.randomUUID().toString());
                insert.setString(11, entry.reason());
                insert.setString(12, entry.before());
                insert.setString(13, entry.after());
                return insert.executeUpdate();
            }
        });
    }

    /**
     * A page of them, newest first.
     *
     * @param limit at least 1
     * @param cursor {@link AuditPage#next} of the page before; null for the first
     * @throws IllegalArgumentException when the cursor is none of ours
     */
    public AuditPage page(AuditFilter filter, int limit, @Nullable String cursor) {
        List<String> conditions = new ArrayList<>();
        List<Object> values = new ArrayList<>();
        if (filter.who() != null) {
            conditions.add("who = ?");
            values.add(filter.who());
        }
        if (filter.action() != null) {
            conditions.add("action = ?");
            values.add(filter.action());
        }
        if (filter.since() != null) {
            conditions.add("done_at >= ?");
            values.add(filter.since().toEpochMilli());
        }
        if (filter.until() != null) {
            conditions.add("done_at < ?");
            values.add(filter.until().toEpochMilli());
        }
        if (cursor != null) {
            Matcher matcher = CURSOR.matcher(cursor);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("not a cursor of a list of operator actions");
            }
            // Said twice: a comparison of pairs is none that every planner finds in an index.
            long doneAt = Long.parseLong(matcher.group(1));
            conditions.add("done_at <= ?");
            values.add(doneAt);
            conditions.add("(done_at < ? OR id < ?)");
            values.add(doneAt);
            values.add(matcher.group(2));
        }
        String where = conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
        // One more than asked for: whether there is a next page.
        String sql = "SELECT " + COLUMNS + " FROM audit" + where + " ORDER BY done_at DESC, id DESC FETCH FIRST "
                + (limit + 1) + " ROWS ONLY";
        List<Stored> found = database.read(connection -> select(connection, sql, values));
        List<Stored> shown = found.size() > limit ? found.subList(0, limit) : found;
        Stored last = found.size() > limit ? shown.get(limit - 1) : null;
        return new AuditPage(
                shown.stream().map(Stored::entry).toList(),
                last == null ? null : last.entry().at().toEpochMilli() + "-" + last.id());
    }

    private static List<Stored> select(Connection connection, String sql, List<Object> values) throws SQLException {
        List<Stored> found = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.size(); i++) {
                select.setObject(i + 1, values.get(i));
            }
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    long affected = rows.getLong(7);
                    boolean uncounted = rows.wasNull();
                    var entry = new AuditEntry(
                            Instant.ofEpochMilli(rows.getLong(1)),
                            rows.getString(2),
                            rows.getString(3),
                            rows.getString(4),
                            rows.getString(5),
                            rows.getString(6),
                            uncounted ? null : affected,
                            rows.getInt(8),
                            rows.getString(9),
                            rows.getString(11),
                            rows.getString(12),
                            rows.getString(13));
                    found.add(new Stored(entry, rows.getString(10)));
                }
            }
        }
        return found;
    }

    /**
     * Forgets what was done before a time.
     *
     * @return how many that were
     */
    public long forget(Instant before) {
        return database.durably(connection -> {
            try (PreparedStatement delete = connection.prepareStatement("DELETE FROM audit WHERE done_at < ?")) {
                delete.setLong(1, before.toEpochMilli());
                return delete.executeLargeUpdate();
            }
        });
    }
}
