package dev.caravan.watchdog;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads settings from an environment; what cannot be read is the default. */
final class Variables {

    private static final Pattern DURATION_PART = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ns|us|µs|ms|s|m|h)");
    private static final Duration LONGEST = Duration.ofDays(365);

    private final Map<String, String> environment;
    private final boolean oneIsTrue;

    /** @param oneIsTrue whether {@code 1} means true; {@code true} always does */
    Variables(Map<String, String> environment, boolean oneIsTrue) {
        this.environment = environment;
        this.oneIsTrue = oneIsTrue;
    }

    String text(String name, String otherwise) {
        String text = environment.getOrDefault(name, "");
        return text.isEmpty() ? otherwise : text;
    }

    boolean flag(String name, boolean otherwise) {
        String text = environment.getOrDefault(name, "");
        return text.isEmpty() ? otherwise : text.equals("true") || oneIsTrue && text.equals("1");
    }

    int number(String name, int otherwise) {
        String text = environment.getOrDefault(name, "");
        return text.matches("-?[0-9]{1,9}") ? Integer.parseInt(text) : otherwise;
    }

    int port(String name, int otherwise) {
        int port = number(name, otherwise);
        return port < 0 || port > 65535 ? otherwise : port;
    }

    Duration duration(String name, Duration otherwise) {
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
