package dev.caravan.ledger;

import dev.caravan.search.Field;
import dev.caravan.search.Term;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One page of calls. A function, a state or nothing is found by an index that also has the order, so that nothing is
 * sorted; whatever else is asked is looked at call by call.
 */
final class CallSearch {

    /** {@code submittedAt-no} of the last call shown. */
    private static final Pattern CURSOR = Pattern.compile("([0-9]{1,18})-([0-9]{1,18})");

    private final StringBuilder where = new StringBuilder(" WHERE 1 = 1");
    private final List<Object> values = new ArrayList<>();

    private final int limit;
    private final String sql;

    private CallSearch(CallFilter filter, int limit, @Nullable String cursor) {
        this.limit = limit;
        List<Term> terms = filter.query() == null ? List.of() : filter.query().terms();
        String function = filter.function() == null ? first(terms, Field.FUNCTION) : filter.function();
        String state = filter.state() == null
                ? first(terms, Field.STATE)
                : filter.state().word();
        // The column of equal values in front is what leads a planner to the index that continues with the order.
        String first = "";
        if (function != null) {
            first = "function, ";
            and("function = ?", function);
        }
        if (state != null && function != null) {
            // Not as it stands in the index of states, which a planner might prefer, and then sort.
            and("state || '' = ?", state);
        } else if (state != null) {
            first = "state, ";
            and("state = ?", state);
        }
        if (filter.namespace() != null) {
            and("namespace = ?", filter.namespace());
        }
        if (filter.queue() != null) {
            and("queue = ?", filter.queue());
        }
        if (!filter.among().isAll()) {
            Condition among = Condition.among(filter.among());
            and(among.sql(), among.values().toArray());
        }
        if (filter.replay() != null) {
            and(
                    "call_id IN (SELECT call_key FROM job_letter WHERE job = ? AND job_letter.state = 'replayed')",
                    filter.replay());
        }
        times(filter, cursor);
        for (Term term : terms) {
            // What leads is there already.
            boolean said = term.field() == Field.FUNCTION && term.text().equals(function)
                    || term.field() == Field.STATE && term.text().equals(state);
            if (!said) {
                Condition condition = CallTerms.of(term);
                and(condition.sql(), condition.values().toArray());
            }
        }
        // One more than asked for: whether there is a next page.
        sql = "SELECT call_no, call_id, call_text, " + CallTable.COLUMNS + " FROM async_call c" + where + " ORDER BY "
                + first + "submitted_at DESC, call_no DESC FETCH FIRST " + (limit + 1) + " ROWS ONLY";
    }

    /** @throws IllegalArgumentException when the cursor is none of ours */
    static CallSearch of(CallFilter filter, int limit, @Nullable String cursor) {
        return new CallSearch(filter, limit, cursor);
    }

    CallPage page(Connection connection) throws SQLException {
        List<CallTable.Stored> found = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            fill(select);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.add(CallTable.read(rows));
                }
            }
        }
        boolean more = found.size() > limit;
        List<CallTable.Stored> shown = more ? found.subList(0, limit) : found;
        return new CallPage(
                shown.stream().map(stored -> stored.row().status()).toList(),
                more ? cursor(shown.get(limit - 1)) : null);
    }

    String sql() {
        return sql;
    }

    void fill(PreparedStatement statement) throws SQLException {
        for (int i = 0; i < values.size(); i++) {
            statement.setObject(i + 1, values.get(i));
        }
    }

    private void times(CallFilter filter, @Nullable String cursor) {
        Instant since = filter.since();
        if (since != null) {
            and("submitted_at >= ?", since.toEpochMilli());
        }
        Instant until = filter.until();
        if (until != null) {
            and("submitted_at < ?", until.toEpochMilli());
        }
        if (cursor != null) {
            Matcher matcher = CURSOR.matcher(cursor);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("not a cursor of a list of calls");
            }
            // Said twice: a comparison of pairs is none that every planner finds in an index.
            long submittedAt = Long.parseLong(matcher.group(1));
            and("submitted_at <= ?", submittedAt);
            and("(submitted_at < ? OR call_no < ?)", submittedAt, Long.valueOf(matcher.group(2)));
        }
    }

    private static @Nullable String first(List<Term> terms, Field field) {
        return terms.stream()
                .filter(term -> term.field() == field)
                .map(Term::text)
                .findFirst()
                .orElse(null);
    }

    private void and(String condition, Object... asked) {
        where.append(" AND ").append(condition);
        values.addAll(List.of(asked));
    }

    private static String cursor(CallTable.Stored last) {
        return last.row().submittedAt().toEpochMilli() + "-" + last.no();
    }
}
