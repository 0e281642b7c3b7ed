package dev.caravan.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Answers as people read them: tables with their columns in line, and a field a line. */
final class Printer {

    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\u0080-\\u009f\\u2028\\u2029]+");
    private static final Pattern FRACTION = Pattern.compile("(\\d{2}:\\d{2}:\\d{2})\\.\\d+Z");
    private static final int WIDEST = 80;

    private final PrintStream out;

    Printer(PrintStream out) {
        this.out = out;
    }

    /** Without what could steer a terminal: much of what is shown is a caller's or a function's. */
    static String clean(String text) {
        return CONTROL.matcher(text).replaceAll(" ").strip();
    }

    void table(List<String> columns, JsonNode rows) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(columns.stream().map(Printer::heading).toList());
        rows.forEach(row ->
                lines.add(columns.stream().map(column -> cell(row.path(column))).toList()));
        int[] widths = IntStream.range(0, columns.size())
                .map(i -> lines.stream()
                        .mapToInt(line -> line.get(i).length())
                        .max()
                        .orElse(0))
                .toArray();
        for (List<String> line : lines) {
            var text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                text.append(line.get(i))
                        .append(" ".repeat(widths[i] - line.get(i).length() + 2));
            }
            out.println(text.toString().stripTrailing());
        }
    }

    /** {@code deadLetters} as {@code DEAD LETTERS}. */
    private static String heading(String column) {
        return column.replaceAll("([A-Z])", " $1").toUpperCase(Locale.ROOT);
    }

    private static String cell(JsonNode value) {
        String text = value.isArray()
                ? stream(value).map(JsonNode::asText).collect(Collectors.joining(","))
                : value.isNull() ? "" : value.asText();
        String clean = FRACTION.matcher(clean(text)).replaceAll("$1Z");
        return clean.length() <= WIDEST ? clean : clean.substring(0, WIDEST - 1) + "…";
    }

    /** A field a line; what has rows or a text of several lines comes after. */
    void record(JsonNode json) {
        if (json.isArray()) {
            rows(json);
            return;
        }
        Set<Map.Entry<String, JsonNode>> fields = json.properties();
        int width = fields.stream()
                .filter(field -> isShort(field.getValue()))
                .mapToInt(field -> field.getKey().length())
                .max()
                .orElse(0);
        fields.stream()
                .filter(field -> isShort(field.getValue()))
                .forEach(field -> out.println(field.getKey()
                        + " ".repeat(width - field.getKey().length() + 2)
                        + clean(
                                field.getValue().isArray()
                                        ? cell(field.getValue())
                                        : field.getValue().asText())));
        fields.stream().filter(field -> !isShort(field.getValue())).forEach(field -> {
            out.println();
            out.println(field.getKey() + ":");
            if (field.getValue().isTextual()) {
                field.getValue().asText().lines().map(Printer::clean).forEach(out::println);
            } else {
                record(field.getValue());
            }
        });
    }

    private static boolean isShort(JsonNode value) {
        boolean plain = value.isArray() && stream(value).noneMatch(JsonNode::isContainerNode);
        boolean lines = value.isTextual() && value.asText().lines().count() > 1;
        return plain || value.isValueNode() && !lines;
    }

    /** A table, when all fits into its cells. */
    private void rows(JsonNode array) {
        boolean flat = stream(array)
                .allMatch(row ->
                        row.isObject() && row.properties().stream().allMatch(field -> isShort(field.getValue())));
        if (flat) {
            var columns = new LinkedHashSet<String>();
            array.forEach(row -> row.fieldNames().forEachRemaining(columns::add));
            table(List.copyOf(columns), array);
        } else {
            array.forEach(row -> {
                if (row.isContainerNode()) {
                    record(row);
                    out.println();
                } else {
                    out.println(cell(row));
                }
            });
        }
    }

    private static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}
