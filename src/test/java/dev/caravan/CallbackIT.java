package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.RecordingCallbackReceiver.Recorded;
import dev.caravan.testing.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is posted to {@code X-Callback-Url}, when, and how often. */
class CallbackIT {

    private static final String QUICK = "com.openfaas.retry.min_wait=100ms";

    @RegisterExtension
    static final TestServer server = TestServer.with("CARAVAN_ASYNC_TIMEOUT=1s");

    @RegisterExtension
    static final RecordingCallbackReceiver receiver = new RecordingCallbackReceiver();

    @Test
    void itIsAPostWithTheFunctionsBodyAndTheHeadersThatSayWhichCallItWas() {
        String echo = server.deploy("echo", "cat");

        String id = server.callAsync(echo, "hello", "X-Callback-Url", receiver.url("/plain?of=mine"));

        Recorded callback = receiver.awaitOnly("/plain?of=mine");
        assertThat(callback.method()).isEqualTo("POST");
        assertThat(callback.text()).isEqualTo("hello");
        assertThat(callback.header("X-Call-Id")).isEqualTo(id);
        assertThat(callback.header("X-Function-Name")).isEqualTo(echo);
        assertThat(callback.header("X-Function-Status")).isEqualTo("200");
        assertThat(callback.header("X-Duration-Seconds")).matches("[0-9]+\\.[0-9]{6}");
        assertThat(callback.header("User-Agent")).startsWith("caravan/");
        assertThat(callback.header("X-Retry")).isEqualTo("0");
        assertThat(callback.header("X-Retry-Max")).isEqualTo("10");
        assertThat(callback.header("X-Served-By")).startsWith("caravan/");
        assertThat(callback.header("X-Start-Time")).matches("[0-9]{19}");
        assertThat(callback.header("X-Caravan-Depth")).isEqualTo("1");
        assertThat(callback.values("X-Caravan-Generation")).isEmpty();
        assertThat(callback.values("Authorization")).isEmpty();
    }

    @Test
    void theFunctionIsNamedAsItWasCalled() {
        String echo = server.deploy("echo", "cat");

        server.callAsync(echo + ".openfaas-fn", "", "X-Callback-Url", receiver.url("/qualified"));

        assertThat(receiver.awaitOnly("/qualified").header("X-Function-Name")).isEqualTo(echo + ".openfaas-fn");
    }

    @Test
    void itCarriesTheFunctionsOwnHeadersEachAsOftenAsItCame() {
        String answers = server.deployAnswers();

        server.callAsync(
                answers + "/201?Set-Cookie=a%3D1&Set-Cookie=b%3D2&X-Own=mine&Content-Type=text/csv&X-Function-Status=7",
                "",
                "X-Callback-Url",
                receiver.url("/headers"));

        Recorded callback = receiver.awaitOnly("/headers");
        assertThat(callback.values("Set-Cookie")).containsExactlyInAnyOrder("a=1", "b=2");
        assertThat(callback.header("X-Own")).isEqualTo("mine");
        assertThat(callback.header("Content-Type")).isEqualTo("text/csv");
        assertThat(callback.header("X-Function-Status")).isEqualTo("201");
    }

    @Test
    void itComesOnceAtTheEndAndNotForEachAttempt() {
        String answers = server.deployAnswers(QUICK);

        server.callAsync(answers + "/500,503,200", "x", "X-Callback-Url", receiver.url("/once"));

        Recorded callback = receiver.awaitOnly("/once");
        assertThat(callback.text()).isEqualTo("attempt 3: x");
        assertThat(callback.header("X-Retry")).isEqualTo("2");
        assertThat(callback.header("X-Retry-Max")).isEqualTo("10");
        await().during(Duration.ofSeconds(1))
                .untilAsserted(() -> assertThat(receiver.received("/once")).hasSize(1));
    }

    @Test
    void aDeadCallIsReportedWithItsLastAnswer() {
        String answers = server.deployAnswers();

        server.callAsync(answers + "/418?X-Own=mine", "x", "X-Callback-Url", receiver.url("/dead"));

        Recorded callback = receiver.awaitOnly("/dead");
        assertThat(callback.header("X-Function-Status")).isEqualTo("418");
        assertThat(callback.text()).isEqualTo("attempt 1: x");
        assertThat(callback.header("X-Own")).isEqualTo("mine");
    }

    @Test
    void aRedirectOfTheFunctionIsReportedAndNotFollowed() {
        String answers = server.deployAnswers();

        server.callAsync(
                answers + "/302?Location=" + receiver.url("/trap"), "x", "X-Callback-Url", receiver.url("/redirect"));

        assertThat(receiver.awaitOnly("/redirect").header("X-Function-Status")).isEqualTo("302");
        assertThat(receiver.received("/trap")).isEmpty();
    }

    @Test
    void aCallThatNeverGotAnAnswerIsReportedAs503WithoutABody() {
        String slow = server.deploy("slow", "sleep 30", "com.openfaas.retry.attempts=0");

        String id = server.callAsync(slow, "x", "X-Callback-Url", receiver.url("/silent"));

        Recorded callback = receiver.awaitOnly("/silent");
        assertThat(callback.header("X-Function-Status")).isEqualTo("503");
        assertThat(callback.body()).isEmpty();
        assertThat(callback.header("X-Call-Id")).isEqualTo(id);
        assertThat(callback.header("X-Function-Name")).isEqualTo(slow);
        assertThat(callback.header("X-Retry")).isEqualTo("0");
        assertThat(callback.header("X-Retry-Max")).isEqualTo("0");
        assertThat(callback.values("X-Start-Time")).isEmpty();
        assertThat(callback.values("X-Served-By")).isEmpty();
    }

    @Test
    void aResultLargerThanAMessageIsDeliveredWhole() {
        String large = server.deploy("large", "head -c 3000000 /dev/zero");

        server.callAsync(large, "", "X-Callback-Url", receiver.url("/large"));

        assertThat(receiver.awaitOnly("/large").body()).hasSize(3_000_000);
    }

    @Test
    void itIsSentAgainWhenTheReceiverFails() {
        String echo = server.deploy("echo", "cat", QUICK);
        receiver.answering("/fails", 500, 503, 429, 200);

        String id = server.callAsync(echo, "again", "X-Callback-Url", receiver.url("/fails"));

        assertThat(receiver.await("/fails", 4)).allSatisfy(callback -> {
            assertThat(callback.text()).isEqualTo("again");
            assertThat(callback.header("X-Call-Id")).isEqualTo(id);
        });
        assertThat(callbackLetters(echo)).isEmpty();
    }

    @Test
    void itIsSentAgainWhenTheReceiverWasNotThere() throws IOException {
        String echo = server.deploy("echo", "cat", QUICK, "com.openfaas.retry.attempts=2");
        int closed = freePort();

        server.callAsync(echo, "x", "X-Callback-Url", "http://127.0.0.1:" + closed + "/");

        await().untilAsserted(() -> assertThat(callbackLetters(echo)).hasSize(1));
        JsonNode letter = callbackLetters(echo).get(0);
        assertThat(letter.get("reason").asText()).isEqualTo("attempts-exhausted");
        assertThat(letter.get("attempts").asInt()).isEqualTo(3);
        assertThat(letter.get("error").asText()).contains("could not be reached");
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 302, 410})
    void whatTheReceiverRefusesForGoodIsADeadLetterAtOnce(int status) {
        String echo = server.deploy("echo", "cat", QUICK);
        String path = "/refuses-" + status;
        receiver.answering(path, status);

        server.callAsync(echo, "x", "X-Callback-Url", receiver.url(path));

        await().untilAsserted(() -> assertThat(callbackLetters(echo)).hasSize(1));
        JsonNode letter = callbackLetters(echo).get(0);
        assertThat(letter.get("reason").asText()).isEqualTo("rejected");
        assertThat(letter.get("statusCode").asInt()).isEqualTo(status);
        assertThat(letter.get("attempts").asInt()).isEqualTo(1);
        assertThat(receiver.received(path)).hasSize(1);
        assertThat(receiver.received("/elsewhere")).isEmpty();
    }

    @Test
    void aCallbackThatFailedLeavesItsCallSucceededAndIsDeliveredByAReplay() {
        String echo = server.deploy("echo", "cat", QUICK);
        receiver.answering("/replayed", 404);
        String id = server.callAsync(echo, "at last", "X-Callback-Url", receiver.url("/replayed"));
        await().untilAsserted(() -> assertThat(callbackLetters(echo)).hasSize(1));
        JsonNode letter = callbackLetters(echo).get(0);
        assertThat(letter.get("callId").asText()).isEqualTo(id);

        var reply =
                server.system("POST", "/system/dead-letters/" + letter.get("id").asText() + "/replay", "");

        assertThat(reply.status()).isEqualTo(202);
        Recorded second = receiver.await("/replayed", 2).get(1);
        assertThat(second.text()).isEqualTo("at last");
        assertThat(second.header("X-Call-Id")).isEqualTo(id);
        assertThat(second.header("X-Function-Status")).isEqualTo("200");
        await().untilAsserted(() -> assertThat(callbackLetters(echo)).isEmpty());
        assertThat(server.invocations(echo, 200)).isEqualTo(1);
    }

    private static JsonNode callbackLetters(String function) {
        return server.system("/system/dead-letters?queue=faas-callback&function=" + function)
                .json()
                .get("items");
    }

    @Test
    void itMayBeAnotherFunction() {
        String second = server.deploy("second", "cat");
        String first = server.deploy("first", "cat");

        server.callAsync(first, "x", "X-Callback-Url", server.url("/function/" + second));

        await().untilAsserted(() -> assertThat(server.invocations(second, 200)).isEqualTo(1));
    }
}
