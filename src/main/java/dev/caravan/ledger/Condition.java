package dev.caravan.ledger;

import dev.caravan.function.FunctionScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.stream.Stream;

/** A part of a {@code WHERE} with the values of its parameters. */
record Condition(String sql, List<Object> values) {

    static Condition of(String sql, Object... values) {
        return new Condition(sql, List.of(values));
    }

    /** The columns {@code function} and {@code namespace} name one of these. */
    static Condition among(FunctionScope functions) {
        var sql = new StringJoiner(" OR ", "(", ")").setEmptyValue("1 = 0");
        List<Object> values = new ArrayList<>();
        for (FunctionScope.Glob glob : functions.globs()) {
            sql.add("function LIKE ? AND namespace LIKE ?");
            values.add(glob.name().replace('*', '%'));
            values.add(glob.namespace().replace('*', '%'));
        }
        return new Condition(sql.toString(), values);
    }

    /** Pattern of {@code LIKE … ESCAPE '!'}, in lower case: the text stands somewhere in there. */
    static String inside(String text) {
        return "%" + beginning(text);
    }

    /** Likewise: it begins with the text. */
    static String beginning(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("([!%_])", "!$1") + "%";
    }

    /** This or another one. */
    Condition or(Condition other) {
        return new Condition(
                "(" + sql + " OR " + other.sql + ")",
                Stream.concat(values.stream(), other.values.stream()).toList());
    }

    /** The same within something else. */
    Condition within(String before, String after) {
        return new Condition(before + sql + after, values);
    }
}
