package dev.caravan.watchdog;

import java.time.Duration;

/** How long to wait before a process that crashed is started again: twice as long each time, until it stayed up. */
final class Backoff {

    static final Duration FIRST = Duration.ofMillis(100);
    static final Duration LONGEST = Duration.ofSeconds(30);

    /** A process that ran this long is taken for sound. */
    static final Duration SOUND = Duration.ofSeconds(30);

    private Duration next = FIRST;

    /** @param uptime how long the process ran that crashed now */
    Duration after(Duration uptime) {
        if (uptime.compareTo(SOUND) >= 0) {
            next = FIRST;
        }
        Duration wait = next;
        Duration doubled = next.multipliedBy(2);
        next = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
        return wait;
    }
}
