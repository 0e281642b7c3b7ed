package dev.caravan.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VerifiedTest {

    private static final ByteBuffer CREDENTIALS = ByteBuffer.wrap(new byte[] {1, 2, 3});
    private static final String HASH = BasicAuthTest.HASH;

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Verified verified = new Verified(() -> now);

    @Test
    void rightCredentialsAreRememberedForFiveMinutes() throws Exception {
        Users users = users("ann:viewer:" + HASH);
        verified.add(CREDENTIALS, "ann", PasswordHash.parse(HASH));

        now = now.plus(Duration.ofMinutes(5)).minusMillis(1);
        assertThat(role(CREDENTIALS, users)).contains(Role.VIEWER);
        assertThat(role(ByteBuffer.wrap(new byte[] {1, 2, 4}), users)).isEmpty();
        now = now.plusMillis(1);
        assertThat(role(CREDENTIALS, users)).isEmpty();
    }

    @Test
    void theRoleIsTheOneOfTheFileAsItIsNow() throws Exception {
        verified.add(CREDENTIALS, "ann", PasswordHash.parse(HASH));

        assertThat(role(CREDENTIALS, users("ann:viewer:" + HASH))).contains(Role.VIEWER);
        assertThat(role(CREDENTIALS, users("ann:admin:" + HASH))).contains(Role.ADMIN);
        assertThat(role(CREDENTIALS, users("ann:admin:" + HASH.replace("y2", "y3"))))
                .as("another password")
                .isEmpty();
    }

    @Test
    void whoIsRemovedIsForgotten() throws Exception {
        verified.add(CREDENTIALS, "ann", PasswordHash.parse(HASH));

        assertThat(role(CREDENTIALS, users("bob:viewer:" + HASH))).isEmpty();
        assertThat(role(CREDENTIALS, users("ann:viewer:" + HASH)))
                .as("checked anew when she is back")
                .isEmpty();
    }

    private Optional<Role> role(ByteBuffer credentials, Users users) {
        return verified.caller(credentials, users).map(Caller::role);
    }

    private static Users users(String text) throws IOException {
        return Users.parse(Path.of("users"), text, "admin", "openfaas-fn");
    }
}
