package dev.caravan.queue;

import dev.caravan.config.Durations;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How often and how soon a failed call is tried again (contract section 3.2).
 *
 * @param attempts retries after the first try, 0 for none
 * @param codes statuses that are worth another try
 * @param minWait before the first retry; doubles with each
 * @param maxWait that it never exceeds
 */
public record RetryPolicy(int attempts, Set<Integer> codes, Duration minWait, Duration maxWait) {

    public static final RetryPolicy DEFAULT =
            new RetryPolicy(10, Set.of(408, 429, 500, 502, 503, 504), Duration.ofSeconds(1), Duration.ofMinutes(2));

    private static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(1);
    private static final Duration LONGEST_WAIT = Duration.ofDays(30);
    private static final String PREFIX = "com.openfaas.retry.";

    public RetryPolicy {
        codes = Set.copyOf(codes);
    }

    /**
     * A function's own policy from its annotations {@code com.openfaas.retry.{attempts,codes,min_wait,max_wait}}.
     *
     * @param invalid told the annotation and what it held for each that makes no sense; its default then applies
     */
    public static RetryPolicy of(Map<String, String> annotations, BiConsumer<String, String> invalid) {
        var notes = new Annotations(annotations, invalid);
        return new RetryPolicy(
                notes.read(PREFIX + "attempts", RetryPolicy::attempts, DEFAULT.attempts()),
                notes.read(PREFIX + "codes", RetryPolicy::codes, DEFAULT.codes()),
                notes.read(PREFIX + "min_wait", RetryPolicy::wait, DEFAULT.minWait()),
                notes.read(PREFIX + "max_wait", RetryPolicy::wait, DEFAULT.maxWait()));
    }

    /** Whether an answer with this status is worth another try. */
    public boolean retries(int status) {
        return codes.contains(status);
    }

    /**
     * How long to wait after the {@code attempt}th try failed: exponential with 50–100 % jitter, or what a 429 or 503
     * asks for, at least {@code minWait} and at most an hour.
     *
     * @param attempt counted from 1
     * @param retryAfter the answer's {@code Retry-After} (RFC 9110 section 10.2.3), null when it gave none
     * @param random uniform in [0, 1)
     */
    public Duration delay(int attempt, int status, @Nullable String retryAfter, Instant now, DoubleSupplier random) {
        Optional<Duration> asked = status == 429 || status == 503 ? retryAfter(retryAfter, now) : Optional.empty();
        return asked.map(wait -> min(max(wait, minWait), LONGEST_RETRY_AFTER)).orElseGet(() -> {
            int doublings = Math.min(attempt - 1, 30);
            Duration full = min(minWait.multipliedBy(1L << doublings), maxWait);
            return Duration.ofMillis((long) (full.toMillis() * (0.5 + random.getAsDouble() / 2)));
        });
    }

    /** How long a {@code Retry-After} asks to wait, perhaps less than nothing; empty when it says nothing readable. */
    static Optional<Duration> retryAfter(@Nullable String text, Instant now) {
        if (text == null) {
            return Optional.empty();
        }
        if (text.strip().matches("[0-9]{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(text.strip())));
        }
        try {
            Instant date = ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return Optional.of(Duration.between(now, date));
        } catch (DateTimeException e) {
            return Optional.empty(); // what cannot be read is no wish
        }
    }

    private static int attempts(String text) {
        if (!text.matches("[0-9]{1,4}")) {
            throw new IllegalArgumentException("must be a number from 0 to 9999");
        }
        return Integer.parseInt(text);
    }

    private static Set<Integer> codes(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .map(code -> {
                    if (!code.matches("[1-5][0-9]{2}")) {
                        throw new IllegalArgumentException("must be statuses separated by commas");
                    }
                    return Integer.parseInt(code);
                })
                .collect(Collectors.toUnmodifiableSet());
    }

    private static Duration wait(String text) {
        Duration value = Durations.parse(text);
        if (value.isZero() || value.compareTo(LONGEST_WAIT) > 0) {
            throw new IllegalArgumentException("must be longer than nothing and at most 30 days");
        }
        return value;
    }

    private static Duration max(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }
}
