package dev.caravan.function;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One try of a call, as its history and its dead letter keep it.
 *
 * @param number counted from 1 within a generation
 * @param took from take to answer
 * @param statusCode the function's status; 0 when it gave none
 * @param error what went wrong in one line, at most 1,000 characters; null when the function answered
 * @param responseExcerpt the first 1 KiB of the answer as text; null when there was none
 */
public record Attempt(
        int number,
        Instant startedAt,
        Duration took,
        int statusCode,
        @Nullable String error,
        @Nullable String responseExcerpt) {

    /** Text out of a function is bounded before it is kept. */
    public static final int MAX_ERROR = 1_000;

    public static final int MAX_EXCERPT = 1_024;

    public Attempt {
        error = bounded(error, MAX_ERROR);
        responseExcerpt = bounded(responseExcerpt, MAX_EXCERPT);
    }

    private static @Nullable String bounded(@Nullable String text, int max) {
        return text == null || text.length() <= max ? text : text.substring(0, max);
    }
}
