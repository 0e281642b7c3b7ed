package dev.caravan.gateway.auth;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The browsers that are signed in, in memory only: a restart ends all sessions. One ends when nothing was asked in it for
 * the idle time, at the latest when its whole time is over, and at once when its user is removed or gets another password;
 * another role, or other rights, count from the next request on. For any thread.
 */
public final class Sessions {

    /** More than people sign in; the one that was idle longest makes room. */
    private static final int MAX_KEPT = 1_000;

    private static final int SECRET_BYTES = 32;

    /**
     * How a user stands right now.
     *
     * @param proof changes with the password
     */
    record Standing(Grant grant, Object proof) {}

    private record Kept(Session session, String name, Object proof, Instant usedAt) {}

    private final InstantSource clock;
    private final Duration idle;
    private final Duration longest;
    private final Function<String, Optional<Standing>> users;
    private final SecureRandom random = new SecureRandom();

    /** Those used longest ago first; guarded by this. */
    private final Map<String, Kept> kept = new LinkedHashMap<>();

    /**
     * @param idle how long one may be without a request
     * @param longest how long one may last at all
     * @param users empty for a name that is nobody's
     */
    Sessions(InstantSource clock, Duration idle, Duration longest, Function<String, Optional<Standing>> users) {
        this.clock = clock;
        this.idle = idle;
        this.longest = longest;
        this.users = users;
    }

    /** Begins one for somebody whose password was just found right; empty when the user is gone meanwhile. */
    public Optional<Session> open(Caller caller) {
        return users.apply(caller.name()).map(standing -> {
            Instant now = clock.instant();
            var session = new Session(random(), random(), now.plus(longest));
            keep(new Kept(session, caller.name(), standing.proof(), now));
            return session;
        });
    }

    private synchronized void keep(Kept fresh) {
        if (kept.size() >= MAX_KEPT) {
            kept.remove(kept.keySet().iterator().next());
        }
        kept.put(fresh.session().secret(), fresh);
    }

    /** Who is signed in by it; empty when nobody is, or no longer. */
    public Optional<Caller> find(String secret) {
        Optional<Kept> used = use(secret);
        Optional<Caller> caller = used.flatMap(one -> users.apply(one.name())
                .filter(standing -> standing.proof().equals(one.proof()))
                .map(standing -> new Caller(
                        one.name(), standing.grant().role(), standing.grant().rights(), one.session())));
        if (used.isPresent() && caller.isEmpty()) {
            close(secret);
        }
        return caller;
    }

    private synchronized Optional<Kept> use(String secret) {
        Kept found = kept.remove(secret);
        Instant now = clock.instant();
        if (found == null
                || !now.isBefore(found.session().until())
                || !now.isBefore(found.usedAt().plus(idle))) {
            return Optional.empty();
        }
        kept.put(secret, new Kept(found.session(), found.name(), found.proof(), now));
        return Optional.of(found);
    }

    /** Ends one; harmless when it is over. */
    public synchronized void close(String secret) {
        kept.remove(secret);
    }

    private String random() {
        var bytes = new byte[SECRET_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
