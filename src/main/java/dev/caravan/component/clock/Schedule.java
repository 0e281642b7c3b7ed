package dev.caravan.component.clock;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;
import org.springframework.scheduling.support.CronExpression;

/**
 * A cron expression where a clock hangs. When that is put forward or back, what is due at certain hours is due once: at an
 * hour that is left out, as much later; at one that comes twice, the first time. What is due in every hour follows the time
 * that passes.
 *
 * @param everyHour whether the expression says no certain hours
 */
record Schedule(CronExpression cron, boolean everyHour, ZoneId zone) {

    private static final int FIELDS_WITHOUT_SECONDS = 5;
    private static final int HOUR = 2;

    /**
     * Reads what a route says.
     *
     * @param cron five fields, from minute to day of week, or six with seconds in front
     * @param zone {@code Europe/Berlin}, {@code UTC}, {@code +02:00}
     * @throws IllegalArgumentException with a line that says what is wrong
     */
    static Schedule of(String cron, String zone) {
        String text = cron.strip();
        String[] fields = text.split("\\s+");
        try {
            return new Schedule(
                    CronExpression.parse(fields.length == FIELDS_WITHOUT_SECONDS ? "0 " + text : text),
                    everyHour(fields),
                    ZoneId.of(zone));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "no time zone is called \"" + zone + "\"; write it like Europe/Berlin or UTC", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "\"" + cron
                            + "\" is no cron expression (minute hour day month weekday, with seconds in front or not): "
                            + e.getMessage(),
                    e);
        }
    }

    private static boolean everyHour(String[] fields) {
        if (fields.length < FIELDS_WITHOUT_SECONDS) {
            return fields[0].equals("@hourly");
        }
        return fields[fields.length == FIELDS_WITHOUT_SECONDS ? HOUR - 1 : HOUR].contains("*");
    }

    /** The first time after this one; empty when there is none any more, as for the 30th of February. */
    Optional<Instant> after(Instant time) {
        if (everyHour) {
            return Optional.ofNullable(cron.next(time.atZone(zone))).map(ZonedDateTime::toInstant);
        }
        LocalDateTime next = cron.next(time.atZone(zone).toLocalDateTime());
        while (next != null && !next.atZone(zone).toInstant().isAfter(time)) {
            next = cron.next(next);
        }
        return Optional.ofNullable(next).map(local -> local.atZone(zone).toInstant());
    }
}
