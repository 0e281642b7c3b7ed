package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Operators hold queues, let them go on, and empty them, on a running server. */
class QueueControlIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    static final TestServer server = TestServer.with();

    @RegisterExtension
    static final RecordingCallbackReceiver receiver = new RecordingCallbackReceiver();

    @AfterEach
    void letAllGoOn() {
        tell("POST", "faas-request/resume");
        tell("POST", "faas-callback/resume");
        tell("DELETE", "faas-request/concurrency");
    }

    private static JsonNode tell(String method, String what) {
        Reply reply = server.system(method, "/system/queues/" + what, "");
        assertThat(reply.status()).as(reply.toString()).isEqualTo(202);
        return reply.json();
    }

    private static JsonNode queue(String name) {
        return StreamSupport.stream(server.system("/system/queues").json().spliterator(), false)
                .filter(queue -> queue.get("name").asText().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static boolean gone(String name) {
        return StreamSupport.stream(server.system("/system/queues").json().spliterator(), false)
                .noneMatch(queue -> queue.get("name").asText().equals(name)
                        && queue.get("concurrency").asInt() > 0);
    }

    @Test
    void aPausedQueueAcceptsCallsAndRunsNoneUntilItGoesOn() {
        String echo = server.deploy("echo", "cat");

        JsonNode paused = tell("POST", "faas-request/pause");
        server.callAsync(echo, "x", "X-Callback-Url", receiver.url("/paused"));

        assertThat(paused.get("paused").asBoolean()).isTrue();
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(queue("faas-request").get("depth").asLong()).isEqualTo(1));
        await().during(Duration.ofSeconds(2)).until(() -> server.invocations(echo, 200) == 0);
        assertThat(tell("POST", "faas-request/resume").get("paused").asBoolean())
                .isFalse();
        assertThat(receiver.awaitOnly("/paused").text()).isEqualTo("x");
    }

    @Test
    void aFunctionIsPausedByItselfWhileOthersRun() {
        String held = server.deploy("held", "cat");
        String free = server.deploy("free", "cat");

        JsonNode queue = tell("POST", "faas-request/pause?function=" + held);
        server.callAsync(held, "held", "X-Callback-Url", receiver.url("/held"));
        server.callAsync(free, "free", "X-Callback-Url", receiver.url("/free"));

        assertThat(queue.get("paused").asBoolean()).isFalse();
        assertThat(queue.get("pausedFunctions").get(0).asText()).isEqualTo(held + ".openfaas-fn");
        assertThat(receiver.awaitOnly("/free").text()).isEqualTo("free");
        assertThat(server.invocations(held, 200)).isZero();
        tell("POST", "faas-request/resume"); // does not concern it
        await().during(Duration.ofSeconds(1)).until(() -> server.invocations(held, 200) == 0);
        tell("POST", "faas-request/resume?function=" + held);
        assertThat(receiver.awaitOnly("/held").text()).isEqualTo("held");
    }

    @Test
    void aDrainedQueueFinishesWhatRunsAndSaysWhenItHas() {
        String slow = server.deployScript("slow", "sleep 2; cat");
        server.callAsync(slow, "x");
        await().atMost(PATIENCE)
                .until(() -> queue("faas-request").get("running").asInt() == 1);

        JsonNode draining = tell("POST", "faas-request/drain");
        server.callAsync(slow, "later");

        assertThat(draining.get("paused").asBoolean()).isTrue();
        assertThat(draining.get("drained").asBoolean()).isFalse();
        await().atMost(PATIENCE)
                .until(() -> queue("faas-request").get("drained").asBoolean());
        assertThat(server.invocations(slow, 200)).isEqualTo(1);
        assertThat(queue("faas-request").get("depth").asLong()).isEqualTo(1);
    }

    @Test
    void callbacksWaitWhileTheirQueueIsPaused() {
        String echo = server.deploy("echo", "cat");
        tell("POST", "faas-callback/pause");

        server.callAsync(echo, "x", "X-Callback-Url", receiver.url("/callback"));
        await().atMost(PATIENCE).until(() -> server.invocations(echo, 200) == 1);

        await().during(Duration.ofSeconds(2))
                .until(() -> receiver.received("/callback").isEmpty());
        tell("POST", "faas-callback/resume");
        assertThat(receiver.awaitOnly("/callback").text()).isEqualTo("x");
    }

    @Test
    void asManyCallsRunAtOnceAsIsSaid() {
        String slow = server.deployScript("slow", "sleep 1; cat");
        Reply limited = server.system("POST", "/system/queues/faas-request/concurrency", "{\"concurrency\": 1}");

        assertThat(limited.json().get("concurrency").asInt()).isEqualTo(1);
        for (int i = 0; i < 3; i++) {
            server.callAsync(slow, "x");
        }
        await().atMost(PATIENCE).until(() -> {
            assertThat(queue("faas-request").get("running").asInt()).isLessThanOrEqualTo(1);
            return server.invocations(slow, 200) == 3;
        });
        assertThat(tell("DELETE", "faas-request/concurrency").get("concurrency").asInt())
                .isEqualTo(50);
    }

    @Test
    void whatWasSaidAboutAQueueOutlivesARestart() {
        try (TestServer own = TestServer.with().start()) {
            String echo = own.deploy("echo", "cat");
            own.system("POST", "/system/queues/faas-request/pause", "");
            own.system("POST", "/system/queues/faas-callback/concurrency", "{\"concurrency\": 3}");
            own.callAsync(echo, "x", "X-Callback-Url", receiver.url("/restart"));

            own.stop();
            own.start();

            JsonNode callback = own.system("/system/queues").json().get(0);
            JsonNode request = own.system("/system/queues").json().get(1);
            assertThat(callback.get("concurrency").asInt()).isEqualTo(3);
            assertThat(request.get("paused").asBoolean()).isTrue();
            assertThat(request.get("depth").asInt()).isEqualTo(1);
            own.system("POST", "/system/queues/faas-request/resume", "");
            assertThat(receiver.awaitOnly("/restart").text()).isEqualTo("x");
        }
    }

    @Test
    void aPurgeCancelsWhatWaitsAndLeavesWhatRunsAndOthers() throws IOException {
        String full = server.deployScript("full", "sleep 3; cat");
        String other = server.deploy("other", "cat");
        server.callAsync(full, "running", "X-Callback-Url", receiver.url("/running"));
        await().atMost(PATIENCE)
                .until(() -> queue("faas-request").get("running").asInt() == 1);
        tell("POST", "faas-request/pause");
        double before = server.calls();
        double cancelledBefore = server.calls("cancelled");
        for (int i = 0; i < 450; i++) {
            server.callAsync(full, "x");
        }
        server.callAsync(full, "x".repeat(100_000)); // its body is a file
        server.callAsync(full, "x".repeat(100_000), "X-Delay", "3s");
        server.callAsync(other, "other", "X-Callback-Url", receiver.url("/other"));
        assertThat(bodies()).isEqualTo(2);

        JsonNode purged = tell("DELETE", "faas-request/messages?function=" + full);

        assertThat(purged.get("cancelled").asInt()).isEqualTo(452);
        assertThat(server.calls("cancelled") - cancelledBefore).isEqualTo(452);
        assertThat(server.calls() - before).isEqualTo(453);
        assertThat(queue("faas-request").get("depth").asInt()).isEqualTo(1);
        tell("POST", "faas-request/resume");
        assertThat(receiver.awaitOnly("/other").text()).isEqualTo("other");
        assertThat(receiver.awaitOnly("/running").text()).isEqualTo("running");
        // The delayed one's goes when it falls due.
        await().atMost(PATIENCE).until(() -> bodies() == 0);
        assertThat(server.invocations(full, 200)).isEqualTo(1);
        assertThat(tell("DELETE", "faas-request/messages").get("cancelled").asInt())
                .isZero();
    }

    private static long bodies() throws IOException {
        Path folder = server.data().resolve("bodies");
        if (Files.notExists(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).count();
        }
    }

    @Test
    void aQueueThatOnlyAFunctionNamesIsMadeAndGoesWithIt() {
        String gpu = server.deploy("render", "cat", "com.openfaas.queue=gpu");
        await().atMost(PATIENCE).until(() -> !gone("gpu"));

        server.callAsync(gpu, "x", "X-Callback-Url", receiver.url("/gpu"));

        assertThat(receiver.awaitOnly("/gpu").text()).isEqualTo("x");
        assertThat(queue("gpu").get("concurrency").asInt()).isEqualTo(50);
        server.delete(gpu);
        await().atMost(PATIENCE).until(() -> gone("gpu"));
    }

    @Test
    void anOwnQueueOutlivesAReloadOfItsTemplateAndGivesWayToALineInIt() throws IOException {
        String tpu = server.deploy("train", "cat", "com.openfaas.queue=tpu");
        await().atMost(PATIENCE).until(() -> !gone("tpu"));
        Path file = server.routes().resolve("worker/run-call.camel.yaml");
        String before = Files.readString(file);

        Files.writeString(file, before.replace("defaultValue: \"50\"", "defaultValue: \"40\""));
        await().atMost(PATIENCE).until(() -> queue("tpu").get("concurrency").asInt() == 40);
        server.callAsync(tpu, "x", "X-Callback-Url", receiver.url("/reloaded"));
        assertThat(receiver.awaitOnly("/reloaded").text()).isEqualTo("x");

        Files.writeString(file, before + """
                - templatedRoute:
                    routeTemplateRef: run-call
                    routeId: run-tpu
                    parameters:
                      - name: queue
                        value: tpu
                      - name: concurrency
                        value: "7"
                """);
        await().atMost(PATIENCE).until(() -> queue("tpu").get("concurrency").asInt() == 7);
        server.callAsync(tpu, "y", "X-Callback-Url", receiver.url("/line"));
        assertThat(receiver.awaitOnly("/line").text()).isEqualTo("y");

        Files.writeString(file, before);
        await().atMost(PATIENCE).until(() -> queue("tpu").get("concurrency").asInt() == 50);
        server.delete(tpu);
        await().atMost(PATIENCE).until(() -> gone("tpu"));
    }

    @Test
    void whatWaitsInAnOwnQueueIsTakenAfterARestartThoughItsFunctionIsGone() {
        try (TestServer own = TestServer.with().start()) {
            String left = own.deploy("left", "cat", "com.openfaas.queue=left");
            own.callAsync(left, "x"); // once run, so that there is such a queue
            await().atMost(PATIENCE).until(() -> own.invocations(left, 200) == 1);
            own.system("POST", "/system/queues/left/pause", "");
            own.callAsync(left, "y");
            own.delete(left);
            own.stop();
            own.start();

            own.system("POST", "/system/queues/left/resume", "");

            await().atMost(PATIENCE).until(() -> !own.deadLetters(left).isEmpty());
            assertThat(own.deadLetters(left).get(0).get("reason").asText()).isEqualTo("unknown-function");
        }
    }
}
