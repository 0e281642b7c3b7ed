package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a function's annotations make of how its calls come out of the queue. */
class PoliciesIT {

    private static final String NO_RETRIES = "com.openfaas.retry.attempts=0";
    private static final Duration LONG = Duration.ofSeconds(60);

    @RegisterExtension
    static final TestServer server = TestServer.with("CARAVAN_SCALE_FROM_ZERO=false");

    private static void awaitSucceeded(String function, int calls) {
        await(calls + " calls of " + function).atMost(LONG).until(() -> server.invocations(function, 200) >= calls);
    }

    private static double held(String function, String reason) {
        return server.metric(
                "caravan_function_held{function_name=\"" + function + ".openfaas-fn\",reason=\"" + reason + "\"}");
    }

    private static double limit(String function) {
        return server.metric("caravan_function_limit{function_name=\"" + function + ".openfaas-fn\"}");
    }

    @Test
    void aFunctionNeverRunsMoreCallsAtOnceThanItsLimit() {
        String limited = TestServer.freshName("two-at-once");
        // The watchdog refuses a third, and without retries each refusal would be a dead letter.
        server.deployAs(limited, "sleep 0.05", Map.of("max_inflight", "2"), "dev.caravan.concurrency=2", NO_RETRIES);
        for (int i = 0; i < 60; i++) {
            server.callAsync(limited, "");
        }
        await().atMost(LONG).until(() -> held(limited, "concurrency") == 1);

        awaitSucceeded(limited, 60);
        assertThat(limit(limited)).isEqualTo(2);
        assertThat(server.deadLetters(limited)).isEmpty();
        assertThat(server.invocations(limited, 429)).isZero();
        await("nothing waits any more").atMost(LONG).until(() -> held(limited, "concurrency") == 0);
    }

    @Test
    void aRateIsKeptWithinFivePercent() throws IOException {
        Path times = server.folder().resolve("rate.times");
        String paced =
                server.deployScript("paced", "date +%s%N >> " + times, "dev.caravan.rate=10/s", "dev.caravan.burst=5");
        int calls = 155;
        for (int i = 0; i < calls; i++) {
            server.callAsync(paced, "");
        }
        awaitSucceeded(paced, calls);

        List<Long> started =
                Files.readAllLines(times).stream().map(Long::valueOf).sorted().toList();
        assertThat(started).hasSize(calls);
        double seconds = (started.get(calls - 1) - started.get(0)) / 1e9;
        // The burst comes at once, the rest one after the other: 150 at 10 a second.
        assertThat((calls - 5) / seconds).isBetween(10 * 0.95, 10 * 1.05);
    }

    @Test
    void anOverloadedFunctionFailsNoCallAndSpendsNoAttemptWhenItIsAdaptive() {
        String busy = TestServer.freshName("busy");
        server.deployAs(busy, "sleep 0.02", Map.of("max_inflight", "3"), "dev.caravan.adaptive=true", NO_RETRIES);
        for (int i = 0; i < 200; i++) {
            server.callAsync(busy, "");
        }

        awaitSucceeded(busy, 200);
        assertThat(server.invocations(busy, 429)).as("it was overloaded").isPositive();
        assertThat(limit(busy)).isPositive();
        assertThat(server.deadLetters(busy)).isEmpty();
        assertThat(server.metric("caravan_retries_total{function_name=\"" + busy + ".openfaas-fn\"}"))
                .isZero();
    }

    @Test
    void aStormOf503IsWaitedOut() throws IOException {
        Path open = server.folder().resolve("door.open");
        String door = TestServer.freshName("door");
        Path program = Files.writeString(server.folder().resolve("door.py"), DOOR);
        server.deployAs(
                door,
                "python3 " + program,
                Map.of("mode", "http", "DOOR", open.toString()),
                "dev.caravan.adaptive=true",
                NO_RETRIES);
        server.awaitReplica(door);
        for (int i = 0; i < 100; i++) {
            server.callAsync(door, "");
        }
        await().atMost(LONG).until(() -> limit(door) == 1 && held(door, "adaptive") == 1);
        assertThat(server.deadLetters(door)).isEmpty();
        assertThat(server.invocations(door, 503)).as("it was not hammered").isLessThan(150);

        Files.createFile(open);

        awaitSucceeded(door, 100);
        assertThat(server.deadLetters(door)).isEmpty();
        assertThat(server.metric("caravan_retries_total{function_name=\"" + door + ".openfaas-fn\"}"))
                .isZero();
    }

    private static final String DOOR = """
            import http.server, os

            class Door(http.server.BaseHTTPRequestHandler):
                protocol_version = "HTTP/1.1"

                def do_POST(self):
                    self.rfile.read(int(self.headers.get("Content-Length") or 0))
                    self.send_response(200 if os.path.exists(os.environ["DOOR"]) else 503)
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Door).serve_forever()
            """;

    @Test
    void aBreakerHoldsTheQueueProbesAndCloses() throws IOException {
        Path broken = Files.createFile(server.folder().resolve("breaker.broken"));
        String fragile = server.deployScript(
                "fragile",
                "test ! -e " + broken,
                "dev.caravan.breaker=50%/4/1s",
                "dev.caravan.concurrency=1",
                NO_RETRIES);
        for (int i = 0; i < 40; i++) {
            server.callAsync(fragile, "");
        }
        await().atMost(LONG).until(() -> held(fragile, "breaker") == 1);
        // Four opened it, each later one was a probe; the others wait and have spent nothing.
        await("a probe").atMost(LONG).until(() -> server.invocations(fragile, 500) >= 5);
        Files.delete(broken);

        await().atMost(LONG)
                .until(() -> server.invocations(fragile, 200)
                                + server.deadLetters(fragile).size()
                        == 40);
        int failed = server.deadLetters(fragile).size();
        assertThat(failed)
                .as("four, and a probe each second until it was mended")
                .isBetween(5, 20);
        for (JsonNode letter : server.deadLetters(fragile)) {
            assertThat(letter.get("attempts").asInt()).isEqualTo(1);
        }
        assertThat(held(fragile, "breaker")).isZero();
    }

    @Test
    void freshCallsOvertakeAStormOfRetries() {
        String mixed = server.deployAnswers(
                "com.openfaas.retry.min_wait=100ms",
                "com.openfaas.retry.max_wait=200ms",
                "com.openfaas.retry.attempts=50");
        for (int i = 0; i < 500; i++) {
            server.callAsync(mixed + "/500", "");
        }
        await().atMost(LONG).until(() -> server.invocations(mixed, 500) >= 600);
        double before = server.invocations(mixed, 500);
        for (int i = 0; i < 20; i++) {
            server.callAsync(mixed + "/200", "");
        }

        awaitSucceeded(mixed, 20);
        // Within their waits of at most 200 ms, 500 calls would fail 2,500 times a second.
        assertThat(server.invocations(mixed, 500) - before).isLessThan(500);
        assertThat(server.calls("retrying")).isGreaterThan(300);
    }

    @Test
    void aChangedLimitHoldsForCallsThatAlreadyWait() {
        String name = TestServer.freshName("changed");
        server.deployAs(name, "cat", Map.of(), "dev.caravan.rate=1/h");
        for (int i = 0; i < 5; i++) {
            server.callAsync(name, "");
        }
        await().atMost(LONG).until(() -> held(name, "rate") == 1);

        server.deployAs(name, "cat", Map.of(), "dev.caravan.rate=100/s");

        awaitSucceeded(name, 5);
    }

    @Test
    void theDoorTakesNoMoreThanMayWaitAndThenSomeAgain() {
        String full = server.deploy("full", "cat", "dev.caravan.queue.max-waiting=3");
        String other = server.deploy("not-full", "cat");
        double refused = server.metric("caravan_calls_refused_total{status=\"429\"}");
        List<String> waiting = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waiting.add(server.callAsync(full, "", "X-Delay", "1h"));
        }

        for (String delay : List.of("1h", "0")) {
            Reply reply = server.post("/async-function/" + full, "", "X-Delay", delay);

            assertThat(reply.status()).isEqualTo(429);
            assertThat(reply.header("Retry-After")).isEqualTo("5");
            assertThat(reply.text())
                    .isEqualTo("too many calls wait for function \"" + full + ".openfaas-fn\", it allows 3\n");
        }
        assertThat(server.metric("caravan_calls_refused_total{status=\"429\"}")).isEqualTo(refused + 2);
        assertThat(server.system("/system/calls?function=" + full).json().get("items"))
                .as("nothing of a refused call is kept")
                .hasSize(3);
        server.callAsync(other, "");

        server.send("DELETE", "/async-function/" + waiting.get(0), new byte[0]);

        server.callAsync(full, "");
        awaitSucceeded(full, 1);
    }

    @Test
    void aRetryThatWaitsCountsAndOneThatRunsDoesNot() {
        String failing = server.deployScript(
                "waits-for-retry",
                "sleep 2; exit 1",
                "dev.caravan.queue.max-waiting=1",
                "com.openfaas.retry.min_wait=1m");
        String first = server.callAsync(failing, "");
        await().atMost(LONG).until(() -> status(first).equals("running"));
        server.callAsync(failing, "", "X-Delay", "1h");

        assertThat(server.post("/async-function/" + failing, "").status()).isEqualTo(429);

        String alone = server.deployScript(
                "retries-alone", "exit 1", "dev.caravan.queue.max-waiting=1", "com.openfaas.retry.min_wait=1m");
        String retried = server.callAsync(alone, "");
        await().atMost(LONG).until(() -> status(retried).equals("retrying"));
        assertThat(server.post("/async-function/" + alone, "").status()).isEqualTo(429);
    }

    private static String status(String call) {
        return server.get("/async-function/" + call).json().get("status").asText();
    }

    @Test
    void callsHeldTooLongDieOfTheirAge() {
        String slow = server.deploy("aged", "cat", "dev.caravan.rate=1/s", "dev.caravan.max-age=3s");
        for (int i = 0; i < 30; i++) {
            server.callAsync(slow, "");
        }

        await().atMost(LONG).until(() -> server.deadLetters(slow).size() + server.invocations(slow, 200) == 30);
        assertThat(server.deadLetters(slow))
                .isNotEmpty()
                .allSatisfy(letter -> assertThat(letter.get("reason").asText()).isEqualTo("expired"));
        assertThat(server.invocations(slow, 200)).isGreaterThanOrEqualTo(1);
    }
}
