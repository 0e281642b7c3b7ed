package dev.caravan.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.gateway.auth.Sessions.Standing;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SessionsTest {

    private static final Caller ANN = new Caller("ann", Role.OPERATOR);

    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final InstantSource clock = () -> now;
    private final Map<String, Standing> users =
            new HashMap<>(Map.of("ann", new Standing(Grant.of(Role.OPERATOR), "hash 1")));
    private final Sessions sessions = new Sessions(
            clock, Duration.ofMinutes(30), Duration.ofHours(2), name -> Optional.ofNullable(users.get(name)));

    @Test
    void whoHasTheSecretIsTheUserWhoSignedIn() {
        Session session = sessions.open(ANN).orElseThrow();

        assertThat(sessions.find(session.secret())).contains(new Caller("ann", Role.OPERATOR, session));
        assertThat(sessions.find(session.token())).isEmpty();
        assertThat(sessions.find("")).isEmpty();
        assertThat(session.secret()).matches("[\\w-]{43}").isNotEqualTo(session.token());
        assertThat(session.toString()).doesNotContain(session.secret(), session.token());
    }

    @Test
    void itLastsWhileItIsUsedButNotForEver() {
        String used = sessions.open(ANN).orElseThrow().secret();
        String idle = sessions.open(ANN).orElseThrow().secret();

        for (int i = 0; i < 4; i++) {
            now = now.plus(Duration.ofMinutes(29));
            assertThat(sessions.find(used)).isPresent();
        }
        assertThat(sessions.find(idle)).isEmpty();
        now = now.plus(Duration.ofMinutes(4));
        assertThat(sessions.find(used)).as("after two hours").isEmpty();
    }

    @Test
    void itEndsWhenItIsClosed() {
        Session one = sessions.open(ANN).orElseThrow();
        Session other = sessions.open(ANN).orElseThrow();

        sessions.close(one.secret());
        sessions.close(one.secret());

        assertThat(sessions.find(one.secret())).isEmpty();
        assertThat(sessions.find(other.secret())).isPresent();
    }

    @Test
    void anotherRoleCountsAtOnceAndAnotherPasswordEndsIt() {
        String secret = sessions.open(ANN).orElseThrow().secret();

        users.put("ann", new Standing(Grant.of(Role.VIEWER), "hash 1"));
        assertThat(sessions.find(secret)).map(Caller::role).contains(Role.VIEWER);
        users.put("ann", new Standing(Grant.of(Role.VIEWER), "hash 2"));
        assertThat(sessions.find(secret)).isEmpty();
        users.put("ann", new Standing(Grant.of(Role.VIEWER), "hash 1"));
        assertThat(sessions.find(secret)).as("it does not come back").isEmpty();
        users.clear();
        assertThat(sessions.open(ANN)).isEmpty();
    }

    @Test
    void tooManyPushOutTheOneThatWasIdleLongest() {
        String first = sessions.open(ANN).orElseThrow().secret();
        String second = sessions.open(ANN).orElseThrow().secret();
        for (int i = 0; i < 999; i++) {
            assertThat(sessions.find(first)).isPresent();
            sessions.open(ANN);
        }

        assertThat(sessions.find(first)).isPresent();
        assertThat(sessions.find(second)).isEmpty();
    }
}
