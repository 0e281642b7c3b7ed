package dev.caravan.resque;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Times as Ruby Resque writes them: what reads them may be strict. All in UTC, to the second. */
final class ResqueTime {

    private static final DateTimeFormatter HEARTBEAT = format("yyyy-MM-dd'T'HH:mm:ss'+00:00'");
    private static final DateTimeFormatter STARTED = format("yyyy-MM-dd HH:mm:ss '+0000'");
    private static final DateTimeFormatter FAILED_AT = format("yyyy/MM/dd HH:mm:ss 'UTC'");

    private ResqueTime() {}

    private static DateTimeFormatter format(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
    }

    /** {@code 2026-11-21T21:06:40+00:00}: anything else keeps every Ruby worker of this Redis from starting. */
    static String heartbeat(Instant time) {
        return HEARTBEAT.format(time);
    }

    /** {@code 2026-11-21 21:06:40 +0000}. */
    static String started(Instant time) {
        return STARTED.format(time);
    }

    /** {@code 2026/11/21 21:06:40 UTC}: one record without it hides all others from resque-web. */
    static String failedAt(Instant time) {
        return FAILED_AT.format(time);
    }

    /** {@code 2026-11-21T21:06:40Z}. */
    static String runAt(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
