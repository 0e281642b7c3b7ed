package dev.caravan.queue;

import dev.caravan.config.BreakerRule;
import dev.caravan.config.PolicySettings;
import dev.caravan.config.Rate;
import java.util.Optional;

/**
 * What a function is given at most. Limits hold on each node by itself.
 *
 * @param concurrency calls that run at once
 * @param rate calls in a time, over any longer while
 * @param burst calls that {@code rate} lets through at once after a pause
 * @param adaptive whether 429 and 503 hold calls back
 * @param breaker when nothing is given because it fails
 */
public record Limits(
        Optional<Integer> concurrency,
        Optional<Rate> rate,
        int burst,
        boolean adaptive,
        Optional<BreakerRule> breaker) {

    static final Limits NONE = new Limits(Optional.empty(), Optional.empty(), 1, false, Optional.empty());

    static Limits of(Annotations annotations, PolicySettings defaults) {
        Optional<Rate> rate = annotations.read("dev.caravan.rate", PolicySettings::rate, defaults.rate());
        // A second's worth: less could not make up for a worker that is woken a little late.
        int second = rate.map(value -> (int) Math.ceil(value.perSecond())).orElse(1);
        return new Limits(
                annotations.read("dev.caravan.concurrency", PolicySettings::concurrency, defaults.concurrency()),
                rate,
                annotations.read("dev.caravan.burst", Limits::burst, second),
                annotations.read("dev.caravan.adaptive", Limits::flag, defaults.adaptive()),
                annotations.read("dev.caravan.breaker", PolicySettings::breaker, defaults.breaker()));
    }

    private static int burst(String text) {
        if (!text.matches("[1-9][0-9]{0,6}")) {
            throw new IllegalArgumentException("must be a number from 1 to 9999999");
        }
        return Integer.parseInt(text);
    }

    private static boolean flag(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("must be true or false");
        };
    }
}
