package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.TestServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a call whose function fails: tried again, how soon and how often, or dead and why. */
class RetryIT {

    private static final String QUICK = "com.openfaas.retry.min_wait=200ms";

    @RegisterExtension
    static final TestServer server = TestServer.with("CARAVAN_SCALE_FROM_ZERO=false");

    @RegisterExtension
    static final RecordingCallbackReceiver receiver = new RecordingCallbackReceiver();

    @Test
    void theFlakySampleSucceedsAtTheThirdAttemptUnderOneCallId() {
        String sample = "sh " + Path.of("functions/flaky/handler.sh").toAbsolutePath();
        String flaky = server.deploy("flaky", sample, QUICK);

        String id = server.callAsync(flaky + "?times=2", "x", "X-Callback-Url", receiver.url("/flaky"));

        var callback = receiver.awaitOnly("/flaky");
        assertThat(callback.text()).isEqualTo("succeeded after 2 failures\n");
        assertThat(callback.header("X-Call-Id")).isEqualTo(id);
        assertThat(server.invocations(flaky, 500)).isEqualTo(2);
        assertThat(server.invocations(flaky, 200)).isEqualTo(1);
        assertThat(server.metric("caravan_retries_total{function_name=\"" + flaky + ".openfaas-fn\"}"))
                .isEqualTo(2);
        assertThat(server.deadLetters(flaky)).isEmpty();
    }

    @Test
    void aRetrySendsTheOriginalBytesAgain() {
        String answers = server.deployAnswers(QUICK);
        String target = "/500,200?X-Twice=a%20b";

        server.callAsync(answers + target, "the body", "X-Callback-Url", receiver.url("/again"));

        var callback = receiver.awaitOnly("/again");
        assertThat(callback.text()).isEqualTo("attempt 2: the body");
        assertThat(callback.header("X-Seen-Target")).isEqualTo(target);
        assertThat(callback.header("X-Twice")).isEqualTo("a b");
    }

    @Test
    void aRetryOfALargeBodySendsItAgainFromItsFile() {
        String echo = server.deployScript(
                "large", "f=" + server.folder() + "/large.tried\ntest -e $f || { touch $f; exit 1; }\ncat", QUICK);
        String body = "0123456789".repeat(20_000);

        server.callAsync(echo, body, "X-Callback-Url", receiver.url("/large"));

        assertThat(receiver.awaitOnly("/large").text()).isEqualTo(body);
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 502, 503, 504})
    void theseStatusesAreTriedAgain(int status) {
        String answers = server.deployAnswers(QUICK);
        String path = "/retried-" + status;

        server.callAsync(answers + "/" + status + ",200", "", "X-Callback-Url", receiver.url(path));

        assertThat(receiver.awaitOnly(path).header("X-Function-Status")).isEqualTo("200");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 404, 418, 501})
    void anyOtherFailureIsFinalAtOnce(int status) {
        String answers = server.deployAnswers(QUICK);

        server.callAsync(answers + "/" + status, "x");

        JsonNode letter = onlyLetter(answers);
        assertThat(letter.get("reason").asText()).isEqualTo("rejected");
        assertThat(letter.get("statusCode").asInt()).isEqualTo(status);
        assertThat(letter.get("attempts").asInt()).isEqualTo(1);
        assertThat(server.invocations(answers, status)).isEqualTo(1);
    }

    @Test
    void aCallThatNeverSucceedsIsDeadWhenItsRetriesAreUsedUp() {
        String answers = server.deployAnswers(QUICK, "com.openfaas.retry.attempts=1");

        String id = server.callAsync(answers + "/500", "x");

        JsonNode letter = onlyLetter(answers);
        assertThat(letter.get("callId").asText()).isEqualTo(id);
        assertThat(letter.get("reason").asText()).isEqualTo("attempts-exhausted");
        assertThat(letter.get("statusCode").asInt()).isEqualTo(500);
        assertThat(letter.get("attempts").asInt()).isEqualTo(2);
        assertThat(server.invocations(answers, 500)).isEqualTo(2);
        String died = "caravan_dead_letters_total{function_name=\"" + answers
                + ".openfaas-fn\",reason=\"attempts-exhausted\"}";
        assertThat(server.metric(died)).isEqualTo(1);
    }

    @Test
    void withNoRetriesTheFirstFailureIsTheLast() {
        String answers = server.deployAnswers("com.openfaas.retry.attempts=0");

        server.callAsync(answers + "/500", "x");

        assertThat(onlyLetter(answers).get("attempts").asInt()).isEqualTo(1);
    }

    @Test
    void aFunctionSaysWhichStatusesAreWorthAnotherTry() {
        String answers = server.deployAnswers(QUICK, "com.openfaas.retry.codes=418, 409");

        server.callAsync(answers + "/418,409,200", "", "X-Callback-Url", receiver.url("/codes"));
        server.callAsync(answers + "/500", "");

        assertThat(receiver.awaitOnly("/codes").header("X-Function-Status")).isEqualTo("200");
        assertThat(onlyLetter(answers).get("reason").asText()).isEqualTo("rejected");
    }

    @Test
    void anAnnotationThatMakesNoSenseLeavesTheDefault() {
        String answers = server.deployAnswers(QUICK, "com.openfaas.retry.codes=all", "com.openfaas.retry.attempts=x");

        server.callAsync(answers + "/503,200", "", "X-Callback-Url", receiver.url("/default"));

        assertThat(receiver.awaitOnly("/default").header("X-Function-Status")).isEqualTo("200");
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void whenToComeAgainIsSaidByA429OrA503(int status) {
        String answers = server.deployAnswers(QUICK);
        String path = "/retry-after-" + status;
        Instant sent = Instant.now();

        server.callAsync(answers + "/" + status + ",200?Retry-After=2", "", "X-Callback-Url", receiver.url(path));

        receiver.awaitOnly(path);
        assertThat(Duration.between(sent, Instant.now())).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @CsvSource({"500, 3600", "503, soon", "503, -5"})
    void aRetryAfterOfAnyOtherStatusOrWithoutSenseIsIgnored(int status, String retryAfter) {
        String answers = server.deployAnswers(QUICK);
        String path = "/ignored-" + status + retryAfter;

        server.callAsync(
                answers + "/" + status + ",200?Retry-After=" + retryAfter, "", "X-Callback-Url", receiver.url(path));

        assertThat(receiver.awaitOnly(path).header("X-Function-Status")).isEqualTo("200");
    }

    @Test
    void waitsGrowFromOneAttemptToTheNextUpToTheLongest() {
        String answers =
                server.deployAnswers(QUICK, "com.openfaas.retry.max_wait=400ms", "com.openfaas.retry.attempts=4");

        server.callAsync(answers + "/500", "");

        JsonNode letter = onlyLetter(answers);
        var history = server.system("/system/dead-letters/" + letter.get("id").asText())
                .json()
                .get("history");
        assertThat(history).hasSize(5);
        for (int i = 1; i < 5; i++) {
            Instant before = Instant.parse(history.get(i - 1).get("startedAt").asText());
            Instant after = Instant.parse(history.get(i).get("startedAt").asText());
            assertThat(Duration.between(before, after)).isGreaterThanOrEqualTo(Duration.ofMillis(i == 1 ? 100 : 200));
        }
    }

    @Test
    void aCallIsDeadWhenItsNextAttemptWouldBeTooLate() {
        String answers = server.deployAnswers(QUICK);

        server.callAsync(answers + "/503?Retry-After=60", "", "X-Max-Age", "5s");

        JsonNode letter = onlyLetter(answers);
        assertThat(letter.get("reason").asText()).isEqualTo("expired");
        assertThat(letter.get("statusCode").asInt()).isEqualTo(503);
        assertThat(letter.get("attempts").asInt()).isEqualTo(1);
    }

    @Test
    void aCallThatWaitedTooLongIsDeadWithoutHavingRun() {
        String echo = server.deploy("echo", "cat");
        server.scale(echo, 0);

        server.callAsync(echo, "x", "X-Max-Age", "1s", "X-Callback-Url", receiver.url("/expired"));

        assertThat(onlyLetter(echo).get("reason").asText()).isEqualTo("expired");
        var callback = receiver.awaitOnly("/expired");
        assertThat(callback.header("X-Function-Status")).isEqualTo("503");
        assertThat(callback.body()).isEmpty();
        assertThat(server.invocations(echo, 200)).isZero();
    }

    @Test
    void aDelayDoesNotCountAsAge() {
        String echo = server.deploy("echo", "cat");

        server.callAsync(echo, "x", "X-Delay", "2s", "X-Max-Age", "1500ms", "X-Callback-Url", receiver.url("/delayed"));

        assertThat(receiver.awaitOnly("/delayed").header("X-Function-Status")).isEqualTo("200");
    }

    @Test
    void aFunctionThatIsGoneWhenItsCallIsDueIsUnknown() {
        String echo = server.deploy("echo", "cat");
        server.callAsync(echo, "x", "X-Delay", "1s", "X-Callback-Url", receiver.url("/gone"));

        server.delete(echo);

        JsonNode letter = onlyLetter(echo);
        assertThat(letter.get("reason").asText()).isEqualTo("unknown-function");
        assertThat(letter.get("attempts").asInt()).isEqualTo(1);
        assertThat(receiver.awaitOnly("/gone").header("X-Function-Status")).isEqualTo("503");
    }

    @Test
    void aFailureOfThePlatformIsTriedAgainWhateverItsStatus() {
        String limited = TestServer.freshName("limited");
        server.deployAs(limited, "sleep 1", Map.of("max_inflight", "1"), QUICK, "com.openfaas.retry.codes=500");

        server.callAsync(limited, "", "X-Callback-Url", receiver.url("/limited"));
        server.callAsync(limited, "", "X-Callback-Url", receiver.url("/limited"));

        assertThat(receiver.await("/limited", 2))
                .allSatisfy(callback ->
                        assertThat(callback.header("X-Function-Status")).isEqualTo("200"));
        assertThat(server.invocations(limited, 429)).isPositive();
    }

    private static JsonNode onlyLetter(String function) {
        await(function + " is dead")
                .atMost(Duration.ofSeconds(20))
                .until(() -> !server.deadLetters(function).isEmpty());
        assertThat(server.deadLetters(function)).hasSize(1);
        return server.deadLetters(function).get(0);
    }
}
