package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dead letters as an operator sees them: found, read, sent round again, deleted. */
class DeadLettersIT {

    private static final String ONCE = "com.openfaas.retry.attempts=0";

    @RegisterExtension
    static final TestServer server = TestServer.with();

    @RegisterExtension
    static final RecordingCallbackReceiver receiver = new RecordingCallbackReceiver();

    @Test
    void aLetterSaysWhatDiedWhyAndWhen() {
        String fails = server.deployScript("fails", "cat; exit 1", ONCE);

        String id = server.callAsync(fails, "some body", "Content-Type", "text/plain");

        JsonNode letter = awaitLetters(fails, 1).get(0);
        assertThat(letter.get("id").asText()).isEqualTo(id + ".1");
        assertThat(letter.get("callId").asText()).isEqualTo(id);
        assertThat(letter.get("queue").asText()).isEqualTo("faas-request");
        assertThat(letter.get("function").asText()).isEqualTo(fails);
        assertThat(letter.get("namespace").asText()).isEqualTo("openfaas-fn");
        assertThat(letter.get("reason").asText()).isEqualTo("attempts-exhausted");
        assertThat(letter.get("statusCode").asInt()).isEqualTo(500);
        assertThat(letter.get("attempts").asInt()).isEqualTo(1);
        assertThat(letter.get("size").asInt()).isEqualTo(9);
        assertThat(letter.get("contentType").asText()).isEqualTo("text/plain");
        assertThat(letter.get("replays").asInt()).isZero();
        assertThat(letter.get("fingerprint").asText()).isNotBlank();
        assertThat(letter.get("submittedAt").asText()).endsWith("Z");
        assertThat(letter.get("deadAt").asText())
                .isGreaterThan(letter.get("submittedAt").asText());
    }

    @Test
    void theyAreListedNewestFirstAPageAtATime() {
        String fails = server.deploy("fails", "false", ONCE);
        var sent = new ArrayList<String>();
        for (int i = 0; i < 5; i++) {
            sent.add(0, server.callAsync(fails, "x"));
            awaitLetters(fails, i + 1);
        }

        var listed = new ArrayList<String>();
        String cursor = "";
        do {
            JsonNode page = server.system("/system/dead-letters?function=" + fails + "&limit=2" + cursor)
                    .json();
            page.get("items").forEach(item -> listed.add(item.get("callId").asText()));
            assertThat(page.get("items").size()).isLessThanOrEqualTo(2);
            assertThat(page.get("total").asInt()).isEqualTo(5);
            cursor = page.has("next") ? "&cursor=" + page.get("next").asText() : "";
        } while (!cursor.isEmpty());

        assertThat(listed).isEqualTo(sent);
    }

    @Test
    void theyAreFilteredByWhatIsAskedFor() {
        String fails = server.deploy("fails", "false", ONCE);
        String answers = server.deployAnswers();
        server.callAsync(fails, "x");
        server.callAsync(answers + "/418", "x");
        awaitLetters(fails, 1);
        awaitLetters(answers, 1);

        assertThat(functions("?reason=rejected&status=418")).contains(answers).doesNotContain(fails);
        assertThat(functions("?reason=attempts-exhausted")).contains(fails).doesNotContain(answers);
        assertThat(functions("?queue=faas-callback")).doesNotContain(fails, answers);
        assertThat(functions("?namespace=elsewhere")).isEmpty();
        assertThat(functions("?function=" + fails)).containsOnly(fails);
    }

    private static List<String> functions(String query) {
        return server.system("/system/dead-letters" + query).json().get("items").findValuesAsText("function");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "reason=bad-luck",
                "limit=0",
                "limit=501",
                "limit=many",
                "status=1000",
                "cursor=junk",
                "since=yesterday"
            })
    void aQuestionThatMakesNoSenseIsAProblemInOneLine(String query) {
        Reply reply = server.system("/system/dead-letters?" + query);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(reply.json().get("status").asInt()).isEqualTo(400);
        assertThat(reply.json().get("detail").asText().lines()).hasSize(1);
    }

    @Test
    void aLetterIsShownWithItsBodyItsHistoryAndItsHeadersButNobodysKeys() {
        String fails = server.deployScript("fails", "echo it broke; exit 1", ONCE);

        server.callAsync(
                fails + "/some/path?a=b",
                "text body",
                "Content-Type",
                "text/plain",
                "Authorization",
                "Bearer top-secret",
                "Cookie",
                "session=top-secret",
                "X-Api-Key",
                "top-secret",
                "X-Custom",
                "shown",
                "X-Callback-Url",
                receiver.url("/shown"));
        Reply reply = show(awaitLetters(fails, 1).get(0));

        JsonNode letter = reply.json();
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.text()).doesNotContain("top-secret");
        assertThat(header(letter, "Authorization")).isEqualTo("(hidden)");
        assertThat(header(letter, "Cookie")).isEqualTo("(hidden)");
        assertThat(header(letter, "X-Custom")).isEqualTo("shown");
        assertThat(letter.get("path").asText()).isEqualTo("/some/path");
        assertThat(letter.get("query").asText()).isEqualTo("a=b");
        assertThat(letter.get("callbackUrl").asText()).isEqualTo(receiver.url("/shown"));
        assertThat(letter.get("body").asText()).isEqualTo("text body");
        JsonNode attempt = letter.get("history").get(0);
        assertThat(letter.get("history")).hasSize(1);
        assertThat(attempt.get("attempt").asInt()).isEqualTo(1);
        assertThat(attempt.get("statusCode").asInt()).isEqualTo(500);
        assertThat(attempt.get("responseExcerpt").asText()).isNotBlank();
    }

    private static String header(JsonNode letter, String name) {
        JsonNode headers = letter.get("headers");
        for (var field : (Iterable<Map.Entry<String, JsonNode>>) headers::fields) {
            if (field.getKey().equalsIgnoreCase(name)) {
                return field.getValue().get(0).asText();
            }
        }
        throw new AssertionError("no header " + name + " in " + headers);
    }

    private static Reply show(JsonNode letter) {
        return server.system("/system/dead-letters/" + letter.get("id").asText());
    }

    @Test
    void aBodyThatIsNoTextIsShownInBase64() {
        String fails = server.deploy("fails", "false", ONCE);
        byte[] body = {0, (byte) 0xff, (byte) 0xfe, 10, (byte) 0x80};

        server.send("POST", "/async-function/" + fails, body, "Content-Type", "application/octet-stream");

        JsonNode letter = show(awaitLetters(fails, 1).get(0)).json();
        String base64 = letter.toString();
        assertThat(base64).contains(Base64.getEncoder().encodeToString(body));
    }

    @Test
    void aReplayRunsTheCallAgainUnderItsIdAsItsNextGeneration() {
        String fixed = server.deploy("fixed", "false", ONCE);
        String id = server.callAsync(fixed + "/p?q=1", "the body", "X-Callback-Url", receiver.url("/replay"));
        JsonNode letter = awaitLetters(fixed, 1).get(0);
        double accepted = server.metric("caravan_calls_accepted_total");
        server.deployAs(fixed, "cat", Map.of(), ONCE);

        Reply reply = replay(letter);

        assertThat(reply.status()).isEqualTo(202);
        assertThat(reply.json().get("callId").asText()).isEqualTo(id);
        var callback = receiver.await("/replay", 2).get(1);
        assertThat(callback.header("X-Call-Id")).isEqualTo(id);
        assertThat(callback.header("X-Caravan-Generation")).isEqualTo("2");
        assertThat(callback.header("X-Function-Status")).isEqualTo("200");
        assertThat(callback.text()).isEqualTo("the body");
        assertThat(server.deadLetters(fixed)).isEmpty();
        assertThat(server.metric("caravan_calls_accepted_total")).isEqualTo(accepted);
    }

    @Test
    void aReplayedCallThatFailsAgainIsANewLetterThatCountsItsReplays() {
        String fails = server.deploy("fails", "false", ONCE);
        String id = server.callAsync(fails, "x");
        replay(awaitLetters(fails, 1).get(0));

        await().untilAsserted(() ->
                assertThat(server.deadLetters(fails).findValuesAsText("id")).containsExactly(id + ".2"));

        JsonNode letter = server.deadLetters(fails).get(0);
        assertThat(letter.get("replays").asInt()).isEqualTo(1);
        assertThat(letter.get("attempts").asInt()).isEqualTo(1);
    }

    @Test
    void aLetterIsReplayedOnlyOnce() {
        String fails = server.deploy("fails", "false", ONCE);
        server.callAsync(fails, "x");
        JsonNode letter = awaitLetters(fails, 1).get(0);
        assertThat(replay(letter).status()).isEqualTo(202);

        Reply second = replay(letter);

        assertThat(second.status()).isEqualTo(409);
        assertThat(second.header("Content-Type")).isEqualTo("application/problem+json");
    }

    @Test
    void ofTwoReplaysAtTheSameTimeOneIsDone() {
        String fixed = server.deploy("fixed", "false", ONCE);
        server.callAsync(fixed, "x");
        JsonNode letter = awaitLetters(fixed, 1).get(0);
        server.deployAs(fixed, "cat", Map.of());

        List<Integer> statuses = IntStream.range(0, 6)
                .parallel()
                .mapToObj(i -> replay(letter).status())
                .sorted()
                .toList();

        assertThat(statuses).startsWith(202).filteredOn(status -> status == 202).hasSize(1);
        await().untilAsserted(() -> assertThat(server.invocations(fixed, 200)).isEqualTo(1));
    }

    @Test
    void aLargeBodyIsShownAndReplayedFromItsFile() {
        String fixed = server.deploy("fixed", "false", ONCE);
        String body = "0123456789".repeat(20_000);
        server.callAsync(fixed, body, "Content-Type", "text/plain");
        JsonNode letter = awaitLetters(fixed, 1).get(0);
        assertThat(show(letter).json().get("size").asInt()).isEqualTo(200_000);
        server.deployAs(fixed, "wc -c", Map.of());

        replay(letter);

        await().untilAsserted(() -> assertThat(server.invocations(fixed, 200)).isEqualTo(1));
        assertThat(server.deadLetters(fixed)).isEmpty();
    }

    @Test
    void aReplayOfAFunctionThatIsStillGoneDiesAgain() {
        String gone = server.deploy("gone", "cat");
        String id = server.callAsync(gone, "x", "X-Delay", "500ms");
        server.delete(gone);
        JsonNode letter = awaitLetters(gone, 1).get(0);

        assertThat(replay(letter).status()).isEqualTo(202);

        await().untilAsserted(() ->
                assertThat(server.deadLetters(gone).findValuesAsText("id")).containsExactly(id + ".2"));
    }

    @Test
    void aDeletedLetterIsGoneAndItsCallStaysDead() {
        String fails = server.deploy("fails", "false", ONCE);
        server.callAsync(fails, "x");
        JsonNode letter = awaitLetters(fails, 1).get(0);
        double dead = server.calls("dead");
        String url = "/system/dead-letters/" + letter.get("id").asText();

        Reply deleted = server.system("DELETE", url, "");

        assertThat(deleted.status()).isEqualTo(202);
        assertThat(server.system(url).status()).isEqualTo(404);
        assertThat(server.system("DELETE", url, "").status()).isEqualTo(404);
        assertThat(replay(letter).status()).isEqualTo(404);
        assertThat(server.deadLetters(fails)).isEmpty();
        assertThat(server.calls("dead")).isEqualTo(dead);
    }

    @Test
    void aDeletedLetterIsRestoredAndReplayed() {
        String fixed = server.deploy("fixed", "false", ONCE);
        server.callAsync(fixed, "x");
        JsonNode letter = awaitLetters(fixed, 1).get(0);
        String url = "/system/dead-letters/" + letter.get("id").asText();
        server.system("DELETE", url, "");

        Reply restored = server.system("POST", url + "/restore", "");

        assertThat(restored.status()).isEqualTo(202);
        assertThat(restored.json()).isEqualTo(letter);
        assertThat(server.system("POST", url + "/restore", "").status()).isEqualTo(404);
        server.deployAs(fixed, "cat", Map.of());
        assertThat(replay(letter).status()).isEqualTo(202);
        await().untilAsserted(() -> assertThat(server.invocations(fixed, 200)).isEqualTo(1));
    }

    @Test
    void manyAreDeletedByFilterAndAllOfThemOnlyWhenTheRequestSaysHowMany() {
        String fails = server.deploy("fails", "false", ONCE);
        server.callAsync(fails, "x");
        server.callAsync(fails, "y");
        awaitLetters(fails, 2);

        assertThat(server.system("DELETE", "/system/dead-letters", "").text()).contains("confirm=");
        assertThat(server.system("DELETE", "/system/dead-letters?confirm=0", "").status())
                .isEqualTo(400);
        Reply deleted = server.system("DELETE", "/system/dead-letters?function=" + fails, "");

        assertThat(deleted.status()).isEqualTo(202);
        assertThat(deleted.json().get("deleted").asInt()).isEqualTo(2);
        assertThat(server.deadLetters(fails)).isEmpty();
    }

    @Test
    void aLetterIsFoundByWhatItSaysButNotByAKey() {
        String fails = server.deploy("fails", "false", ONCE);
        server.callAsync(fails, "Order 4711 is LATE", "X-Shop", "corner", "Authorization", "Bearer swordfish");
        awaitLetters(fails, 1);

        assertThat(functions("?q=4711%20is%20late")).containsExactly(fails);
        assertThat(functions("?q=x-shop:%20corner")).contains(fails);
        assertThat(functions("?q=swordfish")).isEmpty();
        assertThat(functions("?q=4711%25late")).isEmpty();
        assertThat(functions("?function=" + fails + "&since=2020-01-01T00:00:00Z"))
                .hasSize(1);
        assertThat(functions("?function=" + fails + "&until=2020-01-01T00:00:00Z"))
                .isEmpty();
    }

    @Test
    void lettersThatDiedOfTheSameAreOneGroup() {
        String fails = server.deploy("fails", "false", ONCE);
        server.callAsync(fails, "x");
        server.callAsync(fails, "y");
        awaitLetters(fails, 2);

        JsonNode groups =
                server.system("/system/dead-letters/groups?function=" + fails).json();

        assertThat(groups).hasSize(1);
        assertThat(groups.get(0).get("count").asInt()).isEqualTo(2);
        String fingerprint = groups.get(0).get("fingerprint").asText();
        assertThat(functions("?fingerprint=" + fingerprint)).hasSize(2).containsOnly(fails);
    }

    @Test
    void aReplayMayHaveAnotherBodyOtherHeadersAndAnotherFunction() {
        String fails = server.deploy("fails", "false", ONCE);
        String fixed = server.deploy("fixed", "cat");
        server.callAsync(fails, "wrong", "X-Callback-Url", receiver.url("/edited"), "Content-Type", "text/wrong");
        JsonNode letter = awaitLetters(fails, 1).get(0);

        Reply reply = server.system(
                "POST",
                "/system/dead-letters/" + letter.get("id").asText() + "/replay",
                "{\"body\":\"right\",\"headers\":{\"content-type\":\"text/right\"},\"function\":\"" + fixed + "\"}");

        assertThat(reply.status()).as(reply.text()).isEqualTo(202);
        var callback = receiver.await("/edited", 2).get(1);
        assertThat(callback.header("X-Call-Id")).isEqualTo(letter.get("callId").asText());
        assertThat(callback.text()).isEqualTo("right");
        assertThat(server.invocations(fixed, 200)).isEqualTo(1);
        assertThat(server.deadLetters(fails)).isEmpty();
    }

    @Test
    void whatWasEditedIsShownBeforeAndAfterWithoutKeys() {
        String fails = server.deploy("fails", "false", ONCE);
        server.callAsync(fails, "one", "Authorization", "Bearer s3cret", "X-Trial", "1");
        JsonNode first = awaitLetters(fails, 1).get(0);
        String edits = "/system/calls/" + first.get("callId").asText() + "/edits";
        assertThat(server.system(edits).json()).isEmpty();

        server.system(
                "POST",
                "/system/dead-letters/" + first.get("id").asText() + "/replay",
                "{\"body\":\"two\",\"headers\":{\"X-Trial\":\"2\"}}");
        await().untilAsserted(() ->
                assertThat(awaitLetters(fails, 1).get(0).get("replays").asInt()).isEqualTo(1));
        replay(awaitLetters(fails, 1).get(0));
        await().untilAsserted(() ->
                assertThat(awaitLetters(fails, 1).get(0).get("replays").asInt()).isEqualTo(2));

        Reply shown = server.system(edits);
        assertThat(shown.json()).as("the second replay was not edited").hasSize(1);
        JsonNode edit = shown.json().get(0);
        assertThat(edit.get("generation").asInt()).isEqualTo(2);
        assertThat(edit.at("/before/body").asText()).isEqualTo("one");
        assertThat(edit.at("/after/body").asText()).isEqualTo("two");
        assertThat(edit.at("/before/headers/X-Trial/0").asText()).isEqualTo("1");
        assertThat(edit.at("/after/headers/X-Trial/0").asText()).isEqualTo("2");
        assertThat(edit.at("/after/headers/Authorization/0").asText()).isEqualTo("(hidden)");
        assertThat(shown.text()).doesNotContain("s3cret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "{\"bodi\":\"x\"}",
                "{\"body\":1}",
                "{\"bodyBase64\":\"%\"}",
                "{\"body\":\"x\",\"bodyBase64\":\"eA==\"}",
                "{\"function\":\"nobody-there\"}",
                "{\"function\":\"NOT A NAME\"}",
                "{\"headers\":{\"CamelHttpUri\":\"http://elsewhere\"}}",
                "{\"headers\":{\"X-A\":\"a\\r\\nX-B: b\"}}",
                "{\"headers\":{\"X-A\":1}}",
                "{\"headers\":[]}"
            })
    void anEditThatMakesNoSenseLeavesTheLetterWhereItIs(String edits) {
        String fails = server.deploy("fails", "false", ONCE);
        server.callAsync(fails, "x");
        JsonNode letter = awaitLetters(fails, 1).get(0);

        Reply reply =
                server.system("POST", "/system/dead-letters/" + letter.get("id").asText() + "/replay", edits);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().get("detail").asText().lines()).hasSize(1);
        assertThat(server.deadLetters(fails)).hasSize(1);
    }

    @Test
    void aMovedLetterStandsAmongTheOtherFunctionsAndIsReplayedToIt() {
        String fails = server.deploy("fails", "false", ONCE);
        String fixed = server.deploy("fixed", "cat");
        server.callAsync(fails, "x");
        JsonNode letter = awaitLetters(fails, 1).get(0);
        String url = "/system/dead-letters/" + letter.get("id").asText();

        Reply moved = server.system("POST", url + "/move", "{\"function\":\"" + fixed + "\"}");

        assertThat(moved.status()).as(moved.text()).isEqualTo(202);
        assertThat(moved.json().get("function").asText()).isEqualTo(fixed);
        assertThat(server.deadLetters(fails)).isEmpty();
        assertThat(server.deadLetters(fixed)).hasSize(1);
        assertThat(replay(letter).status()).isEqualTo(202);
        await().untilAsserted(() -> assertThat(server.invocations(fixed, 200)).isEqualTo(1));
    }

    @Test
    void aBulkReplayRunsWhatMatchesAndSaysHowItWent() {
        String fixed = server.deploy("fixed", "false", ONCE);
        for (int i = 0; i < 12; i++) {
            server.callAsync(fixed, "x");
        }
        awaitLetters(fixed, 12);
        server.deployAs(fixed, "cat", Map.of());
        String filter = "{\"filter\":{\"function\":\"" + fixed + "\"}";

        JsonNode dry = server.system("POST", "/system/dead-letters/replay", filter + ",\"dryRun\":true}")
                .json();
        Reply started = server.system(
                "POST", "/system/dead-letters/replay", filter + ",\"stopAtFailureRate\":0.5,\"canaries\":2}");

        assertThat(dry.get("matched").asInt()).isEqualTo(12);
        assertThat(dry.get("sample")).hasSize(12);
        assertThat(started.status()).isEqualTo(202);
        assertThat(started.json().get("matched").asInt()).isEqualTo(12);
        String job = "/system/jobs/" + started.json().get("job").asText();
        await().untilAsserted(() -> {
            JsonNode now = server.system(job).json();
            assertThat(now.get("state").asText()).isEqualTo("done");
            assertThat(now.get("succeeded").asInt()).isEqualTo(12);
        });
        assertThat(server.deadLetters(fixed)).isEmpty();
        assertThat(server.invocations(fixed, 200)).isEqualTo(12);
    }

    @Test
    void whatIsExportedIsImportedAfterItHasGone() {
        String fixed = server.deploy("fixed", "false", ONCE);
        server.callAsync(fixed, "x", "Authorization", "Bearer kept");
        server.callAsync(fixed, "0123456789".repeat(20_000), "Content-Type", "text/plain");
        awaitLetters(fixed, 2);
        Reply exported = server.system("/system/dead-letters/export?function=" + fixed);
        server.system("DELETE", "/system/dead-letters?function=" + fixed, "");

        Reply imported = server.system("POST", "/system/dead-letters/import", exported.text());
        Reply again = server.system("POST", "/system/dead-letters/import", exported.text());

        assertThat(exported.header("Content-Type")).isEqualTo("application/x-ndjson");
        assertThat(exported.text().lines()).hasSize(2);
        assertThat(exported.text()).contains("Bearer kept");
        assertThat(imported.json().get("imported").asInt()).isEqualTo(2);
        assertThat(again.json().get("imported").asInt()).isZero();
        assertThat(again.json().get("skipped").asInt()).isEqualTo(2);
        server.deployAs(fixed, "wc -c", Map.of());
        server.deadLetters(fixed)
                .forEach(letter -> assertThat(replay(letter).status()).isEqualTo(202));
        await().untilAsserted(() -> assertThat(server.invocations(fixed, 200)).isEqualTo(2));
    }

    @Test
    void aFileWithAWrongLineChangesNothingAndTheErrorNamesTheLine() {
        String fails = server.deploy("fails", "false", ONCE);
        server.callAsync(fails, "x");
        awaitLetters(fails, 1);
        String good =
                server.system("/system/dead-letters/export?function=" + fails).text();
        server.system("DELETE", "/system/dead-letters?function=" + fails, "");

        Reply reply = server.system("POST", "/system/dead-letters/import", good + "\n{\"callId\":\"x\"}\n");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().get("detail").asText()).startsWith("line 3: ");
        assertThat(server.deadLetters(fails)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "0b7f6d1e-5d1c-4a3b-9c57-2f6f6c1d0e9a.1", "%27%3B--", "..%2F..%2Fetc"})
    void anIdThatIsNoLettersIsNotFound(String id) {
        Reply reply = server.system("/system/dead-letters/" + id);

        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(reply.json().get("detail").asText()).doesNotContain(id);
    }

    @Test
    void nobodySeesThemWithoutCredentials() {
        assertThat(server.get("/system/dead-letters").status()).isEqualTo(401);
        assertThat(server.post("/system/dead-letters/x/replay", "").status()).isEqualTo(401);
    }

    private static Reply replay(JsonNode letter) {
        return server.system("POST", "/system/dead-letters/" + letter.get("id").asText() + "/replay", "");
    }

    private static JsonNode awaitLetters(String function, int count) {
        await(count + " letters of " + function)
                .until(() -> server.deadLetters(function).size() >= count);
        return server.deadLetters(function);
    }
}
