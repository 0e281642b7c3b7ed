package dev.caravan.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Collects what was measured, round by round, and says it as medians, spreads and ratios.
 *
 * <p>A ratio is the median of the rounds' own ratios: both sides of a round were measured one after the other, so what
 * the machine did meanwhile falls out of it.
 */
final class Report {

    private static final String BASELINE = "baseline";
    private static final String CARAVAN = "caravan";

    private record Measure(String title, String quantity, String unit) {}

    private final Map<Measure, Map<String, List<Double>>> measures = new LinkedHashMap<>();
    private final Map<String, Object> machine = new LinkedHashMap<>();

    /** A fact about the machine or the run. */
    void note(String name, Object value) {
        machine.put(name, value);
    }

    void baseline(String title, String quantity, String unit, double value) {
        add(title, quantity, unit, BASELINE, value);
    }

    void caravan(String title, String quantity, String unit, double value) {
        add(title, quantity, unit, CARAVAN, value);
    }

    private void add(String title, String quantity, String unit, String side, double value) {
        measures.computeIfAbsent(new Measure(title, quantity, unit), key -> new LinkedHashMap<>())
                .computeIfAbsent(side, key -> new ArrayList<>())
                .add(value);
    }

    void print(PrintStream out) {
        machine.forEach((name, value) -> out.printf("%-12s %s%n", name, value));
        measures.keySet().stream().map(Measure::title).distinct().forEach(title -> {
            out.printf("%n%-52s %18s %18s %12s%n", title, "baseline", "Caravan", "against it");
            measures.forEach((measure, sides) -> {
                if (measure.title().equals(title)) {
                    printRow(
                            out,
                            measure,
                            sides.getOrDefault(BASELINE, List.of()),
                            sides.getOrDefault(CARAVAN, List.of()));
                }
            });
        });
        out.printf("%nmedian of the rounds, ± half of (largest - smallest) in percent of it%n");
    }

    private static void printRow(PrintStream out, Measure measure, List<Double> baseline, List<Double> caravan) {
        out.printf(
                "  %-50s %18s %18s %12s%n",
                measure.quantity() + (measure.unit().isEmpty() ? "" : ", " + measure.unit()),
                said(baseline),
                said(caravan),
                compared(measure, baseline, caravan));
    }

    void write(Path file) throws IOException {
        List<Object> rows = new ArrayList<>();
        measures.forEach((measure, sides) -> {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("title", measure.title());
            row.put("quantity", measure.quantity());
            row.put("unit", measure.unit());
            sides.forEach((side, values) ->
                    row.put(side, Map.of("median", median(values), "spread", spread(values), "rounds", values)));
            if (sides.size() == 2) {
                row.put(
                        "ratio",
                        ratio(sides.getOrDefault(BASELINE, List.of()), sides.getOrDefault(CARAVAN, List.of())));
            }
            rows.add(row);
        });
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(file.toFile(), Map.of("machine", machine, "measures", rows));
    }

    private static String said(List<Double> values) {
        if (values.isEmpty()) {
            return "";
        }
        double median = median(values);
        String number = String.format(Locale.ROOT, median >= 100 ? "%,.0f" : "%,.2f", median);
        return values.size() == 1 ? number : number + String.format(Locale.ROOT, " ±%2.0f%%", 100 * spread(values));
    }

    /** Throughput as a ratio, a latency as what is added. */
    private static String compared(Measure measure, List<Double> baseline, List<Double> caravan) {
        if (baseline.isEmpty() || caravan.isEmpty()) {
            return "";
        }
        return measure.unit().equals("ms")
                ? String.format(Locale.ROOT, "%+.2f ms", median(caravan) - median(baseline))
                : String.format(Locale.ROOT, "x %.2f", ratio(baseline, caravan));
    }

    private static double ratio(List<Double> baseline, List<Double> caravan) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < Math.min(baseline.size(), caravan.size()); i++) {
            ratios.add(caravan.get(i) / baseline.get(i));
        }
        return median(ratios);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private static double spread(List<Double> values) {
        double median = median(values);
        double range = values.stream().mapToDouble(Double::doubleValue).max().orElse(0)
                - values.stream().mapToDouble(Double::doubleValue).min().orElse(0);
        return median == 0 ? 0 : range / 2 / median;
    }
}
