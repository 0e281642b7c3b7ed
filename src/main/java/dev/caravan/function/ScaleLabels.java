package dev.caravan.function;

import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * How far a function may be scaled, as its labels say (contract section 4.1, with the defaults of OpenFaaS before 2023:
 * there is no cap of five here).
 *
 * @param min replicas it starts with, and comes back to when an alert is over; 0 is allowed
 * @param max replicas up to which an alert scales it
 * @param factor percent of {@code max} that a firing alert adds; 0 when alerts do not scale it
 */
public record ScaleLabels(int min, int max, int factor) {

    public static final String MIN = "com.openfaas.scale.min";
    public static final String MAX = "com.openfaas.scale.max";
    public static final String FACTOR = "com.openfaas.scale.factor";

    private static final int DEFAULT_MIN = 1;
    private static final int DEFAULT_MAX = 20;
    private static final int DEFAULT_FACTOR = 20;

    /**
     * Reads a function's labels. A maximum that is not said is never below the minimum.
     *
     * @param ignored told the name and the value of each label that makes no sense, whose default then applies
     */
    public static ScaleLabels of(Map<String, String> labels, BiConsumer<String, String> ignored) {
        int min = replicas(MIN, labels, 0, DEFAULT_MIN, ignored);
        int max = replicas(MAX, labels, 1, Math.max(DEFAULT_MAX, min), ignored);
        return new ScaleLabels(min, max, factor(labels.get(FACTOR), ignored));
    }

    /** As {@link #of(Map, BiConsumer)}, for who needs not know what was ignored. */
    public static ScaleLabels of(Map<String, String> labels) {
        return of(labels, (label, value) -> {});
    }

    /** @throws IllegalArgumentException when the minimum is above the maximum */
    public void requireOrder() {
        if (min > max) {
            throw new IllegalArgumentException("label " + MIN + " (" + min + ") is above " + MAX + " (" + max + ")");
        }
    }

    private static int replicas(
            String label, Map<String, String> labels, int least, int otherwise, BiConsumer<String, String> ignored) {
        String text = labels.get(label);
        if (text == null) {
            return otherwise;
        }
        if (text.matches("[0-9]{1,4}") && Integer.parseInt(text) >= least) {
            return Integer.parseInt(text);
        }
        ignored.accept(label, text);
        return otherwise;
    }

    /** Numbers outside of 1 to 100 switch scaling by alerts off; anything else makes no sense. */
    private static int factor(@Nullable String text, BiConsumer<String, String> ignored) {
        if (text == null) {
            return DEFAULT_FACTOR;
        }
        if (!text.matches("-?[0-9]{1,9}")) {
            ignored.accept(FACTOR, text);
            return DEFAULT_FACTOR;
        }
        int factor = Integer.parseInt(text);
        return factor >= 1 && factor <= 100 ? factor : 0;
    }
}
