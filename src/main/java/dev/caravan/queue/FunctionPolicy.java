package dev.caravan.queue;

import dev.caravan.config.Durations;
import dev.caravan.config.PolicySettings;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * How a function's asynchronous calls are treated: its annotations, and the settings where it says nothing.
 *
 * @param limits what it is given at most
 * @param retryBudget percent of its fresh calls that its retries may be; empty when they are not counted
 * @param maxWaiting how many of its calls may wait before the door takes no more; 0 for any number
 * @param maxAge of its calls; empty for the setting's
 * @param priority of its calls, 0 to 9; empty for the usual
 */
public record FunctionPolicy(
        RetryPolicy retry,
        Limits limits,
        Optional<Integer> retryBudget,
        int maxWaiting,
        Optional<Duration> maxAge,
        Optional<Integer> priority) {

    /** @param invalid told the annotation and what it held for each that makes no sense; its default then applies */
    static FunctionPolicy of(
            Map<String, String> annotations, PolicySettings defaults, BiConsumer<String, String> invalid) {
        var notes = new Annotations(annotations, invalid);
        return new FunctionPolicy(
                RetryPolicy.of(annotations, invalid),
                Limits.of(notes, defaults),
                notes.read("dev.caravan.retry-budget", PolicySettings::percent, defaults.retryBudget()),
                notes.read("dev.caravan.queue.max-waiting", PolicySettings::maxWaiting, defaults.maxWaiting()),
                notes.read("dev.caravan.max-age", FunctionPolicy::age, Optional.empty()),
                notes.read("dev.caravan.priority", FunctionPolicy::priority, Optional.empty()));
    }

    private static Optional<Duration> age(String text) {
        Duration age = Durations.parse(text);
        if (age.toMillis() < 1) {
            throw new IllegalArgumentException("must be longer than nothing");
        }
        return Optional.of(age);
    }

    private static Optional<Integer> priority(String text) {
        if (!text.matches("[0-9]")) {
            throw new IllegalArgumentException("must be a digit from 0 to 9");
        }
        return Optional.of(Integer.parseInt(text));
    }
}
