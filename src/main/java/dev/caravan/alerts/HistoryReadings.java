package dev.caravan.alerts;

import dev.caravan.config.AlertRule;
import dev.caravan.telemetry.History;
import dev.caravan.telemetry.History.Question;
import dev.caravan.telemetry.Levels;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** Readings of the last hour's history, and of the queues for how old their oldest calls are. */
public final class HistoryReadings implements Readings {

    /** Of fewer invocations nobody says how many percent of them failed. */
    static final int FEWEST = 10;

    private final History history;
    private final Levels levels;

    public HistoryReadings(History history, Levels levels) {
        this.history = history;
        this.levels = levels;
    }

    @Override
    public Map<String, Double> of(AlertRule rule) {
        return switch (rule.measure()) {
            case DEPTH -> of(history.queues(lately("depth")), figures -> last(figures, "depth"));
            case OLDEST -> levels.oldestAges();
            case DEAD -> of(history.queues(lately("died")), figures -> sum(figures, "died", rule.window()));
            case FAILURES ->
                of(history.functions(lately("answered", "failed")), figures -> failures(figures, rule.window()));
        };
    }

    private static Question lately(String... figures) {
        return new Question(1, "", Set.of(figures));
    }

    private static Map<String, Double> of(History.View view, ToDoubleFunction<Map<String, int[]>> reading) {
        var readings = new HashMap<String, Double>();
        view.series().forEach((subject, figures) -> readings.put(subject, reading.applyAsDouble(figures)));
        return readings;
    }

    /** The step that has just begun may not have been looked at yet. */
    private static double last(Map<String, int[]> figures, String figure) {
        int[] steps = figures.getOrDefault(figure, new int[0]);
        for (int i = steps.length - 1; i >= Math.max(0, steps.length - 3); i--) {
            if (steps[i] >= 0) {
                return steps[i];
            }
        }
        return 0;
    }

    private static double sum(Map<String, int[]> figures, String figure, Duration window) {
        int[] steps = figures.getOrDefault(figure, new int[0]);
        long from = steps.length - 1 - window.toSeconds() / History.STEP.toSeconds();
        double sum = 0;
        for (int i = (int) Math.max(0, from); i < steps.length; i++) {
            sum += Math.max(0, steps[i]);
        }
        return sum;
    }

    private static double failures(Map<String, int[]> figures, Duration window) {
        double all = sum(figures, "answered", window);
        return all < FEWEST ? 0 : 100 * sum(figures, "failed", window) / all;
    }
}
