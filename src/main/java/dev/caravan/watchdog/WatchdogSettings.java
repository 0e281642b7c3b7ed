package dev.caravan.watchdog;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The classic watchdog's settings, under the names OpenFaaS gave them (contract section 6.1). What cannot be read is
 * the default, as there.
 *
 * @param command the process and its arguments, split at single spaces; there is no quoting
 * @param execTimeout how long one call may run; zero is for ever
 * @param writeTimeout how long calls that run may take to end when the watchdog stops
 * @param maxInflight how many calls may run at once; zero is any number
 * @param contentType of every answer; empty for the request's
 */
record WatchdogSettings(
        List<String> command,
        Duration execTimeout,
        Duration writeTimeout,
        int maxInflight,
        boolean combineOutput,
        String contentType,
        boolean cgiHeaders) {

    private static final Pattern DURATION_PART = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ns|us|µs|ms|s|m|h)");
    private static final Duration LONGEST = Duration.ofDays(365);

    /** @throws IllegalArgumentException when there is no {@code fprocess} */
    static WatchdogSettings from(Map<String, String> environment) {
        String process = environment.getOrDefault("function_process", environment.getOrDefault("fprocess", ""));
        if (process.isBlank()) {
            throw new IllegalArgumentException("set fprocess to the command that answers a request");
        }
        String inflight = environment.getOrDefault("max_inflight", "");
        return new WatchdogSettings(
                List.of(process.split(" ")),
                duration(environment, "exec_timeout", Duration.ZERO),
                duration(environment, "write_timeout", Duration.ofSeconds(30)),
                inflight.matches("[0-9]{1,9}") ? Integer.parseInt(inflight) : 0,
                flag(environment, "combine_output"),
                environment.getOrDefault("content_type", ""),
                flag(environment, "cgi_headers"));
    }

    /** Both flags are on unless they say otherwise; only {@code true} is true. */
    private static boolean flag(Map<String, String> environment, String name) {
        String text = environment.getOrDefault(name, "");
        return text.isEmpty() || text.equals("true");
    }

    private static Duration duration(Map<String, String> environment, String name, Duration otherwise) {
        return duration(environment.getOrDefault(name, "")).orElse(otherwise);
    }

    /** Go syntax ({@code 1m30s}, {@code 250ms}) or bare seconds; at most a year. */
    static Optional<Duration> duration(String text) {
        if (text.matches("[0-9]{1,7}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
        }
        if (text.length() > 40) {
            return Optional.empty();
        }
        Matcher part = DURATION_PART.matcher(text);
        BigDecimal nanos = BigDecimal.ZERO;
        int end = 0;
        while (part.find() && part.start() == end) {
            nanos = nanos.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(nanosIn(part.group(2)))));
            end = part.end();
        }
        if (end == 0 || end < text.length() || nanos.compareTo(BigDecimal.valueOf(LONGEST.toNanos())) > 0) {
            return Optional.empty();
        }
        return Optional.of(Duration.ofNanos(nanos.longValue()));
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
