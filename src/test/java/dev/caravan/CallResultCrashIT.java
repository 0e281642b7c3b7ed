package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.CaravanProcessFixture;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A result that somebody has seen is there for good, whatever happens to the process. */
class CallResultCrashIT extends CaravanProcessFixture {

    @Test
    void aResultThatWasSeenSurvivesAKill() throws Exception {
        caravan.deploy("echo", "cat", Map.of(), Map.of());
        caravan.awaitReplica("echo");
        List<String> calls = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            HttpResponse<String> accepted = caravan.post("/async-function/echo", "body " + i);
            calls.add(accepted.headers().firstValue("X-Call-Id").orElseThrow());
        }
        for (String call : calls) {
            slowly().until(() -> result(call).statusCode() == 200);
        }

        caravan.kill();
        caravan.restart();

        for (int i = 0; i < calls.size(); i++) {
            HttpResponse<String> result = result(calls.get(i));
            assertThat(result.statusCode()).isEqualTo(200);
            assertThat(result.body()).isEqualTo("body " + i);
        }
    }

    private HttpResponse<String> result(String call) throws Exception {
        return caravan.send(HttpRequest.newBuilder(caravan.url("/async-function/" + call + "/result?wait=10s")));
    }
}
