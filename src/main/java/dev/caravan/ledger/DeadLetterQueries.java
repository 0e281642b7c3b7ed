package dev.caravan.ledger;

import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Questions about many dead letters; what comes back never has their content. */
final class DeadLetterQueries {

    /** More groups than that nobody reads. */
    private static final int MAX_GROUPS = 1_000;

    private DeadLetterQueries() {}

    /** @throws IllegalArgumentException when the cursor is none of ours */
    static DeadLetterPage page(Connection connection, DeadLetterFilter filter, int limit, @Nullable String cursor)
            throws SQLException {
        // One more than asked for: whether there is a next page.
        List<DeadLetter> letters = after(connection, filter, limit + 1, cursor);
        long total = cursor == null && letters.size() <= limit ? letters.size() : count(connection, filter);
        if (letters.size() <= limit) {
            return new DeadLetterPage(letters, null, total);
        }
        return new DeadLetterPage(letters.subList(0, limit), DeadLetterWhere.cursor(letters.get(limit - 1)), total);
    }

    /** The next {@code limit} letters, newest first. */
    static List<DeadLetter> after(Connection connection, DeadLetterFilter filter, int limit, @Nullable String cursor)
            throws SQLException {
        DeadLetterWhere where = new DeadLetterWhere(filter).after(cursor);
        String sql = "SELECT " + DeadLetterTable.COLUMNS + " FROM dead_letter" + where.sql() + where.order()
                + " FETCH FIRST " + limit + " ROWS ONLY";
        List<DeadLetter> letters = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            where.fill(select, 1);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    letters.add(DeadLetterTable.read(rows, null));
                }
            }
        }
        return letters;
    }

    static long count(Connection connection, DeadLetterFilter filter) throws SQLException {
        var where = new DeadLetterWhere(filter);
        try (PreparedStatement count = connection.prepareStatement("SELECT COUNT(*) FROM dead_letter" + where.sql())) {
            where.fill(count, 1);
            try (ResultSet rows = count.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    /** The largest first. */
    static List<DeadLetterGroup> groups(Connection connection, DeadLetterFilter filter) throws SQLException {
        var where = new DeadLetterWhere(filter);
        List<DeadLetterGroup> groups = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement("SELECT fingerprint, function, namespace, reason,"
                + " status_code, MAX(error), COUNT(*), MIN(dead_at), MAX(dead_at) FROM dead_letter" + where.sql()
                + " GROUP BY fingerprint, function, namespace, reason, status_code ORDER BY 7 DESC, 9 DESC FETCH FIRST "
                + MAX_GROUPS + " ROWS ONLY")) {
            where.fill(select, 1);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    groups.add(new DeadLetterGroup(
                            rows.getString(1),
                            new FunctionName(rows.getString(2), rows.getString(3)),
                            DeadReason.ofCode(rows.getString(4)),
                            rows.getInt(5),
                            rows.getString(6),
                            rows.getLong(7),
                            Instant.ofEpochMilli(rows.getLong(8)),
                            Instant.ofEpochMilli(rows.getLong(9))));
                }
            }
        }
        return groups;
    }
}
