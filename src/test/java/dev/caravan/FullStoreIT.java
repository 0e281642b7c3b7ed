package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.CaravanProcessFixture;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A store that is nearly full closes the door to new calls and keeps its promises to those already accepted. */
class FullStoreIT extends CaravanProcessFixture {

    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);
    private static final byte[] LARGE = new byte[60 << 10];

    @Override
    protected Map<String, String> settings() {
        return Map.of("CARAVAN_STORE_LIMIT", "64MiB");
    }

    @Test
    void aThousandRetriesFallDueWhileTheStoreIsNearlyFull() throws Exception {
        // All at once, and not at the rate of a budget.
        deploy("flaky", Map.of("dev.caravan.retry-budget", "none"));
        deploy("held", Map.of());
        caravan.scale("held", 0);
        callers.accepted(1_000, number -> call("flaky", "?fails=1&after=20"));

        int held = fill();
        int retriedBefore = effects.size() - 1_000;
        slowly().untilAsserted(() ->
                assertThat(caravan.calls(QUEUE)).isEqualTo(Map.of("succeeded", 1_000L, "queued", (long) held)));
        // All of them, or at least most on a slow machine, fell due behind a closed door.
        assertThat(retriedBefore).isLessThan(500);
        assertThat(postLarge().statusCode()).isEqualTo(503);

        caravan.scale("held", 1);
        awaitCalls(Map.of("succeeded", 1_000L + held));
        slowly().until(() -> postLarge().statusCode() == 202);
    }

    /** Posts until the door is closed; returns how many calls it let in. */
    private int fill() throws Exception {
        int accepted = 0;
        while (true) {
            List<HttpResponse<String>> answers = callers.answers(64, number -> large());
            for (HttpResponse<String> answer : answers) {
                if (answer.statusCode() == 503) {
                    assertThat(answer.headers().firstValue("Retry-After")).isPresent();
                } else {
                    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
                    accepted++;
                }
            }
            if (answers.get(answers.size() - 1).statusCode() == 503) {
                return accepted;
            }
        }
    }

    private HttpResponse<String> postLarge() throws Exception {
        return caravan.send(large());
    }

    private HttpRequest.Builder large() {
        return HttpRequest.newBuilder(caravan.url("/async-function/held"))
                .timeout(ANSWER_LIMIT)
                .POST(BodyPublishers.ofByteArray(LARGE));
    }
}
