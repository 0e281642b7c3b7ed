package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import dev.caravan.ledger.CallStatus;
import dev.caravan.ledger.Ledger;
import dev.caravan.testing.CaravanProcessFixture;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A bulk replay is killed with its process: it goes on where it was, unless it was cancelled. */
class ReplayCrashIT extends CaravanProcessFixture {

    private static final int LETTERS = 300;

    /** So many a second that a job lasts for ten seconds: a kill comes in the middle of it on any machine. */
    private static final int RATE = 30;

    private static final int SEEN = 60;
    private static final ObjectMapper JSON = new ObjectMapper();

    private List<String> calls = List.of();

    @BeforeEach
    void bury() throws Exception {
        deploy("rejects", Map.of());
        calls = callers.accepted(LETTERS, number -> call("rejects", "?status=400"));
        awaitCalls(Map.of("dead", (long) LETTERS));
    }

    @Test
    void aJobThatWasKilledGoesOnAndReplaysEachLetterOnce() throws Exception {
        String job = replay(RATE);
        slowly().until(() -> job(job).path("replayed").asInt() >= SEEN);

        caravan.kill();
        caravan.restart();
        int left = job(job).path("waiting").asInt();
        awaitJob(job, now -> now.path("failed").asInt() == LETTERS);

        assertThat(left).as("what the kill left to do").isPositive();
        JsonNode done = job(job);
        assertThat(done.path("state").asText()).as(done.toString()).isEqualTo("done");
        assertThat(figures(done)).containsExactly(LETTERS, 0, LETTERS, 0, 0, 0, LETTERS);
        awaitCalls(Map.of("dead", (long) LETTERS));
        assertThat(letters().path("total").asInt()).isEqualTo(LETTERS);
        assertThat(letters().path("items")).allSatisfy(letter -> {
            assertThat(letter.path("id").asText()).endsWith(".2");
            assertThat(letter.path("replays").asInt()).isEqualTo(1);
        });
        // Each as often as it was asked for, and once more those that the kill met.
        assertThat(effects.size()).isBetween(2 * LETTERS, 2 * LETTERS + WORKERS);
        assertGenerations(2);
    }

    @Test
    void aJobThatWasCancelledStaysSoAndTheRestIsReplayedByAnother() throws Exception {
        String buried = Instant.now().toString();
        String job = replay(RATE);
        slowly().until(() -> job(job).path("replayed").asInt() >= SEEN);

        HttpResponse<String> cancelled = caravan.send(
                HttpRequest.newBuilder(caravan.url("/system/jobs/" + job)).DELETE());
        caravan.kill();
        caravan.restart();
        awaitCalls(Map.of("dead", (long) LETTERS));

        assertThat(cancelled.statusCode()).as(cancelled.body()).isEqualTo(202);
        JsonNode before = job(job);
        assertThat(before.path("state").asText()).isEqualTo("cancelled");
        assertThat(before.path("replayed").asInt() + before.path("waiting").asInt())
                .as(before.toString())
                .isEqualTo(LETTERS);
        assertThat(before.path("waiting").asInt()).isPositive();
        int runs = effects.size();
        await().during(Duration.ofSeconds(2)).atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(figures(job(job))).isEqualTo(figures(before));
            assertThat(effects.size()).isEqualTo(runs);
        });

        String rest = replayWhatDiedBefore(buried);
        awaitJob(rest, now -> now.path("state").asText().equals("done"));
        awaitCalls(Map.of("dead", (long) LETTERS));
        slowly().untilAsserted(() -> assertThat(letters().path("items"))
                .hasSize(LETTERS)
                .allSatisfy(letter -> assertThat(letter.path("id").asText()).endsWith(".2")));
        assertGenerations(2);
    }

    private String replay(int rate) throws Exception {
        return submit("{\"filter\":{\"function\":\"rejects\"},\"ratePerSecond\":" + rate + "}");
    }

    /** What is left is of before {@code until}; what has come back is not. */
    private String replayWhatDiedBefore(String until) throws Exception {
        return submit("{\"filter\":{\"function\":\"rejects\",\"until\":\"" + until + "\"}}");
    }

    private String submit(String body) throws Exception {
        HttpResponse<String> answer = caravan.post("/system/dead-letters/replay", body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return JSON.readTree(answer.body()).path("job").asText();
    }

    private JsonNode job(String id) throws Exception {
        return caravan.get("/system/jobs/" + id);
    }

    private JsonNode letters() throws Exception {
        return caravan.get("/system/dead-letters?function=rejects&limit=500");
    }

    private void awaitJob(String id, Predicate<JsonNode> state) {
        slowly().until(() -> state.test(job(id)));
    }

    private static List<Integer> figures(JsonNode job) {
        return List.of("matched", "waiting", "replayed", "refused", "gone", "succeeded", "failed").stream()
                .map(name -> job.path(name).asInt())
                .toList();
    }

    /** What the ledger says once the process has let go of it. */
    private void assertGenerations(int generation) throws Exception {
        caravan.terminate();
        try (var ledger = new Ledger(caravan.data().resolve("ledger"), InstantSource.system())) {
            ledger.open();
            for (String call : calls) {
                CallStatus status = ledger.call(new CallId(call)).orElseThrow();
                assertThat(status.generation()).isEqualTo(generation);
                assertThat(status.replays()).isEqualTo(generation - 1);
                assertThat(status.state()).isEqualTo(CallState.DEAD);
            }
        }
    }
}
