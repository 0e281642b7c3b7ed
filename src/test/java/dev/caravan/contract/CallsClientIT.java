package dev.caravan.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.RecordingCallbackReceiver.Recorded;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calling functions, row by row as their clients do (contract sections 1.3, 1.4, 2 and 9). */
class CallsClientIT {

    private static final String UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

    @RegisterExtension
    static final TestServer server =
            TestServer.with("CARAVAN_CALL_TIMEOUT=4s", "CARAVAN_SCALE_FROM_ZERO_WAIT=1m", "CARAVAN_MAX_BODY=1KiB");

    @RegisterExtension
    static final RecordingCallbackReceiver receiver = new RecordingCallbackReceiver();

    private static String answers = "";

    private final Rows rows = new Rows(server);

    @BeforeAll
    static void deploy() {
        server.deployAs("hello", "cat", Map.of());
        server.deployAs("slow", "sleep 60", Map.of());
        server.deployAs("asleep", "cat", Map.of(), "com.openfaas.retry.attempts=0");
        server.scale("asleep", 0);
        answers = server.deployAnswers();
        server.awaitReplica("hello");
        server.awaitReplica("slow");
    }

    // Without a name it is what is asked to build functions.
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # who   | request                                    | body  | status | answer
        nobody  | POST /function/hello                       | hi    | 200    | ^hi$
        wrong   | POST /function/hello                       | hi    | 200    | ^hi$
        token   | POST /function/hello                       | hi    | 200    | ^hi$
        nobody  | GET /function/hello                        | ``    | 200    | ``
        nobody  | PUT /function/hello                        | hi    | 200    | ^hi$
        nobody  | PATCH /function/hello                      | hi    | 200    | ^hi$
        nobody  | DELETE /function/hello                     | hi    | 200    | ^hi$
        nobody  | POST /function/hello.openfaas-fn           | hi    | 200    | ^hi$
        nobody  | POST /function/hello/                      | hi    | 200    | ^hi$
        nobody  | POST /function/hello/below?a=b             | hi    | 200    | ^hi$
        nobody  | POST /function/ANSWERS/302?Location=/else  | ``    | 302    | -
        nobody  | POST /function/ANSWERS/404                 | ``    | 404    | ^attempt
        nobody  | POST /function/ANSWERS/500                 | ``    | 500    | ^attempt
        nobody  | POST /function/ANSWERS/401                 | ``    | 401    | ^attempt
        nobody  | OPTIONS /function/ANSWERS/200              | ``    | 200    | ^attempt
        nobody  | POST /function/ANSWERS/close               | ``    | 502    | .
        nobody  | POST /function/slow                        | ``    | 504    | slow
        nobody  | POST /function/asleep                      | hi    | 200    | ^hi$
        nobody  | POST /function/nobody                      | ``    | 404    | nobody
        nobody  | POST /function/hello.elsewhere             | ``    | 404    | hello.elsewhere
        nobody  | POST /function/                            | ``    | 401    | credentials
        nobody  | POST /async-function/hello                 | hi    | 202    | ``
        nobody  | POST /async-function/hello.openfaas-fn/a?b | hi    | 202    | ``
        nobody  | POST /async-function/asleep                | hi    | 202    | ``
        nobody  | POST /async-function/nobody                | hi    | 404    | nobody
        nobody  | GET /async-function/hello                  | ``    | 404    | no call
        nobody  | DELETE /async-function/hello               | ``    | 404    | no call
        nobody  | PUT /async-function/hello                  | hi    | 405    | not taken
        """)
    void eachRequestIsAnsweredAsTheTableSays(String who, String request, String body, int status, String answer) {
        // A function's own error is the function's text, so only the status and the text are compared.
        Reply reply = server.send(
                request.substring(0, request.indexOf(' ')),
                request.substring(request.indexOf(' ') + 1).strip().replace("ANSWERS", answers),
                body.getBytes(StandardCharsets.UTF_8),
                rows.credentials(who));

        assertThat(reply.status()).as(reply.toString()).isEqualTo(status);
        if (answer.isEmpty()) {
            assertThat(reply.text()).isEmpty();
        } else if (!answer.equals("-")) {
            assertThat(reply.text()).containsPattern(answer);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/function/hello", "/async-function/hello"})
    void anAnswerSaysWhichCallItWasAndWhenItCame(String path) {
        Reply reply = server.post(path, "hi");

        assertThat(reply.header("X-Call-Id")).matches(UUID);
        assertThat(reply.header("X-Start-Time")).matches("[0-9]{19}");
        assertThat(Instant.ofEpochSecond(0, Long.parseLong(reply.header("X-Start-Time"))))
                .isBetween(Instant.now().minusSeconds(300), Instant.now().plusSeconds(5));
        assertThat(reply.header("X-Duration-Seconds")).matches("[0-9]+\\.[0-9]{6}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/function/hello", "/async-function/hello", "/function/nobody", "/async-function/nobody"})
    void aCallersIdIsGivenBack(String path) {
        String id = TestServer.freshName("order") + "-4711";

        assertThat(server.post(path, "hi", "X-Call-Id", id).header("X-Call-Id")).isEqualTo(id);
    }

    @Test
    void onlyThePlatformsOwnErrorsSayThatTheyAreThePlatforms() {
        assertThat(server.post("/function/nobody", "").header("X-OpenFaaS-Internal"))
                .isEqualTo("proxy");
        assertThat(server.post("/function/" + answers + "/close", "").header("X-OpenFaaS-Internal"))
                .isEqualTo("proxy");
        assertThat(server.post("/function/" + answers + "/503", "").header("X-OpenFaaS-Internal"))
                .isEmpty();
        assertThat(server.post("/function/" + answers + "/404", "").header("X-OpenFaaS-Internal"))
                .isEmpty();
    }

    @Test
    void aBodyWithoutLimitIsCalledAndOneAboveItIsNotQueued() {
        String large = "x".repeat(2_000);

        assertThat(server.post("/function/hello", large).text()).isEqualTo(large);
        assertThat(server.post("/async-function/hello", large).status()).isEqualTo(413);
    }

    @ParameterizedTest
    @CsvSource({
        "X-Callback-Url, not a url",
        "X-Callback-Url, ftp://x/",
        "X-Delay, soon",
        "X-Max-Age, 0",
        "X-Priority, 10"
    })
    void aHeaderOfACallThatMakesNoSenseIsNamed(String header, String value) {
        Reply reply = server.post("/async-function/hello", "", header, value);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text()).contains(header).matches("[^\n]+\n");
    }

    @Test
    void theFunctionGetsTheRawPathByPostAndItsCallerItsAnswerByCallback() {
        Reply accepted = server.post(
                "/async-function/" + answers + "/a%2Fb/%3F%25?X-Own=c%20d",
                "hi",
                "X-Callback-Url",
                receiver.url("/raw"));

        Recorded callback = receiver.awaitOnly("/raw");

        assertThat(callback.method()).isEqualTo("POST");
        assertThat(callback.header("X-Seen-Target")).isEqualTo("/a%2Fb/%3F%25?X-Own=c%20d");
        assertThat(callback.header("X-Own")).isEqualTo("c d");
        assertThat(callback.header("X-Call-Id")).isEqualTo(accepted.header("X-Call-Id"));
        assertThat(callback.header("X-Function-Name")).isEqualTo(answers);
        assertThat(callback.header("X-Function-Status")).isEqualTo("200");
        assertThat(callback.header("X-Duration-Seconds")).matches("[0-9]+\\.[0-9]{6}");
        assertThat(callback.text()).isEqualTo("attempt 1: hi");
    }
}
