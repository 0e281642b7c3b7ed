package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.RawClient;
import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Functions that misbehave: the caller is told, nobody else notices. */
class FunctionFaultsIT {

    private static final String QUICK = "com.openfaas.retry.min_wait=100ms";
    private static final String TWICE = "com.openfaas.retry.attempts=1";
    private static final long HUNDRED_MB = 100_000_000;

    @RegisterExtension
    static final TestServer server =
            TestServer.with("CARAVAN_CALL_TIMEOUT=2s", "CARAVAN_ASYNC_TIMEOUT=1s", "CARAVAN_SCALE_FROM_ZERO=false");

    @RegisterExtension
    static final RecordingCallbackReceiver receiver = new RecordingCallbackReceiver();

    @Test
    void oneThatHangsIsGivenUpAfterItsTime() {
        String hangs = server.deploy("hangs", "sleep 60", QUICK, TWICE);
        Instant sent = Instant.now();

        Reply reply = server.post("/function/" + hangs, "");

        assertThat(reply.status()).isEqualTo(504);
        assertThat(reply.header("X-OpenFaaS-Internal")).isNotEmpty();
        assertThat(reply.text().lines()).hasSize(1);
        assertThat(Duration.between(sent, Instant.now())).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(10));
    }

    @Test
    void aQueuedCallThatHangsIsTriedAgainAndThenDead() {
        String hangs = server.deploy("hangs", "sleep 60", QUICK, TWICE);

        server.callAsync(hangs, "");

        JsonNode letter = onlyLetter(hangs);
        assertThat(letter.get("reason").asText()).isEqualTo("attempts-exhausted");
        assertThat(letter.get("attempts").asInt()).isEqualTo(2);
        assertThat(letter.get("statusCode").asInt()).isZero();
        assertThat(letter.get("error").asText()).contains("1");
    }

    @Test
    void oneThatExitsWithAnErrorIsA500() {
        String fails = server.deployScript("fails", "echo some output; exit 3", QUICK, TWICE);

        Reply reply = server.post("/function/" + fails, "");
        server.callAsync(fails, "");

        assertThat(reply.status()).isEqualTo(500);
        assertThat(reply.text()).contains("exit status 3");
        assertThat(onlyLetter(fails).get("statusCode").asInt()).isEqualTo(500);
    }

    @Test
    void oneThatIsNotThereAtAllIsA500AndSaysWhichCommand() {
        String missing = server.deploy("missing", "no-such-command-anywhere", QUICK, TWICE);

        Reply reply = server.post("/function/" + missing, "");
        server.callAsync(missing, "");

        assertThat(reply.status()).isBetween(500, 503);
        assertThat(reply.text().lines()).hasSizeLessThanOrEqualTo(1);
        if (reply.status() == 500) {
            assertThat(onlyLetter(missing).get("reason").asText()).isEqualTo("attempts-exhausted");
        }
    }

    @Test
    void oneThatPrintsMoreThanFitsIntoMemoryIsPassedOnWhole() throws Exception {
        String prints = server.deploy("prints", "head -c " + HUNDRED_MB + " /dev/zero");
        var request = HttpRequest.newBuilder(URI.create(server.url("/function/" + prints)))
                .POST(BodyPublishers.noBody())
                .build();

        var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofInputStream());

        try (InputStream body = answer.body()) {
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(count(body)).isEqualTo(HUNDRED_MB);
        }
    }

    private static long count(InputStream body) throws IOException {
        var buffer = new byte[64 * 1024];
        long total = 0;
        for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
            total += read;
        }
        return total;
    }

    @Test
    void aQueuedCallsEndlessAnswerIsCutAndTheServerLives() {
        String prints = server.deploy("prints", "head -c " + HUNDRED_MB + " /dev/zero");
        String echo = server.deploy("echo", "cat");

        server.callAsync(prints, "", "X-Callback-Url", receiver.url("/huge"));

        var callback = receiver.awaitOnly("/huge");
        assertThat(callback.header("X-Caravan-Truncated")).isEqualTo("true");
        assertThat(callback.body().length).isLessThan((int) HUNDRED_MB / 2);
        assertThat(server.post("/function/" + echo, "alive").text()).isEqualTo("alive");
    }

    @Test
    void oneThatClosesInTheMiddleOfItsAnswerIsNotASuccess() {
        String answers = server.deployAnswers(QUICK, TWICE);

        server.callAsync(answers + "/close-early", "");

        JsonNode letter = onlyLetter(answers);
        assertThat(letter.get("reason").asText()).isEqualTo("attempts-exhausted");
        assertThat(letter.get("attempts").asInt()).isEqualTo(2);
    }

    @Test
    void aServerThatCrashesIsStartedAgainAndItsCallTriedAgain() {
        String answers = server.deployAnswers(QUICK, "com.openfaas.retry.attempts=1");

        server.callAsync(answers + "/crash", "");
        assertThat(onlyLetter(answers).get("reason").asText()).isEqualTo("attempts-exhausted");

        server.awaitReplica(answers);
        await().untilAsserted(() -> assertThat(
                        server.post("/function/" + answers + "/200", "x").status())
                .isEqualTo(200));
    }

    @Test
    void aSynchronousCallOfAServerThatCrashesIsABadGateway() {
        String answers = server.deployAnswers();

        Reply reply = server.post("/function/" + answers + "/crash", "");

        assertThat(reply.status()).isEqualTo(502);
        assertThat(reply.header("X-OpenFaaS-Internal")).isEqualTo("proxy");
    }

    @Test
    void oneWithoutReplicasIsUnavailableNowAndItsQueuedCallWaits() {
        String echo = server.deploy("echo", "cat");
        server.scale(echo, 0);

        Reply now = server.post("/function/" + echo, "x");
        server.callAsync(echo, "x", "X-Callback-Url", receiver.url("/waits"));

        assertThat(now.status()).isEqualTo(503);
        await().during(Duration.ofSeconds(1))
                .untilAsserted(() -> assertThat(receiver.received("/waits")).isEmpty());
        assertThat(server.deadLetters(echo)).isEmpty();
        server.scale(echo, 1);
        assertThat(receiver.awaitOnly("/waits").text()).isEqualTo("x");
        assertThat(server.metric("caravan_retries_total{function_name=\"" + echo + ".openfaas-fn\"}"))
                .isZero();
    }

    @Test
    void waitingForAReplicaIsNoAttempt() {
        String answers = server.deployAnswers(TWICE, QUICK);
        server.scale(answers, 0);
        server.callAsync(answers + "/500", "");
        await().during(Duration.ofSeconds(2))
                .atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(server.deadLetters(answers)).isEmpty());

        server.scale(answers, 1);

        assertThat(onlyLetter(answers).get("attempts").asInt()).isEqualTo(2);
    }

    @Test
    void oneThatDoesNotReadItsInputGetsItsCallAllTheSame() {
        String deaf = server.deploy("deaf", "echo done");

        Reply reply = server.post("/function/" + deaf, "x".repeat(5_000_000));

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.text()).isEqualTo("done\n");
    }

    @Test
    void allThatWasStartedForACallThatWasGivenUpIsEnded() {
        String marker = "4" + System.nanoTime() % 1_000_000_000L;
        String group =
                server.deployScript("group", "sleep " + marker + " & sleep " + marker, Map.of("exec_timeout", "1s"));

        Reply reply = server.post("/function/" + group, "");

        assertThat(reply.status()).isEqualTo(408);
        await().untilAsserted(() -> assertThat(sleepers(marker)).isEmpty());
    }

    @Test
    void allThatWasStartedForAClientThatHasLeftIsEnded() throws Exception {
        String marker = "5" + System.nanoTime() % 1_000_000_000L;
        String unwanted = server.deployScript("unwanted", "sleep " + marker, Map.of());
        try (var client = new RawClient(server.port())) {
            client.send("GET /function/" + unwanted + " HTTP/1.1\nHost: x", "");
            await().untilAsserted(() -> assertThat(sleepers(marker)).hasSize(1));
        }

        await().untilAsserted(() -> assertThat(sleepers(marker)).isEmpty());
    }

    private static List<ProcessHandle> sleepers(String marker) {
        return ProcessHandle.allProcesses()
                .filter(process -> String.join(" ", process.info().arguments().orElse(new String[0]))
                        .equals(marker))
                .toList();
    }

    private static JsonNode onlyLetter(String function) {
        await(function + " is dead")
                .atMost(Duration.ofSeconds(30))
                .until(() -> !server.deadLetters(function).isEmpty());
        assertThat(server.deadLetters(function)).hasSize(1);
        return server.deadLetters(function).get(0);
    }
}
