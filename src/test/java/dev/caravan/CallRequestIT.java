package dev.caravan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a call was sent with, while it waits, runs, and when it is over. */
@Timeout(180)
class CallRequestIT {

    @RegisterExtension
    static final TestServer server = TestServer.with(
            "CARAVAN_REQUEST_LIMIT=4KiB", "CARAVAN_MASK=header.X-Iban,body.card", "CARAVAN_MASK_FROM=operator");

    @Test
    void itIsLookedAtInItsQueueAndKeptBesideTheResult() {
        String answers = server.deployAnswers("com.openfaas.retry.attempts=0");
        pause("pause", answers);
        String id =
                call(answers + "/200?a=b", "{\"order\":{\"id\":4711}}", "X-Tenant", "acme", "Authorization", "Basic x");
        String large = call(answers + "/200", "x".repeat(5_000));

        for (int look = 0; look < 3; look++) {
            JsonNode waiting = request(id).json();
            assertThat(waiting.get("place").asText()).isEqualTo("queue");
            assertThat(waiting.get("body").asText()).isEqualTo("{\"order\":{\"id\":4711}}");
            assertThat(waiting.at("/headers/X-Tenant/0").asText()).isEqualTo("acme");
            assertThat(waiting.at("/headers/Authorization/0").asText()).isEqualTo("(hidden)");
            assertThat(waiting.get("query").asText()).isEqualTo("a=b");
        }
        pause("resume", answers);
        await().atMost(Duration.ofSeconds(60)).until(() -> status(id).equals("succeeded"));
        await().atMost(Duration.ofSeconds(60)).until(() -> status(large).equals("succeeded"));

        JsonNode kept = request(id).json();
        assertThat(kept.get("place").asText()).isEqualTo("result");
        assertThat(kept.get("body").asText()).isEqualTo("{\"order\":{\"id\":4711}}");
        assertThat(kept.at("/headers/X-Tenant/0").asText()).isEqualTo("acme");
        assertThat(request(large).json().get("kept").asBoolean()).isFalse();
        assertThat(request(large).json().get("why").asText()).contains("CARAVAN_REQUEST_LIMIT");
        Reply found = server.system("/system/calls?q=body.order.id:4711%20header.x-tenant:acme%20fn:" + answers);
        assertThat(found.json().get("items").findValuesAsText("callId")).containsExactly(id);
    }

    @Test
    void itIsLookedAtWhileItRuns() {
        String sleeps = server.deploy("sleepy", "sleep 3", "com.openfaas.retry.attempts=0");
        String id = call(sleeps, "a long one");
        await().atMost(Duration.ofSeconds(60)).until(() -> status(id).equals("running"));

        Reply running = request(id);

        assertThat(running.json().path("body").asText()).as(running.toString()).isEqualTo("a long one");
    }

    @Test
    void aDeadOneStandsInItsLetterAndACancelledOneNowhere() {
        String answers = server.deployAnswers("com.openfaas.retry.attempts=0");
        String dead = call(answers + "/500", "broken");
        await().atMost(Duration.ofSeconds(60)).until(() -> status(dead).equals("dead"));
        assertThat(request(dead).json().get("place").asText()).isEqualTo("dead-letter");
        assertThat(request(dead).json().get("body").asText()).isEqualTo("broken");

        pause("pause", answers);
        String cancelled = call(answers, "taken back");
        assertThat(server.system("DELETE", "/async-function/" + cancelled, "").status())
                .isEqualTo(202);
        assertThat(request(cancelled).json().get("why").asText())
                .isEqualTo("the request of a cancelled call is not kept");
        pause("resume", answers);
    }

    @Test
    void whatIsMaskedIsSeenByAdminsAloneAndReplayedWhole() throws Exception {
        Files.writeString(
                server.data().resolve("secrets/users"),
                "olga:operator:$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2\n");
        String answers = server.deployAnswers("com.openfaas.retry.attempts=0");
        String id = call(answers + "/500,200", "{\"card\":4711,\"to\":\"Ada\"}", "X-Iban", "DE1");
        await().atMost(Duration.ofSeconds(60)).until(() -> status(id).equals("dead"));
        String letter = "/system/dead-letters/" + id + ".1";
        await().atMost(Duration.ofSeconds(60))
                .until(() -> asOperator("GET", letter, "").status() == 200);

        for (Reply shown :
                List.of(asOperator("GET", letter, ""), asOperator("GET", "/system/calls/" + id + "/request", ""))) {
            assertThat(shown.json().get("body").asText()).isEqualTo("{\"card\":\"(hidden)\",\"to\":\"Ada\"}");
            assertThat(shown.json().at("/headers/X-Iban/0").asText()).isEqualTo("(hidden)");
        }
        assertThat(server.system(letter).json().get("body").asText()).contains("4711");
        String found = "/system/dead-letters?q=fn:" + answers + "%20";
        assertThat(asOperator("GET", found + "body.card:4711", "").status()).isEqualTo(400);
        assertThat(asOperator("GET", found + "4711", "").json().get("total").asInt())
                .isZero();
        assertThat(server.system(found + "body.card:4711").json().get("total").asInt())
                .isEqualTo(1);
        Reply exported = asOperator("GET", "/system/dead-letters/export?function=" + answers, "");
        assertThat(exported.text()).contains("\"masked\":true").doesNotContain("DE1");
        assertThat(exported.json().get("body").asText()).isEqualTo("{\"card\":\"(hidden)\",\"to\":\"Ada\"}");
        assertThat(asOperator("POST", "/system/dead-letters/import", exported.text())
                        .text())
                .contains("masked");

        Reply replayed = asOperator(
                "POST", letter + "/replay", "{\"body\":\"{\\\"card\\\":\\\"(hidden)\\\",\\\"to\\\":\\\"Bob\\\"}\"}");
        assertThat(replayed.status()).as(replayed.toString()).isEqualTo(202);
        await().atMost(Duration.ofSeconds(60)).until(() -> status(id).equals("succeeded"));
        assertThat(server.get("/async-function/" + id + "/result").text()).endsWith("{\"card\":4711,\"to\":\"Bob\"}");
        assertThat(request(id).json().at("/headers/X-Iban/0").asText()).isEqualTo("DE1");
        assertThat(asOperator("GET", "/system/calls/" + id + "/edits", "").text())
                .contains("Bob", "(hidden)")
                .doesNotContain("4711", "DE1");
        Reply script = asOperator("GET", "/system/dead-letters/export?format=curl", "");
        assertThat(script.status()).isEqualTo(403);
        assertThat(script.text()).contains("masked from you");
    }

    private static Reply asOperator(String method, String path, String body) {
        String login = Base64.getEncoder().encodeToString("olga:correct horse".getBytes(UTF_8));
        return server.send(method, path, body.getBytes(UTF_8), "Authorization", "Basic " + login);
    }

    private static void pause(String what, String function) {
        Reply answer = server.system("POST", "/system/queues/faas-request/" + what + "?function=" + function, "");
        assertThat(answer.status()).as(answer.toString()).isEqualTo(202);
    }

    private static String call(String target, String body, String... headers) {
        return server.callAsync(target, body, headers);
    }

    private static Reply request(String id) {
        return server.system("/system/calls/" + id + "/request");
    }

    private static String status(String id) {
        return server.system("/system/calls/" + id).json().get("status").asText();
    }
}
