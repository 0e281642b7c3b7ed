package dev.caravan.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.gateway.BasicAuth.Verdict;
import dev.caravan.testing.RawClient;
import dev.caravan.testing.ScriptedFunction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BasicAuthTest {

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final InstantSource clock = () -> now;

    @TempDir
    Path folder;

    @Test
    void theFirstStartMakesAPasswordThatOnlyTheOwnerCanRead() throws Exception {
        Path secrets = folder.resolve("secrets");

        BasicAuth auth = BasicAuth.in(secrets, clock);

        String password =
                Files.readString(secrets.resolve("basic-auth-password")).strip();
        assertThat(password).matches("[A-Za-z0-9_-]{32}");
        assertThat(mode(secrets)).isEqualTo("rwx------");
        assertThat(mode(secrets.resolve("basic-auth-password"))).isEqualTo("rw-------");
        assertThat(auth.judge(basic("admin:" + password), "a")).isEqualTo(Verdict.PASS);
        assertThat(BasicAuth.in(secrets, clock).judge(basic("admin:" + password), "a"))
                .as("the next start keeps it")
                .isEqualTo(Verdict.PASS);
    }

    @Test
    void whitespaceAroundTheFilesContentsDoesNotCount() throws Exception {
        assertThat(given("  root \n", "pass word\r\n").judge(basic("root:pass word"), "a"))
                .isEqualTo(Verdict.PASS);
    }

    @Test
    void everythingElseIsDenied() throws Exception {
        BasicAuth auth = given("admin", "secret");

        assertThat(auth.judge(null, "a")).isEqualTo(Verdict.DENY);
        assertThat(auth.judge("", "a")).isEqualTo(Verdict.DENY);
        assertThat(auth.judge("Basic", "a")).isEqualTo(Verdict.DENY);
        assertThat(auth.judge("Basic %%%", "a")).isEqualTo(Verdict.DENY);
        assertThat(auth.judge("Bearer ", "a")).isEqualTo(Verdict.DENY);
        assertThat(auth.judge(basic("admin:secret "), "a")).isEqualTo(Verdict.DENY);
        assertThat(auth.judge(basic("admin:"), "a")).isEqualTo(Verdict.DENY);
        assertThat(auth.judge(basic("Admin:secret"), "a")).isEqualTo(Verdict.DENY);
        assertThat(auth.judge("basic " + basic("admin:secret").substring(6), "a"))
                .isEqualTo(Verdict.PASS);
    }

    @Test
    void guessingIsSlowedDownForTheOneWhoGuesses() throws Exception {
        BasicAuth auth = given("admin", "secret");
        for (int i = 0; i < 30; i++) {
            assertThat(auth.judge(basic("admin:" + i), "bad")).isEqualTo(Verdict.DENY);
        }

        assertThat(auth.judge(basic("admin:31"), "bad")).isEqualTo(Verdict.THROTTLE);
        assertThat(auth.judge(basic("admin:1"), "good")).isEqualTo(Verdict.DENY);
        assertThat(auth.judge(basic("admin:secret"), "bad")).isEqualTo(Verdict.PASS);
        now = now.plus(Duration.ofSeconds(61));
        assertThat(auth.judge(basic("admin:32"), "bad")).isEqualTo(Verdict.DENY);
    }

    @Test
    void routesAreClosedUnlessTheyAreInTheGroupPublic() throws Exception {
        try (var gateway = new TestGateway(given("admin", "secret"), Duration.ofSeconds(5));
                var function = ScriptedFunction.answering("ok")) {
            gateway.replicas.with("echo", function.uri());
            gateway.with(new RouteBuilder() {
                @Override
                public void configure() {
                    from("platform-http:/closed").setBody(constant("inside"));
                    from("platform-http:/open").routeGroup("public").setBody(constant("outside"));
                }
            });
            int port = gateway.port();

            var denied = RawClient.get(port, "/closed");
            assertThat(denied.status()).isEqualTo(401);
            assertThat(denied.value("www-authenticate")).isEqualTo("Basic realm=\"Restricted\"");
            assertThat(denied.body()).isEqualTo("invalid credentials\n");
            assertThat(RawClient.get(port, "/closed", "Authorization: " + basic("admin:wrong"))
                            .status())
                    .isEqualTo(401);
            assertThat(RawClient.get(port, "/closed", "Authorization: " + basic("admin:secret"))
                            .body())
                    .isEqualTo("inside");
            assertThat(RawClient.get(port, "/open").body()).isEqualTo("outside");
            assertThat(RawClient.get(port, "/nowhere").status()).isEqualTo(404);
            assertThat(RawClient.get(port, "/function/echo", "Authorization: Bearer its-own")
                            .status())
                    .isEqualTo(200);
            assertThat(function.seen().get(0).value("authorization")).isEqualTo("Bearer its-own");
        }
    }

    @Test
    void withoutAuthenticationAnEmptyBearerTokenIsIgnored() throws Exception {
        try (var gateway = new TestGateway()) {
            gateway.with(new RouteBuilder() {
                @Override
                public void configure() {
                    from("platform-http:/closed").setBody(constant("inside"));
                }
            });

            assertThat(RawClient.get(gateway.port(), "/closed", "Authorization: Bearer ")
                            .body())
                    .isEqualTo("inside");
        }
    }

    private BasicAuth given(String user, String password) throws IOException {
        Files.writeString(folder.resolve("basic-auth-user"), user);
        Files.writeString(folder.resolve("basic-auth-password"), password);
        return BasicAuth.in(folder, clock);
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private static String basic(String credentials) {
        return "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    }
}
