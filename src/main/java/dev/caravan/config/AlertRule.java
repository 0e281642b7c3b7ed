package dev.caravan.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When somebody is to be told, written {@code depth>1000}, {@code oldest@mail>10m}, {@code dead>20/10m} or
 * {@code failures@hello.openfaas-fn>25%/10m}.
 *
 * @param subject the queue, or function, that it is about; empty for each
 * @param threshold above which it holds: calls, seconds or percent
 * @param window over how long is counted; only of {@code dead} and {@code failures}
 * @param text as it was written
 */
public record AlertRule(Measure measure, String subject, double threshold, Duration window, String text) {

    /** What is measured. */
    public enum Measure {
        /** How many calls wait in a queue. */
        DEPTH(false),
        /** For how long the oldest of them has, in seconds. */
        OLDEST(false),
        /** How many calls of a queue died in the window. */
        DEAD(true),
        /** How many percent of a function's invocations failed in the window. */
        FAILURES(true);

        private final boolean counted;

        Measure(boolean counted) {
            this.counted = counted;
        }

        /** As it is written in a rule. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Pattern RULE =
            Pattern.compile("(depth|oldest|dead|failures)(?:@([A-Za-z0-9._-]{1,128}))?>([^/]+?)(?:/([^/]+))?");
    private static final String EXPECTED = "must be rules such as depth>1000, oldest@mail>10m, dead>20/10m or"
            + " failures>25%/10m (a window is 10s to 1h)";
    private static final Duration WINDOW = Duration.ofMinutes(10);
    private static final Duration SHORTEST = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofHours(1);

    /** @throws IllegalArgumentException when it is none, or out of bounds */
    static AlertRule parse(String text) {
        Matcher parts = RULE.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException(EXPECTED);
        }
        Measure measure = Arrays.stream(Measure.values())
                .filter(each -> each.word().equals(parts.group(1)))
                .findFirst()
                .orElseThrow();
        String subject = parts.group(2) == null ? "" : parts.group(2);
        Duration window = parts.group(4) == null ? WINDOW : Durations.parse(parts.group(4));
        boolean outOfBounds = window.compareTo(SHORTEST) < 0 || window.compareTo(LONGEST) > 0;
        if (outOfBounds || !measure.counted && parts.group(4) != null) {
            throw new IllegalArgumentException(EXPECTED);
        }
        return new AlertRule(measure, subject, threshold(measure, parts.group(3)), window, text);
    }

    private static double threshold(Measure measure, String text) {
        return switch (measure) {
            case DEPTH, DEAD -> number(text);
            case OLDEST -> Durations.parse(text).toMillis() / 1_000.0;
            case FAILURES -> {
                if (!text.endsWith("%") || number(text.substring(0, text.length() - 1)) >= 100) {
                    throw new IllegalArgumentException(EXPECTED);
                }
                yield number(text.substring(0, text.length() - 1));
            }
        };
    }

    private static int number(String text) {
        if (!text.matches("[0-9]{1,9}")) {
            throw new IllegalArgumentException(EXPECTED);
        }
        return Integer.parseInt(text);
    }
}
