package dev.caravan.alerts;

import dev.caravan.config.AlertRule;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One rule about one queue or function: whether it is broken, and who knows. Guarded by its {@link Alerts}. */
final class Watched {

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    private final AlertRule rule;
    private final String subject;
    private final Duration quiet;

    private boolean firing;
    private double value;
    private Instant since = Instant.EPOCH;
    private @Nullable Instant endedAt;
    private @Nullable Instant toldAt;
    private @Nullable String problem;

    /** Whether whoever is told believes that it is broken. */
    private boolean believed;
    /** Since when somebody is to be told of it again at the earliest. */
    private Instant quietUntil = Instant.MIN;

    private Instant nextTry = Instant.MIN;
    private int failures;

    Watched(AlertRule rule, String subject, Duration quiet) {
        this.rule = rule;
        this.subject = subject;
        this.quiet = quiet;
    }

    /** @return the alert that is over by this; empty when none is */
    Optional<Alert> read(double reading, Instant now) {
        boolean broken = reading > rule.threshold();
        if (broken) {
            value = reading;
        }
        if (broken == firing) {
            return Optional.empty();
        }
        firing = broken;
        failures = 0;
        problem = null;
        nextTry = now;
        if (broken) {
            since = now;
            endedAt = null;
            toldAt = null;
            return Optional.empty();
        }
        endedAt = now;
        return Optional.of(alert());
    }

    /** What is to be told now: what is believed is not what is. */
    Optional<Notice> due(Instant now) {
        boolean quietened = firing && now.isBefore(quietUntil);
        return believed == firing || quietened || now.isBefore(nextTry)
                ? Optional.empty()
                : Optional.of(new Notice(alert(), !firing));
    }

    void told(boolean over, Instant now) {
        believed = !over;
        problem = null;
        failures = 0;
        if (!over) {
            toldAt = now;
            quietUntil = now.plus(quiet);
        }
    }

    void notTold(String why, Instant now) {
        problem = why;
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures++, 6));
        nextTry = now.plus(pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE);
    }

    boolean firing() {
        return firing;
    }

    /** Whether nothing is left of it that matters. */
    boolean forgettable(Instant now) {
        return !firing && !believed && !now.isBefore(quietUntil);
    }

    Alert alert() {
        return new Alert(rule, subject, value, since, endedAt, toldAt, problem);
    }
}
