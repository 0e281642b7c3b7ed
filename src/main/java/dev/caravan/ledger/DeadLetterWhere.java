package dev.caravan.ledger;

import dev.caravan.search.Term;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A filter as the part of a statement behind {@code FROM dead_letter}, with its values. */
final class DeadLetterWhere {

    /** {@code deadAt-id} of the last letter shown. */
    private static final Pattern CURSOR = Pattern.compile("([0-9]{1,18})-(.{1,96})");

    private final StringBuilder sql = new StringBuilder(" WHERE 1 = 1");
    private final List<Object> values = new ArrayList<>();

    /** The column whose index has the letters in their order; null when none is asked for. */
    private @Nullable String leading;

    DeadLetterWhere(DeadLetterFilter filter) {
        equal("fingerprint", filter.fingerprint());
        equal("function", filter.function());
        equal("status_code", filter.statusCode());
        equal("reason", filter.reason() == null ? null : filter.reason().code());
        equal("queue", filter.queue());
        if (filter.namespace() != null) {
            and("namespace = ?", filter.namespace());
        }
        if (filter.since() != null) {
            and("dead_at >= ?", filter.since().toEpochMilli());
        }
        if (filter.until() != null) {
            and("dead_at < ?", filter.until().toEpochMilli());
        }
        if (!filter.among().isAll()) {
            Condition among = Condition.among(filter.among());
            sql.append(" AND ").append(among.sql());
            values.addAll(among.values());
        }
        if (filter.query() != null) {
            filter.query().terms().forEach(this::asked);
        }
    }

    /**
     * Only what comes after.
     *
     * @throws IllegalArgumentException when the cursor is none of ours
     */
    DeadLetterWhere after(@Nullable String cursor) {
        if (cursor == null) {
            return this;
        }
        Matcher matcher = CURSOR.matcher(cursor);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a cursor of a dead-letter list");
        }
        Long deadAt = Long.valueOf(matcher.group(1));
        // In this form, and not as a pair, the databases find the place in the index.
        sql.append(" AND dead_at <= ? AND (dead_at < ? OR id < ?)");
        values.addAll(List.of(deadAt, deadAt, matcher.group(2)));
        return this;
    }

    static String cursor(DeadLetter last) {
        return last.deadAt().toEpochMilli() + "-" + last.id();
    }

    String sql() {
        return sql.toString();
    }

    /** Newest first, in words by which the database sees that an index has that order. */
    String order() {
        return " ORDER BY " + (leading == null ? "" : leading + ", ") + "dead_at DESC, id DESC";
    }

    /** Fills the parameters from {@code first} on. */
    void fill(PreparedStatement statement, int first) throws SQLException {
        for (int i = 0; i < values.size(); i++) {
            statement.setObject(first + i, values.get(i));
        }
    }

    private void equal(String column, @Nullable Object value) {
        if (value != null) {
            and(column + " = ?", value);
            if (leading == null) {
                leading = column;
            }
        }
    }

    private void and(String condition, Object value) {
        sql.append(" AND ").append(condition);
        values.add(value);
    }

    private void asked(Term term) {
        Condition condition = LetterTerms.of(term);
        sql.append(" AND ").append(condition.sql());
        values.addAll(condition.values());
        String column = LetterTerms.leading(term);
        if (leading == null && !column.isEmpty()) {
            leading = column;
        }
    }
}
