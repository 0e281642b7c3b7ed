package dev.caravan.alerts;

import dev.caravan.config.AlertRule;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Something that is wrong, or was.
 *
 * @param subject the queue or function
 * @param value what was measured last, or when it was still wrong
 * @param endedAt null while it is wrong
 * @param toldAt when somebody was told that it began; null when nobody was yet
 * @param problem why nobody could be told; null when nothing is in the way
 */
public record Alert(
        AlertRule rule,
        String subject,
        double value,
        Instant since,
        @Nullable Instant endedAt,
        @Nullable Instant toldAt,
        @Nullable String problem) {

    /** The same for as long as this goes on, and for nothing else of one process. */
    public String id() {
        return rule.text() + " " + subject + " " + since.getEpochSecond();
    }

    /** One line for a person. */
    public String line() {
        String number = String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f" : "%.1f", value);
        String of = String.format(Locale.ROOT, "%.0f", rule.threshold());
        String window = rule.window().toSeconds() + " s";
        return switch (rule.measure()) {
            case DEPTH -> number + " calls wait in queue " + subject + ", more than " + of;
            case OLDEST ->
                "the oldest call of queue " + subject + " waits for " + number + " s, longer than " + of + " s";
            case DEAD -> number + " calls of queue " + subject + " died within " + window + ", more than " + of;
            case FAILURES ->
                number + " % of the invocations of function " + subject + " failed within " + window + ", more than "
                        + of + " %";
        };
    }
}
