package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.testing.RawClient;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A request that is repeated with its {@code Idempotency-Key}: one call, and whoever repeats it is told which. */
class IdempotencyKeyIT {

    private static final String KEY = "Idempotency-Key";

    @RegisterExtension
    static final TestServer server = TestServer.with("CARAVAN_SCALE_FROM_ZERO=false");

    @Test
    void aRepeatIsAnsweredWithTheFirstCallsId() {
        String echo = server.deploy("echo", "cat");

        Reply first = server.post("/async-function/" + echo + "/a?b=c", "hello", KEY, "one");
        Reply second = server.post("/async-function/" + echo + "/a?b=c", "hello", KEY, "one");
        Reply third = server.post("/async-function/" + echo + "/a?b=c", "hello", KEY, "two");

        assertThat(first.status()).isEqualTo(202);
        assertThat(first.header("Idempotent-Replayed")).isEmpty();
        assertThat(second.status()).isEqualTo(202);
        assertThat(second.header("Idempotent-Replayed")).isEqualTo("true");
        assertThat(second.header("X-Call-Id")).isEqualTo(first.header("X-Call-Id"));
        assertThat(second.bytes()).isEmpty();
        assertThat(third.header("X-Call-Id")).isNotEqualTo(first.header("X-Call-Id"));
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(server.invocations(echo, 200)).isEqualTo(2));
    }

    @Test
    void aRepeatInAnyStateMakesNoCall() {
        String echo = server.deploy("echo", "cat");
        server.scale(echo, 0);
        String id = server.callAsync(echo, "hello", KEY, "one");
        assertThat(server.callAsync(echo, "hello", KEY, "one")).isEqualTo(id);

        server.send("DELETE", "/async-function/" + id, new byte[0]);

        assertThat(server.callAsync(echo, "hello", KEY, "one")).isEqualTo(id);
        assertThat(server.metric("caravan_calls_cancelled_total{function_name=\"" + echo + ".openfaas-fn\"}"))
                .isEqualTo(1);
    }

    @Test
    void anotherRequestUnderTheKeyIsRefused() throws IOException {
        String echo = server.deploy("echo", "cat");
        server.scale(echo, 0);
        String path = "/async-function/" + echo + "/a?b=c";
        server.post(path, "hello", KEY, "one", "Content-Type", "text/plain");
        double accepted = server.calls();

        List<Reply> others = List.of(
                server.post(path, "hello!", KEY, "one", "Content-Type", "text/plain"),
                server.post(path, "hello".repeat(50_000), KEY, "one", "Content-Type", "text/plain"),
                server.post(path, "hello", KEY, "one", "Content-Type", "text/html"),
                server.post("/async-function/" + echo + "/b?b=c", "hello", KEY, "one", "Content-Type", "text/plain"),
                server.post("/async-function/" + echo + "/a", "hello", KEY, "one", "Content-Type", "text/plain"));

        assertThat(others).allSatisfy(other -> {
            assertThat(other.status()).isEqualTo(422);
            assertThat(other.text()).isEqualTo("Idempotency-Key was used for another request before\n");
        });
        assertThat(server.calls()).isEqualTo(accepted);
        assertThat(server.metric("caravan_calls_refused_total{status=\"422\"}")).isEqualTo(5);
        try (Stream<Path> files = Files.walk(server.data().resolve("bodies"))) {
            assertThat(files.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void theSameKeyOfAnotherFunctionIsAnotherKey() {
        String one = server.deploy("one", "cat");
        String two = server.deploy("two", "cat");

        assertThat(server.callAsync(one, "hello", KEY, "shared"))
                .isNotEqualTo(server.callAsync(two, "hello", KEY, "shared"));
    }

    @Test
    void aRequestThatWasRefusedHasNotUsedItsKey() {
        String echo = server.deploy("echo", "cat");

        Reply refused = server.post("/async-function/" + echo, "hello", KEY, "one", "X-Delay", "for ever");
        Reply good = server.post("/async-function/" + echo, "hello you", KEY, "one");

        assertThat(refused.status()).isEqualTo(400);
        assertThat(good.status()).isEqualTo(202);
        assertThat(good.header("Idempotent-Replayed")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "caf\u00e9", "LONG"})
    void aKeyThatIsNoneIsRefused(String key) throws IOException {
        String echo = server.deploy("echo", "cat");
        String sent = key.equals("LONG") ? "x".repeat(256) : key;

        var answer = RawClient.post(server.port(), "/async-function/" + echo, "x", KEY + ": " + sent);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).isEqualTo("Idempotency-Key must be 1 to 255 visible ASCII characters\n");
    }

    @Test
    void theLongestKeyIsTaken() {
        String echo = server.deploy("echo", "cat");

        String id = server.callAsync(echo, "x", KEY, "~".repeat(255));

        assertThat(server.callAsync(echo, "x", KEY, "~".repeat(255))).isEqualTo(id);
    }

    @Test
    void largeBodiesAreKeptOnce() throws IOException {
        String echo = server.deploy("echo", "cat");
        server.scale(echo, 0);
        String body = "0123456789".repeat(20_000);

        String id = server.callAsync(echo, body, KEY, "large");
        assertThat(server.callAsync(echo, body, KEY, "large")).isEqualTo(id);

        try (Stream<Path> files = Files.walk(server.data().resolve("bodies"))) {
            assertThat(files.filter(Files::isRegularFile)).hasSize(1);
        }
        server.scale(echo, 1);
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(server.invocations(echo, 200)).isEqualTo(1));
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            try (Stream<Path> files = Files.walk(server.data().resolve("bodies"))) {
                assertThat(files.filter(Files::isRegularFile)).isEmpty();
            }
        });
    }
}
