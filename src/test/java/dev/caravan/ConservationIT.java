package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.RecordingCallbackReceiver.Recorded;
import dev.caravan.testing.TestServer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Accepted calls are never more nor fewer than those in all states together, and each ends exactly once. */
class ConservationIT {

    private static final int EACH = 30;
    private static final List<String> UNFINISHED = List.of("scheduled", "queued", "running", "retrying");

    @RegisterExtension
    static final TestServer server = TestServer.with();

    @RegisterExtension
    static final RecordingCallbackReceiver receiver = new RecordingCallbackReceiver();

    @Test
    void aBurstOfCallsOfEveryFateEndsEachOnceAndAddsUpThroughReplays() {
        String answers = server.deployAnswers("com.openfaas.retry.min_wait=100ms", "com.openfaas.retry.attempts=2");
        Set<String> accepted = new HashSet<>();

        IntStream.range(0, EACH).parallel().forEach(i -> {
            for (String fate : List.of("/200", "/500,503,200", "/418", "/503")) {
                String id = server.callAsync(answers + fate, "x", "X-Callback-Url", receiver.url("/ends"));
                synchronized (accepted) {
                    accepted.add(id);
                }
            }
        });

        assertThat(accepted).hasSize(4 * EACH);
        assertThat(server.calls()).isEqualTo(4 * EACH);
        awaitNothingUnfinished();
        assertThat(server.calls("succeeded")).isEqualTo(2 * EACH);
        assertThat(server.calls("dead")).isEqualTo(2 * EACH);
        assertThat(server.metric("caravan_calls_accepted_total")).isEqualTo(4 * EACH);
        assertThat(receiver.await("/ends", 4 * EACH))
                .hasSize(4 * EACH)
                .extracting(callback -> callback.header("X-Call-Id"))
                .containsExactlyInAnyOrderElementsOf(accepted);

        JsonNode rejected = server.system("/system/dead-letters?reason=rejected&limit=500&function=" + answers)
                .json();
        assertThat(rejected.get("total").asInt()).isEqualTo(EACH);
        // The function counts attempts by call id: the same path still says 418.
        for (JsonNode letter : rejected.get("items")) {
            String path = "/system/dead-letters/" + letter.get("id").asText() + "/replay";
            assertThat(server.system("POST", path, "").status()).isEqualTo(202);
        }

        List<Recorded> ended = receiver.await("/ends", 5 * EACH);
        awaitNothingUnfinished();
        assertThat(server.calls()).isEqualTo(4 * EACH);
        assertThat(server.calls("dead")).isEqualTo(2 * EACH);
        assertThat(ended)
                .filteredOn(callback -> callback.header("X-Caravan-Generation").equals("2"))
                .hasSize(EACH);
        assertThat(server.deadLetters(answers)).hasSize(50); // a page
        assertThat(server.metric("caravan_dead_letter_depth{queue=\"faas-request\"}"))
                .isEqualTo(2 * EACH);
        assertThat(server.metric("caravan_duplicates_dropped_total")).isZero();
    }

    private static void awaitNothingUnfinished() {
        await().atMost(Duration.ofSeconds(40))
                .untilAsserted(() -> assertThat(
                                UNFINISHED.stream().mapToDouble(server::calls).sum())
                        .isZero());
    }
}
