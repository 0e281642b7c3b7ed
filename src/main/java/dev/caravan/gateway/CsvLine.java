package dev.caravan.gateway;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Lines of comma-separated values as of <a href="https://www.rfc-editor.org/rfc/rfc4180">RFC 4180</a>, for people who open
 * them as a table. A text that a spreadsheet would take for a formula gets an apostrophe in front (<a
 * href="https://owasp.org/www-community/attacks/CSV_Injection">CSV injection</a>): these texts come from callers.
 */
final class CsvLine {

    static final String MEDIA_TYPE = "text/csv; charset=utf-8; header=present";

    private static final Pattern FORMULA =
            Pattern.compile("^\\s*[=+\\-@\\t\\r\\uFF1D\\uFF0B\\uFF0D\\uFF20]", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern QUOTED = Pattern.compile("[\",\\r\\n]|^\\s|\\s$");

    private CsvLine() {}

    /** With its end. Null is an empty field. */
    static String of(@Nullable Object... fields) {
        return Arrays.stream(fields).map(CsvLine::field).collect(Collectors.joining(",", "", "\r\n"));
    }

    private static String field(@Nullable Object value) {
        if (value == null) {
            return "";
        }
        String text = value.toString();
        // A number is one: a minus in front of it does nothing.
        String harmless = !(value instanceof Number) && FORMULA.matcher(text).find() ? "'" + text : text;
        return QUOTED.matcher(harmless).find() ? '"' + harmless.replace("\"", "\"\"") + '"' : harmless;
    }
}
