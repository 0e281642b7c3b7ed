package dev.caravan;

import static dev.caravan.testing.TestServer.freshName;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.RecordingCallbackReceiver.Recorded;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A call through the queue, from the door to its end: what is accepted, what is refused, and what the function sees. */
class AsynchronousCallIT {

    private static final int MAX_BODY = 1024 * 1024;
    private static final int IN_MESSAGE = 64 * 1024;

    @RegisterExtension
    static final TestServer server = TestServer.with("CARAVAN_MAX_BODY=1MiB");

    @RegisterExtension
    static final RecordingCallbackReceiver receiver = new RecordingCallbackReceiver();

    @Test
    void aFunctionIsDeployedCalledAndCalledAsynchronouslyAsTheReadmeSays() {
        String echo = server.deploy("echo", "cat");

        Reply now = server.post("/function/" + echo, "hello");
        Reply later = server.post("/async-function/" + echo, "hello");

        assertThat(now.text()).isEqualTo("hello");
        assertThat(now.status()).isEqualTo(200);
        assertThat(later.status()).isEqualTo(202);
        assertThat(later.bytes()).isEmpty();
        assertThat(later.header("X-Call-Id"))
                .matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
        assertThat(later.header("X-Start-Time")).matches("[0-9]{19}");
        await().untilAsserted(() -> assertThat(server.invocations(echo, 200)).isEqualTo(2));
        await().untilAsserted(() -> assertThat(server.calls("succeeded")).isPositive());
    }

    @Test
    void everyAcceptedCallIsCountedInExactlyOneState() {
        String echo = server.deploy("echo", "cat");
        double before = server.calls();

        IntStream.range(0, 25).forEach(i -> server.callAsync(echo, "call " + i));

        assertThat(server.calls()).isEqualTo(before + 25);
        await().untilAsserted(() -> assertThat(server.invocations(echo, 200)).isEqualTo(25));
        assertThat(server.calls()).isEqualTo(before + 25);
    }

    @Test
    void theQueuesTellWhatBecameOfTheCall() {
        String echo = server.deploy("echo", "cat");
        long before = faasRequest("dequeued");

        server.callAsync(echo, "hello");

        // Calls of other tests may come to their end meanwhile.
        await().untilAsserted(() -> assertThat(faasRequest("dequeued")).isGreaterThan(before));
        assertThat(faasRequest("enqueued")).isGreaterThanOrEqualTo(before + 1);
    }

    private static long faasRequest(String figure) {
        for (var queue : server.system("/system/queues").json()) {
            if (queue.get("name").asText().equals("faas-request")) {
                return queue.get(figure).asLong();
            }
        }
        throw new AssertionError("there is no queue faas-request");
    }

    @Test
    void pathAndQueryReachTheFunctionUndecoded() {
        String answers = server.deployAnswers();
        String target = "/a%2Fb/c%20d?x=1&y=%26&z";

        server.callAsync(answers + target, "", "X-Callback-Url", receiver.url("/target"));

        assertThat(receiver.awaitOnly("/target").header("X-Seen-Target")).isEqualTo(target);
    }

    @Test
    void theFunctionSeesTheCallersHeadersAndWhichCallItIs() {
        String env = server.deploy("env", "env");

        String id = server.callAsync(
                env,
                "body",
                "X-Callback-Url",
                receiver.url("/seen"),
                "X-Custom",
                "as it was",
                "Content-Type",
                "application/vnd.own+json",
                "Authorization",
                "Bearer of-the-caller",
                "User-Agent",
                "tests/1");

        assertThat(receiver.awaitOnly("/seen").text())
                .contains("Http_Method=POST\n")
                .contains("Http_X_Custom=as it was\n")
                .contains("Http_Content_Type=application/vnd.own+json\n")
                .contains("Http_Authorization=Bearer of-the-caller\n")
                .contains("Http_User_Agent=tests/1\n")
                .contains("Http_X_Call_Id=" + id + "\n")
                .contains("Http_X_Callback_Url=" + receiver.url("/seen") + "\n")
                .contains("Http_X_Forwarded_Host=127.0.0.1:" + server.port() + "\n")
                .contains("Http_Content_Length=4\n");
    }

    @Test
    void theFunctionSeesTheMomentOfAcceptance() {
        String env = server.deploy("env", "env");

        Reply reply = server.post("/async-function/" + env, "", "X-Callback-Url", receiver.url("/times"));

        // A classic function sees the first of two values; the second is when the call was taken (contract section
        // 2.1).
        String accepted = reply.header("X-Start-Time");
        assertThat(receiver.awaitOnly("/times").text()).contains("Http_X_Start_Time=" + accepted + "\n");
    }

    @Test
    void withoutAPathTheFunctionSeesTheRoot() {
        String env = server.deploy("env", "env");

        server.callAsync(env, "", "X-Callback-Url", receiver.url("/root"));

        assertThat(receiver.awaitOnly("/root").text()).contains("Http_Path=/\n").doesNotContain("Http_Query=x");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, IN_MESSAGE - 1, IN_MESSAGE, IN_MESSAGE + 1, MAX_BODY - 1, MAX_BODY})
    void aBinaryBodyArrivesByteForByteAndNothingOfItIsLeftBehind(int size) {
        String echo = server.deploy("echo", "cat");
        byte[] body = randomBytes(size);
        String path = "/body-" + size;

        Reply reply = server.send("POST", "/async-function/" + echo, body, "X-Callback-Url", receiver.url(path));

        assertThat(reply.status()).isEqualTo(202);
        Recorded callback = receiver.awaitOnly(path);
        assertThat(callback.header("X-Function-Status")).isEqualTo("200");
        assertThat(callback.body()).isEqualTo(body);
        await().untilAsserted(() -> assertThat(bodyFiles()).isEmpty());
    }

    private static byte[] randomBytes(int size) {
        var bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static List<Path> bodyFiles() throws IOException {
        Path bodies = server.data().resolve("bodies");
        if (Files.notExists(bodies)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(bodies)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void aBodyOverTheLimitIsRefusedAndNotKept() throws IOException {
        String echo = server.deploy("echo", "cat");

        Reply reply = server.send("POST", "/async-function/" + echo, randomBytes(MAX_BODY + 1));

        assertThat(reply.status()).isEqualTo(413);
        assertThat(reply.text().lines()).hasSize(1);
        assertThat(server.invocations(echo, 200)).isZero();
        await().untilAsserted(() -> assertThat(bodyFiles()).isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "X-Delay, soon",
        "X-Delay, -1s",
        "X-Delay, 721h",
        "X-Max-Age, 0",
        "X-Max-Age, forever",
        "X-Priority, 10",
        "X-Priority, high"
    })
    void aHeaderThatMakesNoSenseIsRefusedInOneLineThatNamesIt(String header, String value) {
        String echo = server.deploy("echo", "cat");

        Reply reply = server.post("/async-function/" + echo, "hello", header, value);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(reply.text().lines())
                .singleElement()
                .asString()
                .contains(header)
                .contains(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/relative", "ftp://example.com/", "http:///nowhere"})
    void aCallbackUrlThatIsNoneIsRefusedAndNotRepeatedForItMayHoldAPassword(String url) {
        String echo = server.deploy("echo", "cat");

        Reply reply = server.post("/async-function/" + echo, "hello", "X-Callback-Url", url);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text().lines())
                .singleElement()
                .asString()
                .contains("X-Callback-Url")
                .doesNotContain(url);
    }

    @Test
    void aFunctionThatIsNotDeployedIsNotFound() {
        Reply reply = server.post("/async-function/" + freshName("nobody"), "hello");

        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.text().lines()).singleElement().asString().contains("not deployed");
    }

    @Test
    void whatTheDoorRefusesIsCounted() {
        double before = server.metric("caravan_calls_refused_total{status=\"404\"}");

        server.post("/async-function/" + freshName("nobody"), "hello");

        assertThat(server.metric("caravan_calls_refused_total{status=\"404\"}")).isEqualTo(before + 1);
    }

    @Test
    void onlyPostMakesACall() {
        String echo = server.deploy("echo", "cat");

        assertThat(server.send("PUT", "/async-function/" + echo, new byte[0]).status())
                .isEqualTo(405);
    }

    @Test
    void aCallIdThatWasNeverUsedIsKeptAndAUsedOneBecomesTheParent() {
        String echo = server.deploy("echo", "cat");
        String own = "0b7f6d1e-5d1c-4a3b-9c57-2f6f6c1d0e9a";

        String first = server.callAsync(echo, "", "X-Call-Id", own, "X-Callback-Url", receiver.url("/own"));
        String second = server.callAsync(echo, "", "X-Call-Id", own, "X-Callback-Url", receiver.url("/own"));

        assertThat(first).isEqualTo(own);
        assertThat(second).isNotEqualTo(own);
        assertThat(receiver.await("/own", 2))
                .extracting(callback -> callback.header("X-Call-Id"))
                .containsExactlyInAnyOrder(first, second);
    }

    @Test
    void aDelayedCallIsScheduledUntilItsTimeAndThenRuns() {
        String echo = server.deploy("echo", "cat");
        Instant sent = Instant.now();

        server.callAsync(echo, "later", "X-Delay", "1500ms", "X-Callback-Url", receiver.url("/delayed"));

        assertThat(server.calls("scheduled")).isEqualTo(1);
        assertThat(receiver.awaitOnly("/delayed").text()).isEqualTo("later");
        assertThat(Duration.between(sent, Instant.now())).isBetween(Duration.ofMillis(1_500), Duration.ofSeconds(8));
        await().untilAsserted(() -> assertThat(server.calls("scheduled")).isZero());
    }

    @Test
    void aCallOfHigherPriorityOvertakesThoseThatWait() throws IOException {
        try (TestServer one = TestServer.with().start()) {
            Path route = one.routes().resolve("worker/run-call.camel.yaml");
            one.stop();
            Files.writeString(route, Files.readString(route).replace("value: \"50\"", "value: \"1\""));
            one.start();
            String slow = one.deployScript("slow", "sleep 0.5; cat");

            IntStream.range(0, 5).forEach(i -> callBack(one, slow, "low", "0"));
            callBack(one, slow, "high", "9");

            // One runs and one is on its way to the worker when the sixth comes.
            List<String> order =
                    receiver.await("/priority", 6).stream().map(Recorded::text).toList();
            assertThat(order.indexOf("high")).isLessThanOrEqualTo(3);
        }
    }

    private static void callBack(TestServer to, String function, String body, String priority) {
        to.callAsync(function, body, "X-Priority", priority, "X-Callback-Url", receiver.url("/priority"));
    }

    @Test
    void unknownFunctionsAreQueuedWhereThatIsAllowed() {
        try (TestServer open = TestServer.with("CARAVAN_ACCEPT_UNKNOWN=true").start()) {
            String later = freshName("later");

            open.callAsync(later, "hello");

            await().untilAsserted(() -> assertThat(open.deadLetters(later)).hasSize(1));
            assertThat(open.deadLetters(later).get(0).get("reason").asText()).isEqualTo("unknown-function");
        }
    }

    @Test
    void oneFunctionsSlowCallsDoNotDelayAnothers() {
        String slow = server.deploy("slow", "sleep 3");
        String quick = server.deploy("quick", "cat");
        IntStream.range(0, 60).forEach(i -> server.callAsync(slow, ""));
        Instant sent = Instant.now();

        server.callAsync(quick, "quick", "X-Callback-Url", receiver.url("/quick"));

        receiver.awaitOnly("/quick");
        assertThat(Duration.between(sent, Instant.now())).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void aFunctionsOwnQueueIsUsedWhenItNamesOne() {
        String named = freshName("named");
        server.deployAs(named, "cat", Map.of(), "com.openfaas.queue=not a queue name");

        server.callAsync(named, "hello", "X-Callback-Url", receiver.url("/named"));

        assertThat(receiver.awaitOnly("/named").text()).isEqualTo("hello");
    }
}
