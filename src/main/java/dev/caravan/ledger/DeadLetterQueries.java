package dev.caravan.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Questions about many dead letters; what comes back never has their content. */
final class DeadLetterQueries {

    /** What people count time in. */
    private static final List<Duration> STEPS = List.of(
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            Duration.ofMinutes(1),
            Duration.ofMinutes(5),
            Duration.ofMinutes(15),
            Duration.ofHours(1),
            Duration.ofHours(6),
            Duration.ofDays(1),
            Duration.ofDays(7),
            Duration.ofDays(28));

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

    /** @param most steps */
    static DeathCounts deaths(Connection connection, DeadLetterFilter filter, int most) throws SQLException {
        var where = new DeadLetterWhere(filter);
        long first;
        long last;
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT MIN(dead_at), MAX(dead_at), COUNT(*) FROM dead_letter" + where.sql())) {
            where.fill(select, 1);
            try (ResultSet rows = select.executeQuery()) {
                rows.next();
                first = rows.getLong(1);
                last = rows.getLong(2);
                if (rows.getLong(3) == 0) {
                    return new DeathCounts(Instant.EPOCH, STEPS.get(0), List.of());
                }
            }
        }
        long step = step(first, last, most).toMillis();
        long[] counts = new long[(int) (last / step - first / step) + 1];
        // Whole numbers divided are a whole number in every database.
        try (PreparedStatement select = connection.prepareStatement("SELECT dead_at / " + step
                + ", COUNT(*) FROM dead_letter" + where.sql() + " GROUP BY dead_at / " + step)) {
            where.fill(select, 1);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    // Who died since the first question is behind the last step.
                    int slot = (int) Math.max(0, Math.min(counts.length - 1, rows.getLong(1) - first / step));
                    counts[slot] += rows.getLong(2);
                }
            }
        }
        return new DeathCounts(
                Instant.ofEpochMilli(first / step * step),
                Duration.ofMillis(step),
                Arrays.stream(counts).boxed().toList());
    }

    private static Duration step(long first, long last, int most) {
        for (Duration step : STEPS) {
            if (last / step.toMillis() - first / step.toMillis() < most) {
                return step;
            }
        }
        return Duration.ofMillis(last - first);
    }
}
