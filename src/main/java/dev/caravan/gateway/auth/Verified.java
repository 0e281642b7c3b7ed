package dev.caravan.gateway.auth;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Credentials that were right, for five minutes, so that not each request costs a password check. Only digests stand
 * here, and a right one counts no longer than its user has that password: an edit of the users file needs no emptying.
 */
final class Verified {

    private static final Duration TIME = Duration.ofMinutes(5);
    private static final int MAX_KEPT = 10_000;

    private record Kept(String name, PasswordHash hash, Instant until) {}

    private final InstantSource clock;
    private final Map<ByteBuffer, Kept> kept = new ConcurrentHashMap<>();

    Verified(InstantSource clock) {
        this.clock = clock;
    }

    void add(ByteBuffer credentials, String name, PasswordHash hash) {
        if (kept.size() >= MAX_KEPT) {
            kept.clear(); // more than users can have right at a time, so most are out of date
        }
        kept.put(credentials, new Kept(name, hash, clock.instant().plus(TIME)));
    }

    /** Whose credentials these are now; empty when they have to be checked. */
    Optional<Caller> caller(ByteBuffer credentials, Users users) {
        Kept found = kept.get(credentials);
        if (found == null) {
            return Optional.empty();
        }
        Optional<Caller> caller = clock.instant().isBefore(found.until())
                ? users.named(found.name())
                        .filter(user -> user.hash().equals(found.hash()))
                        .map(user -> new Caller(found.name(), user.grant()))
                : Optional.empty();
        if (caller.isEmpty()) {
            kept.remove(credentials, found);
        }
        return caller;
    }
}
