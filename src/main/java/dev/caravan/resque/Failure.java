package dev.caravan.resque;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Why a job failed, as it stands in the list {@code failed}.
 *
 * @param exception a class name as a rule
 * @param error one line or more for people, bounded
 * @param backtrace bounded
 * @param more our own keys behind Resque's: texts and numbers
 */
public record Failure(String exception, String error, List<String> backtrace, Map<String, Object> more) {

    private static final int LONGEST = 1_000;
    private static final int LINES = 50;

    public Failure {
        error = error.length() <= LONGEST ? error : error.substring(0, LONGEST) + "…";
        backtrace = backtrace.stream().limit(LINES).toList();
        more = new LinkedHashMap<>(more);
    }

    public Failure(String exception, String error) {
        this(exception, error, List.of(), Map.of());
    }

    /** With the stack, line by line. */
    public static Failure of(Throwable thrown) {
        List<String> lines = Stream.of(thrown.getStackTrace())
                .map(StackTraceElement::toString)
                .toList();
        String message = thrown.getMessage();
        return new Failure(thrown.getClass().getName(), message == null ? "" : message, lines, Map.of());
    }
}
