package dev.caravan.telemetry;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A scrape as Prometheus reads it: text format 0.0.4, parsed strictly enough that a broken line fails. */
final class Exposition {

    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)\\})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\",?");

    /** Metric family to its type, e.g. {@code caravan_calls} to {@code gauge}. */
    final Map<String, String> types = new TreeMap<>();

    /** {@code name{a="1",b="2"}} with the labels in order of their names, to the value. */
    final Map<String, Double> samples = new LinkedHashMap<>();

    static Exposition of(String text) {
        var exposition = new Exposition();
        text.lines().forEach(exposition::read);
        return exposition;
    }

    double value(String sample) {
        Double value = samples.get(sample);
        if (value == null) {
            throw new AssertionError("no sample " + sample + " in\n" + String.join("\n", samples.keySet()));
        }
        return value;
    }

    private void read(String line) {
        if (line.startsWith("# TYPE ")) {
            String[] words = line.split(" ", 4);
            if (types.put(words[2], words[3]) != null) {
                throw new AssertionError("family twice: " + line);
            }
        } else if (!line.startsWith("#")) {
            Matcher sample = SAMPLE.matcher(line);
            if (!sample.matches()) {
                throw new AssertionError("no sample: " + line);
            }
            String key = sample.group(1) + labels(sample.group(2));
            if (samples.put(key, number(sample.group(3))) != null) {
                throw new AssertionError("sample twice: " + line);
            }
        }
    }

    private static double number(String text) {
        return text.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(text);
    }

    private static String labels(@Nullable String text) {
        if (text == null) {
            return "";
        }
        var sorted = new TreeMap<String, String>();
        Matcher label = LABEL.matcher(text);
        int end = 0;
        while (label.find() && label.start() == end) {
            sorted.put(label.group(1), label.group(2));
            end = label.end();
        }
        if (end != text.length()) {
            throw new AssertionError("no labels: " + text);
        }
        return sorted.entrySet().stream()
                .map(entry -> entry.getKey() + "=\"" + entry.getValue() + "\"")
                .collect(Collectors.joining(",", "{", "}"));
    }
}
