package dev.caravan.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.gateway.auth.PasswordHash;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/** Sends the rows of a client's table, in the order in which they stand, and compares what they are answered. */
final class Rows {

    private static final String PASSWORD = "correct horse battery";

    private final TestServer server;

    Rows(TestServer server) {
        this.server = server;
    }

    /**
     * Sends one row.
     *
     * @param who {@code admin}, {@code nobody}, {@code wrong} (a wrong password), {@code token} (an empty bearer token), or
     *     one of those whom {@link #addUsers} adds
     * @param request verb and target
     * @param body as it is sent
     * @param answer {@code -}: whatever; empty: no body; else a pattern that is found in the body
     */
    Reply send(String who, String request, String body, int status, String answer) {
        String[] verbAndTarget = request.split(" ", 2);

        Reply reply = server.send(
                verbAndTarget[0], verbAndTarget[1].strip(), body.getBytes(StandardCharsets.UTF_8), credentials(who));

        assertThat(reply.status()).as(reply.toString()).isEqualTo(status);
        if (answer.isEmpty()) {
            assertThat(reply.text()).isEmpty();
        } else if (!answer.equals("-")) {
            assertThat(reply.text()).containsPattern(answer);
        }
        if (status >= 400 && !reply.header("Content-Type").contains("json") && reply.bytes().length > 0) {
            assertThat(reply.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
            assertThat(reply.text()).matches("[^\r\n]+\n");
        }
        return reply;
    }

    /** The headers that say who calls. */
    String[] credentials(String who) {
        return switch (who) {
            case "admin" -> new String[] {"Authorization", server.authorization()};
            case "wrong" -> new String[] {"Authorization", "Basic YWRtaW46d3Jvbmc="};
            case "token" -> new String[] {"Authorization", "Bearer "};
            case "vera", "olga", "nora" -> new String[] {"Authorization", basic(who)};
            case "nobody" -> new String[] {};
            default -> throw new IllegalArgumentException("nobody is called " + who);
        };
    }

    /** Adds {@code vera}, a viewer, {@code olga}, an operator, and {@code nora}, one who sees no bodies. */
    static void addUsers(TestServer server) throws IOException {
        String hash = PasswordHash.of(PASSWORD.getBytes(StandardCharsets.UTF_8));
        Files.write(
                server.data().resolve("secrets/users"),
                List.of("vera:viewer:" + hash, "olga:operator:" + hash, "nora:operator[-bodies]:" + hash));
        for (String user : List.of("vera", "olga", "nora")) {
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> server.get("/system/info", "Authorization", basic(user))
                                    .status()
                            == 200);
        }
    }

    private static String basic(String user) {
        byte[] credentials = (user + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(credentials);
    }
}
