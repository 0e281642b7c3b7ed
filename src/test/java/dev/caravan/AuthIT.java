package dev.caravan;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.config.LogSettings;
import dev.caravan.config.LogSettings.Format;
import dev.caravan.config.LogSettings.Level;
import dev.caravan.config.SettingsException;
import dev.caravan.gateway.auth.PasswordHash;
import dev.caravan.telemetry.Logging;
import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Users, roles and functions that ask for a user, on a whole Caravan with the shipped routes. */
class AuthIT {

    private static final String PASSWORD = "correct horse battery";
    private static final byte[] NOTHING = {};

    @RegisterExtension
    static final TestServer server = TestServer.with();

    @RegisterExtension
    static final RecordingCallbackReceiver receiver = new RecordingCallbackReceiver();

    @BeforeAll
    static void addUsers() throws IOException {
        String hash = PasswordHash.of(PASSWORD.getBytes(UTF_8));
        Files.write(
                server.data().resolve("secrets/users"),
                List.of("# two", "vera:viewer:" + hash, "", "olga:operator:" + hash));
        await().atMost(Duration.ofMinutes(1))
                .until(() -> as("vera", "GET", "/system/info").status() == 200);
    }

    /** Each route of the API, and the least role that it lets in. What it then says to an empty body is its own business. */
    @ParameterizedTest
    @CsvSource({
        "GET,    /system/functions,                 viewer",
        "POST,   /system/functions,                 admin",
        "PUT,    /system/functions,                 admin",
        "DELETE, /system/functions,                 admin",
        "GET,    /system/function/echo,             viewer",
        "POST,   /system/scale-function/echo,       admin",
        "GET,    /system/info,                      viewer",
        "GET,    /system/queues,                    viewer",
        "GET,    /system/dead-letters,              viewer",
        "GET,    /system/dead-letters/an-id,        viewer",
        "POST,   /system/dead-letters/an-id/replay, operator",
        "DELETE, /system/dead-letters/an-id,        operator",
        "GET,    /system/logs?name=echo,            viewer",
        "POST,   /system/async-report,              operator"
    })
    void eachRouteLetsInTheRoleItNeedsAndThoseAbove(String method, String path, String least) {
        Reply viewer = as("vera", method, path);
        Reply operator = as("olga", method, path);

        assertThat(server.send(method, path, NOTHING).status()).isEqualTo(401);
        if (least.equals("viewer")) {
            assertThat(viewer.status()).isNotIn(401, 403);
        } else {
            assertThat(viewer.status()).isEqualTo(403);
            assertThat(viewer.text()).isEqualTo("this needs the role " + least + ", yours is viewer\n");
        }
        if (least.equals("admin")) {
            assertThat(operator.status()).isEqualTo(403);
            assertThat(operator.text()).isEqualTo("this needs the role admin, yours is operator\n");
        } else {
            assertThat(operator.status()).isNotIn(401, 403);
        }
        assertThat(server.system(method, path, "").status()).isNotIn(401, 403);
    }

    @Test
    void aProtectedFunctionIsCalledByUsersAndNeverSeesTheirPassword() {
        String env = server.deploy("env", "env", "dev.caravan.auth=basic");
        String open = server.deploy("env", "env");

        for (String name : List.of(env, env + ".openfaas-fn")) {
            assertThat(server.post("/function/" + name, "").status()).isEqualTo(401);
            assertThat(server.post("/async-function/" + name, "").status()).isEqualTo(401);
        }
        await("calls that are not made are counted at the door")
                .until(() -> server.management("/metrics")
                        .text()
                        .lines()
                        .anyMatch(line -> line.matches("http_requests_total\\{.*path=\"/function\".*\"401\".*")));
        Reply called = as("vera", "POST", "/function/" + env);
        assertThat(called.status()).isEqualTo(200);
        assertThat(called.text()).contains("Http_").doesNotContain("Authorization");
        assertThat(as("vera", "POST", "/function/" + open).text()).contains("Http_Authorization=" + basic("vera"));
    }

    @Test
    void anAsynchronousCallLeavesNoPasswordInMessageOrDeadLetterAndItsRetriesNeedNone() throws IOException {
        String failing = server.deployScript(
                "failing",
                "env; exit 1",
                "dev.caravan.auth=basic",
                "com.openfaas.retry.attempts=1",
                "com.openfaas.retry.min_wait=1ms");

        Reply accepted = as("olga", "POST", "/async-function/" + failing);

        assertThat(accepted.status()).isEqualTo(202);
        await().until(() -> server.deadLetters(failing).size() == 1);
        String id = server.deadLetters(failing).get(0).get("id").asText();
        JsonNode letter = server.system("/system/dead-letters/" + id).json();
        assertThat(letter.get("attempts").asInt()).isEqualTo(2);
        assertThat(letter.get("headers").toString())
                .contains("X-Start-Time")
                .doesNotContainIgnoringCase("authorization");
        assertThat(as("olga", "POST", "/system/dead-letters/" + id + "/replay").status())
                .isEqualTo(202);
        await().until(() -> server.deadLetters(failing).size() == 1);
        try (Stream<Path> files = Files.walk(server.data())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(PASSWORD, basic("olga"), basic("olga").substring(6));
            }
        }
    }

    @Test
    void aCallbackToAProtectedFunctionIsADeadLetter() {
        String callee = server.deploy("callee", "cat", "dev.caravan.auth=basic");
        String caller = server.deploy("caller", "cat");

        server.callAsync(caller, "x", "X-Callback-Url", server.url("/function/" + callee));

        await().untilAsserted(() -> assertThat(server.deadLetters(caller))
                .singleElement()
                .satisfies(letter -> {
                    assertThat(letter.get("queue").asText()).isEqualTo("faas-callback");
                    assertThat(letter.get("statusCode").asInt()).isEqualTo(401);
                }));
    }

    @Test
    void allFunctionsMayAskForAUserAndOneMayBeOpen() {
        try (TestServer closed = TestServer.with("CARAVAN_FUNCTION_AUTH=basic").start()) {
            String echo = closed.deploy("echo", "cat");
            String open = closed.deploy("echo", "cat", "dev.caravan.auth=none");

            assertThat(closed.post("/function/" + echo, "x").status()).isEqualTo(401);
            assertThat(closed.post("/function/no-such-function", "x").status()).isEqualTo(401);
            assertThat(closed.post("/async-function/" + echo, "x").status()).isEqualTo(401);
            assertThat(closed.system("POST", "/function/" + echo, "x").text()).isEqualTo("x");
            assertThat(closed.post("/function/" + open, "x").text()).isEqualTo("x");
            assertThat(closed.get("/healthz").status()).isEqualTo(200);
            closed.callAsync(open, "x", "X-Callback-Url", receiver.url("/open"));
            assertThat(receiver.awaitOnly("/open").text()).isEqualTo("x");
        }
    }

    @ParameterizedTest
    @CsvSource({"POST", "PUT"})
    void anAnnotationThatNobodyKnowsIsRefused(String method) {
        String echo = server.deploy("echo", "cat");

        Reply reply = server.system(
                method,
                "/system/functions",
                "{\"service\":\"" + echo + "\",\"image\":\"x\",\"envProcess\":\"cat\","
                        + "\"annotations\":{\"dev.caravan.auth\":\"Basic\"}}");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text()).isEqualTo("annotation \"dev.caravan.auth\" must be none or basic, got: \"Basic\"\n");
    }

    @Test
    void aBrokenUsersFileStopsTheStartWithItsPlace() throws IOException {
        try (TestServer broken = TestServer.with()) {
            Path users = broken.data().resolve("secrets/users");
            Files.createDirectories(users.getParent());
            Files.writeString(users, "vera:viewer:" + PASSWORD + "\n");

            assertThatThrownBy(broken::start)
                    .isInstanceOf(SettingsException.class)
                    .hasMessage(users + ":1: the third part must be a bcrypt hash: $2a$, $2b$ or $2y$, 60 characters");
        }
    }

    @Test
    void noPasswordStandsInTheLogInAnAnswerOrInTheMetrics() {
        PrintStream before = System.out;
        var log = new ByteArrayOutputStream();
        var said = new StringBuilder();
        System.setOut(new PrintStream(log, true, UTF_8));
        try (TestServer chatty = TestServer.with("CARAVAN_LOG_LEVEL=debug").start()) {
            Logging.setUp(new LogSettings(Format.CONSOLE, Level.DEBUG));
            for (int i = 0; i < 40; i++) {
                said.append(chatty.get("/system/functions", "Authorization", basic("hunter2-user")));
            }
            said.append(chatty.system("/system/functions"));
            said.append(chatty.management("/metrics"));
            said.append(log.toString(UTF_8));

            assertThat(said)
                    .contains("401")
                    .doesNotContain(
                            PASSWORD, "hunter2-user", basic("hunter2-user").substring(6), chatty.password());
        } finally {
            System.setOut(before);
            Logging.setUp(new LogSettings(Format.CONSOLE, Level.INFO));
        }
    }

    private static Reply as(String user, String method, String path) {
        return server.send(method, path, NOTHING, "Authorization", basic(user));
    }

    private static String basic(String user) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + PASSWORD).getBytes(UTF_8));
    }
}
