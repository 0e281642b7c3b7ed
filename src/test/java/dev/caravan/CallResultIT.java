package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a caller learns by the id of a queued call. */
@Timeout(180)
class CallResultIT {

    private static final String ONCE = "com.openfaas.retry.attempts=0";

    @RegisterExtension
    static final TestServer server = TestServer.with("CARAVAN_RESULT_LIMIT=64KiB");

    @Test
    void theResultIsTheFunctionsAnswerWithItsStatusInAHeader() {
        String answers = server.deployAnswers(ONCE);

        String id = server.callAsync(answers + "/201?X-One=a&X-One=b&Content-Type=text/csv&Set-Cookie=c=d", "hello");

        Reply result = result(id, "?wait=45s");
        assertThat(result.status()).as(result.toString()).isEqualTo(200);
        assertThat(result.text()).isEqualTo("attempt 1: hello");
        assertThat(result.answer().headers().allValues("X-One")).containsExactly("a", "b");
        assertThat(result.header("Content-Type")).isEqualTo("text/csv");
        assertThat(result.header("X-Function-Status")).isEqualTo("201");
        assertThat(result.header("X-Function-Name")).isEqualTo(answers);
        assertThat(result.header("X-Call-Id")).isEqualTo(id);
        assertThat(result.answer().headers().allValues("X-Duration-Seconds"))
                .singleElement()
                .asString()
                .matches("[0-9]+\\.[0-9]{6}");
        assertThat(result.header("X-Caravan-Generation")).isEmpty();
        assertThat(result.answer().headers().allValues("Content-Length")).containsExactly("16");
    }

    @Test
    void aDeadCallGivesItsLastAnswerAndAReplayTheNext() {
        String answers = server.deployAnswers(ONCE);

        String id = server.callAsync(answers + "/404,200", "hello");
        Reply dead = result(id, "?wait=45s");
        assertThat(dead.header("X-Function-Status")).isEqualTo("404");
        assertThat(dead.text()).isEqualTo("attempt 1: hello");
        assertThat(server.system("POST", "/system/dead-letters/" + id + ".1/replay", "")
                        .status())
                .isEqualTo(202);

        Reply replayed = result(id, "?wait=45s");
        assertThat(replayed.header("X-Function-Status")).isEqualTo("200");
        assertThat(replayed.header("X-Caravan-Generation")).isEqualTo("2");
        assertThat(replayed.text()).isEqualTo("attempt 2: hello");
        JsonNode call = server.system("/system/calls/" + id).json();
        assertThat(call.get("attempts").findValuesAsText("generation")).containsExactly("1", "2");
        assertThat(call.get("attempts").findValuesAsText("statusCode")).containsExactly("404", "200");
        assertThat(call.get("attempts").findValuesAsText("responseExcerpt"))
                .containsExactly("attempt 1: hello", "attempt 2: hello");
        assertThat(server.system("/system/async-report/" + id).json()).isEqualTo(call);
    }

    @Test
    void withoutAnyAnswerTheStatusIs503AndTheBodyEmpty() {
        String answers = server.deployAnswers(ONCE);

        Reply result = result(server.callAsync(answers + "/crash", "hello"), "?wait=45s");

        assertThat(result.status()).isEqualTo(200);
        assertThat(result.header("X-Function-Status")).isEqualTo("503");
        assertThat(result.bytes()).isEmpty();
    }

    @Test
    void ofAResultThatWasTooLargeTheSizeIsSaid() {
        String large = server.deployScript("large", "head -c 65537 /dev/zero", ONCE);
        String fits = server.deployScript("fits", "head -c 65536 /dev/zero", ONCE);

        Reply gone = result(server.callAsync(large, "x"), "?wait=45s");
        Reply whole = result(server.callAsync(fits, "x"), "?wait=45s");

        assertThat(gone.status()).isEqualTo(410);
        assertThat(gone.text()).isEqualTo("the result had 65537 bytes, more than CARAVAN_RESULT_LIMIT keeps\n");
        assertThat(whole.bytes()).hasSize(65_536);
    }

    @Test
    void whoWaitsGetsTheResultWhenItIsThereAndWhoDoesNotGetsTheStatus() throws Exception {
        Path gate = Files.createTempFile("gate", "");
        String slow = server.deployScript("slow", "while [ -e " + gate + " ]; do sleep 0.1; done; echo done", ONCE);
        String id = server.callAsync(slow, "x");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> status(id).get("status").asText().equals("running"));

        Reply now = result(id, "");
        Reply soon = result(id, "?wait=200ms");
        ExecutorService callers = Executors.newCachedThreadPool();
        List<Future<Reply>> waiting = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            waiting.add(callers.submit(() -> result(id, "?wait=45s")));
        }
        assertThat(waiting).noneMatch(Future::isDone);
        Files.delete(gate);

        assertThat(List.of(now, soon)).allSatisfy(early -> {
            assertThat(early.status()).isEqualTo(202);
            assertThat(early.json().get("status").asText()).isEqualTo("running");
            assertThat(early.json().get("callId").asText()).isEqualTo(id);
        });
        for (Future<Reply> each : waiting) {
            Reply reply = each.get(90, TimeUnit.SECONDS);
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.text()).isEqualTo("done\n");
        }
        callers.shutdown();
    }

    @Test
    void aCallIsInTheListAtOnceAndFoundByWhatItSays() {
        String echo = server.deployScript("echo", "cat; echo needle-$$", ONCE);
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            sent.add(0, server.callAsync(echo, "hello", "X-Delay", "1h"));
            assertThat(list("function=" + echo).findValuesAsText("callId")).containsExactlyElementsOf(sent);
        }
        assertThat(list("function=" + echo + "&status=succeeded")).isEmpty();

        String done = server.callAsync(echo, "hello");
        assertThat(result(done, "?wait=45s").status()).isEqualTo(200);

        assertThat(list("function=" + echo + "&q=NEEDLE").findValuesAsText("callId"))
                .containsExactly(done);
        assertThat(list("q=" + done).findValuesAsText("callId")).containsExactly(done);
        assertThat(list("function=" + echo + "&status=scheduled")).hasSize(3);
        assertThat(list("function=" + echo + "&until=2020-01-01T00:00:00%2B01:00"))
                .isEmpty();
        JsonNode first = server.system("/system/calls?limit=2&function=" + echo).json();
        assertThat(server.system("/system/calls?limit=2&function=" + echo + "&cursor="
                                + first.get("next").asText())
                        .json()
                        .get("items")
                        .findValuesAsText("callId"))
                .containsExactlyElementsOf(sent.subList(1, 3));
    }

    @Test
    void anIdThatNobodyKnowsAndAWaitThatIsNoneAreToldInALine() {
        for (String id : List.of("nobody-knows-it", "x", "%2e%2e%2f%2e%2e", "a%00bcdefghij")) {
            assertThat(server.get("/async-function/" + id).status()).as(id).isEqualTo(404);
            assertThat(result(id, "?wait=1s").text()).isEqualTo("there is no call with that id\n");
        }
        String id = server.callAsync(server.deploy("cat", "cat"), "x");
        assertThat(result(id, "?wait=soon").status()).isEqualTo(400);
        assertThat(result(id, "?wait=soon").text()).startsWith("query parameter \"wait\" must be a duration");
    }

    @Test
    void aStopAnswersThoseWhoWait() throws Exception {
        try (var stopping = TestServer.with("CARAVAN_DRAIN=60s").start()) {
            String echo = stopping.deploy("echo", "cat");
            String id = stopping.callAsync(echo, "x", "X-Delay", "1h");
            var url = URI.create(stopping.url("/async-function/" + id + "/result?wait=2m"));
            var waiting = HttpClient.newHttpClient()
                    .sendAsync(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
            await().during(Duration.ofSeconds(1)).until(() -> !waiting.isDone());

            stopping.stop();

            assertThat(waiting.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(202);
        }
    }

    private static Reply result(String id, String query) {
        return server.get("/async-function/" + id + "/result" + query);
    }

    private static JsonNode status(String id) {
        return server.get("/async-function/" + id).json();
    }

    private static JsonNode list(String query) {
        return server.system("/system/calls?" + query).json().get("items");
    }
}
