package dev.caravan.gateway.auth;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who tries passwords, and how fast, by address. After 30 wrong ones within a minute an address is suspect until that
 * minute is over: of what it sends, one password a second is still checked, so that those who share the address with
 * whoever guesses are slowed down but not locked out. For any thread.
 */
final class Guesses {

    private static final Logger LOG = LoggerFactory.getLogger(Guesses.class);
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int WRONG_PER_WINDOW = 30;
    private static final Duration SUSPECT_PAUSE = Duration.ofSeconds(1);

    /** So that one address cannot fill the queue of checks for all others. */
    private static final int CHECKS_AT_ONCE = 8;

    private static final int ADDRESSES_WATCHED = 1_000;

    /** Whether a password may be checked. */
    enum Admission {
        GRANTED,
        TOO_MANY_WRONG,
        TOO_MANY_AT_ONCE
    }

    private static final class Address {
        Instant since = Instant.MIN;
        int wrong;
        int checks;
        Instant lastCheck = Instant.MIN;
    }

    private final InstantSource clock;
    private final Map<String, Address> addresses = new LinkedHashMap<>();

    Guesses(InstantSource clock) {
        this.clock = clock;
    }

    /** Asks to check a password from there now; after {@link Admission#GRANTED} {@link #checked} must follow. */
    synchronized Admission admit(String address) {
        Instant now = clock.instant();
        Address from = at(address, now);
        if (from.wrong >= WRONG_PER_WINDOW && now.isBefore(from.lastCheck.plus(SUSPECT_PAUSE))) {
            return Admission.TOO_MANY_WRONG;
        }
        if (from.checks >= CHECKS_AT_ONCE) {
            return Admission.TOO_MANY_AT_ONCE;
        }
        from.checks++;
        from.lastCheck = now;
        return Admission.GRANTED;
    }

    synchronized void checked(String address) {
        Address from = addresses.get(address);
        if (from != null && from.checks > 0) {
            from.checks--;
        }
    }

    /** Counts a wrong one; whether there are too many now. */
    synchronized boolean wrong(String address) {
        Address from = at(address, clock.instant());
        from.wrong++;
        if (from.wrong == WRONG_PER_WINDOW + 1) {
            LOG.warn("too many wrong passwords address={}", address);
        }
        return from.wrong > WRONG_PER_WINDOW;
    }

    private Address at(String address, Instant now) {
        Address known = addresses.remove(address);
        Address from = known == null ? new Address() : known;
        addresses.put(address, from);
        if (addresses.size() > ADDRESSES_WATCHED) {
            addresses.remove(addresses.keySet().iterator().next());
        }
        if (from.since.equals(Instant.MIN) || from.since.plus(WINDOW).isBefore(now)) {
            from.since = now;
            from.wrong = 0;
        }
        return from;
    }
}
