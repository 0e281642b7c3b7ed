package dev.caravan.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as OpenFaaS writes them: Go syntax ({@code 1h30m}, {@code 250ms}) or bare seconds (contract section 0.1). */
public final class Durations {

    private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ns|us|µs|ms|s|m|h)");
    private static final String EXPECTED = "must be a duration such as 90, 1m30s or 250ms";

    private Durations() {}

    /** @throws IllegalArgumentException when it is neither, or longer than 292 years */
    public static Duration parse(String text) {
        try {
            if (text.matches("[0-9]{1,10}")) {
                return Duration.ofSeconds(Long.parseLong(text));
            }
            Matcher part = PART.matcher(text);
            BigDecimal nanos = BigDecimal.ZERO;
            int end = 0;
            while (part.find() && part.start() == end) {
                nanos = nanos.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(nanosIn(part.group(2)))));
                end = part.end();
            }
            if (end == 0 || end < text.length()) {
                throw new IllegalArgumentException(EXPECTED);
            }
            return Duration.ofNanos(nanos.toBigInteger().longValueExact());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(EXPECTED, e);
        }
    }

    private static long nanosIn(String unit) {
        return switch (unit) {
            case "ns" -> 1L;
            case "us", "µs" -> 1_000L;
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            default -> 3_600_000_000_000L; // h, the last the pattern lets through
        };
    }
}
