package dev.caravan.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When a function is given no calls for a while because it fails, written {@code 50%/20/30s}.
 *
 * @param failurePercent of the last calls that open the breaker, 1 to 100
 * @param window how many last calls are looked at, all of which there must be first; 1 to 10,000
 * @param open how long nothing is given before one call probes; up to an hour
 */
public record BreakerRule(int failurePercent, int window, Duration open) {

    private static final Pattern RULE = Pattern.compile("([0-9]{1,3})%/([0-9]{1,5})/([^/]+)");
    private static final String EXPECTED =
            "must be failures, calls looked at and pause, such as 50%/20/30s (1-100 %, 1-10000, up to 1h)";

    /** @throws IllegalArgumentException when it is none, or out of bounds */
    public static BreakerRule parse(String text) {
        Matcher parts = RULE.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException(EXPECTED);
        }
        var rule = new BreakerRule(
                Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)), Durations.parse(parts.group(3)));
        boolean sensible = rule.failurePercent >= 1
                && rule.failurePercent <= 100
                && rule.window >= 1
                && rule.window <= 10_000
                && rule.open.toMillis() >= 1
                && rule.open.compareTo(Duration.ofHours(1)) <= 0;
        if (!sensible) {
            throw new IllegalArgumentException(EXPECTED);
        }
        return rule;
    }
}
