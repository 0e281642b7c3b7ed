package dev.caravan.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.gateway.HonoursTest.Served;
import dev.caravan.gateway.auth.PasswordHash;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Somebody who sees some functions only, and somebody who sees no bodies, at every route of the system's: what they do not
 * see is not there.
 */
class RightsIT {

    private static final String PASSWORD = "correct horse battery";
    private static final String MARKER = "pin7731";
    private static final String ONCE = "com.openfaas.retry.attempts=0";
    private static final String LATER = Instant.now().plus(Duration.ofDays(20)).toString();
    private static final String UNKNOWN_ID = "00000000-0000-4000-8000-000000000000";

    @RegisterExtension
    static final TestServer server = TestServer.with("CARAVAN_ALERTS=failures@veiled.openfaas-fn>1%,dead>0/10m");

    private static String seen = "";
    private static String veiled = "";
    private static String seenCall = "";
    private static String veiledCall = "";
    private static String veiledJob = "";
    private static String deletedLetter = "";

    @BeforeAll
    static void someFailAndSomeMayNotKnow() throws IOException {
        String hash = PasswordHash.of(PASSWORD.getBytes(UTF_8));
        Files.write(
                server.data().resolve("secrets/users"),
                List.of("sam:operator[seen-*]:" + hash, "nora:operator[-bodies]:" + hash));
        seen = server.deployScript("seen", "cat; exit 1", ONCE);
        veiled = server.deployScript("veiled", "cat; exit 1", ONCE, "com.openfaas.queue=veiledqueue");
        seenCall = server.callAsync(seen, MARKER, "Content-Type", "text/plain");
        veiledCall = server.callAsync(veiled, MARKER, "Content-Type", "text/plain");
        String deleted = server.callAsync(veiled, MARKER);
        await().atMost(Duration.ofMinutes(1))
                .until(() -> server.deadLetters(seen).size() == 1
                        && server.deadLetters(veiled).size() == 2);
        deletedLetter = deleted + ".1";
        assertThat(server.system("DELETE", "/system/dead-letters/" + deletedLetter, "")
                        .status())
                .isEqualTo(202);
        // One of its edits shows bodies; it dies again.
        server.system("POST", "/system/dead-letters/" + seenCall + ".1/replay", "{\"body\":\"" + MARKER + " again\"}");
        await().atMost(Duration.ofMinutes(1))
                .until(() -> server.deadLetters(seen).size() == 1
                        && server.deadLetters(seen).get(0).path("replays").asInt() == 1);
        veiledJob = server.system(
                        "POST",
                        "/system/dead-letters/replay",
                        "{\"filter\":{\"function\":\"" + veiled + "\"},\"startAt\":\"" + LATER + "\"}")
                .json()
                .path("job")
                .asText();
        server.system("PUT", "/system/views", "{\"name\":\"all of veiled\",\"place\":\"#/dead-letters?q=veiled\"}");
        await().atMost(Duration.ofMinutes(1))
                .until(() -> as("sam", "GET", "/system/info", "").status() == 200);
    }

    private static Reply as(String user, String method, String path, String body) {
        String credentials = Base64.getEncoder().encodeToString((user + ":" + PASSWORD).getBytes(UTF_8));
        return server.send(method, path, body.getBytes(UTF_8), "Authorization", "Basic " + credentials);
    }

    /** A path with what it names: of the function that is asked for, or of one that is nowhere. */
    private static String filled(Served route, String function, String call, String job) {
        String path = route.path();
        return path.replace(
                                "{id}",
                                path.contains("/jobs/") ? job : path.contains("/dead-letters/") ? call + ".1" : call)
                        .replace("{queue}", "veiledqueue")
                        .replace("{name}", path.contains("/queues/") ? "faas-request" : function)
                + (path.equals("/system/logs") ? "?name=" + function : "")
                + (path.contains("/queues/") ? "?function=" + function : "");
    }

    /** All that do not go on for ever, by whom an operator may ask. */
    private static Stream<Served> routes() throws IOException {
        return HonoursTest.routes().stream()
                .filter(route ->
                        !route.group().equals("public") && !route.group().equals("admin"))
                .filter(route -> !route.route().equals("watch-events"))
                // What he asks for himself stands there, whatever he was answered.
                .filter(route -> !route.path().startsWith("/system/audit"));
    }

    @TestFactory
    Stream<DynamicTest> whatIsOfAHiddenFunctionIsNowhere() throws IOException {
        return routes().map(route -> DynamicTest.dynamicTest(route.verb() + " " + route.path(), () -> {
            String ofVeiled = filled(route, veiled, veiledCall, veiledJob);
            String ofNobody = filled(route, "nowhere", UNKNOWN_ID, UNKNOWN_ID);

            Reply hidden = as("sam", route.verb(), ofVeiled, "{}");
            Reply unknown = as("sam", route.verb(), ofNobody, "{}");

            assertThat(hidden.status()).isEqualTo(unknown.status());
            if (ofVeiled.equals(ofNobody)) {
                assertThat(hidden.text())
                        .doesNotContain("veiled")
                        .doesNotContain(veiledCall)
                        .doesNotContain(veiledJob);
            } else {
                assertThat(hidden.status()).isBetween(400, 404);
                assertThat(hidden.text().replace(veiled, "nowhere")).isEqualTo(unknown.text());
            }
        }));
    }

    @TestFactory
    Stream<DynamicTest> whoSeesNoBodiesSeesNoneAnywhere() throws IOException {
        String generation = server.deadLetters(seen).get(0).path("id").asText();
        return Stream.concat(
                        routes().filter(route -> route.verb().equals("GET"))
                                .map(route ->
                                        filled(route, seen, seenCall, veiledJob).replace(seenCall + ".1", generation)),
                        Stream.of(
                                "/system/dead-letters/export?format=csv",
                                "/system/dead-letters/export?format=curl",
                                "/system/dead-letters?q=body:" + MARKER,
                                "/system/dead-letters?q=" + MARKER,
                                "/system/dead-letters?q=exc:" + MARKER,
                                "/system/calls?q=body:" + MARKER,
                                "/system/calls?q=" + MARKER))
                .map(path -> DynamicTest.dynamicTest(
                        path,
                        () -> assertThat(as("nora", "GET", path, "").text())
                                .as(path)
                                .doesNotContain(MARKER + "\"")
                                .doesNotContain(MARKER + " ")
                                .doesNotContain(Base64.getEncoder().encodeToString(MARKER.getBytes(UTF_8)))));
    }

    @Test
    void bodiesAreThereForWhoSeesThem() {
        assertThat(as("sam", "GET", "/system/dead-letters/" + seenCall + ".2", "")
                        .text())
                .contains(MARKER);
        assertThat(as("sam", "GET", "/system/calls?q=" + MARKER, "").json().get("items"))
                .hasSize(1);
        JsonNode blind =
                as("nora", "GET", "/system/dead-letters/" + seenCall + ".2", "").json();
        assertThat(blind.path("bodyHidden").asBoolean()).isTrue();
        assertThat(blind.has("body")).isFalse();
    }

    @Test
    void listsAndSumsAreOfWhatIsSeen() {
        assertThat(as("sam", "GET", "/system/functions", "").json().findValuesAsText("name"))
                .containsExactly(seen);
        assertThat(as("sam", "GET", "/system/dead-letters", "")
                        .json()
                        .path("total")
                        .asInt())
                .isEqualTo(1);
        assertThat(as("sam", "GET", "/system/dead-letters/groups", "").json()).hasSize(1);
        JsonNode queues = as("sam", "GET", "/system/queues", "").json();
        assertThat(queues.findValuesAsText("name")).containsExactly("faas-callback", "faas-request");
        assertThat(queues.get(1).path("enqueued").asInt()).isEqualTo(1);
        assertThat(queues.get(1).path("deadLetters").asInt()).isEqualTo(1);
        assertThat(as("sam", "GET", "/system/stats.txt", "").text())
                .contains("caravan.accepted+=1\n", "caravan.dead_letters=1\n", "caravan.queues.faas-request=0\n");
        assertThat(as("nora", "GET", "/system/stats.txt", "").text()).contains("caravan.queues.veiledqueue=0\n");
        assertThat(as("sam", "GET", "/system/session", "")
                        .json()
                        .path("functions")
                        .get(0)
                        .asText())
                .isEqualTo("seen-*.openfaas-fn");
        assertThat(as("nora", "GET", "/system/session", "")
                        .json()
                        .path("bodies")
                        .asBoolean())
                .isFalse();
    }

    @Test
    void manyAtOnceAreOnlyThoseThatAreSeen() {
        JsonNode tried = as("sam", "POST", "/system/dead-letters/replay", "{\"filter\":{},\"dryRun\":true}")
                .json();
        assertThat(tried.path("matched").asInt()).isEqualTo(1);
        assertThat(tried.path("sample").findValuesAsText("function")).containsExactly(seen);

        Reply replay =
                as("sam", "POST", "/system/dead-letters/replay", "{\"filter\":{},\"startAt\":\"" + LATER + "\"}");
        assertThat(replay.json().path("matched").asInt()).isEqualTo(1);
        assertThat(as("sam", "GET", "/system/jobs", "").json().findValuesAsText("id"))
                .contains(replay.json().path("job").asText())
                .doesNotContain(veiledJob);

        assertThat(as("sam", "DELETE", "/system/dead-letters?function=" + veiled, "")
                        .json()
                        .path("deleted")
                        .asInt())
                .isZero();
        Reply all = as("sam", "DELETE", "/system/dead-letters", "");
        assertThat(all.status()).isEqualTo(400);
        assertThat(all.text()).contains("confirm=1 ");
        assertThat(server.deadLetters(veiled)).hasSize(1);
    }

    @Test
    void nothingOfAHiddenFunctionIsPutBackOrSentThere() {
        String line =
                server.system("/system/dead-letters/export?function=" + veiled).text();
        assertThat(as("sam", "POST", "/system/dead-letters/import", line).status())
                .isEqualTo(400);
        assertThat(as("sam", "POST", "/system/dead-letters/" + deletedLetter + "/restore", "")
                        .status())
                .isEqualTo(404);
        String letter = "/system/dead-letters/" + seenCall + ".2";
        Reply sent = as("sam", "POST", letter + "/replay", "{\"function\":\"" + veiled + "\"}");
        Reply nowhere = as("sam", "POST", letter + "/replay", "{\"function\":\"nowhere\"}");
        assertThat(sent.text().replace(veiled, "nowhere")).isEqualTo(nowhere.text());
        assertThat(as("sam", "POST", letter + "/move", "{\"function\":\"" + veiled + "\"}")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void whoSeesNoBodiesIsToldWhyAndMayNotSendThemElsewhere() {
        for (String query : List.of("body:x", "x", "exc:x")) {
            for (String list : List.of("/system/dead-letters", "/system/calls")) {
                Reply refused = as("nora", "GET", list + "?q=" + query, "");
                assertThat(refused.status()).as(list + query).isEqualTo(400);
                assertThat(refused.text()).contains("you do not see bodies");
            }
        }
        assertThat(as("nora", "GET", "/system/dead-letters?q=error:x", "").status())
                .isEqualTo(200);
        assertThat(as("nora", "GET", "/system/dead-letters/export?format=curl", "")
                        .status())
                .isEqualTo(403);
        String letter = "/system/dead-letters/" + seenCall + ".2";
        for (Map.Entry<String, String> edit : Map.of(
                        letter + "/replay",
                        "{\"headers\":{\"X-Callback-Url\":\"http://127.0.0.1:1/\"}}",
                        letter + "/move",
                        "{\"function\":\"" + veiled + "\"}")
                .entrySet()) {
            Reply refused = as("nora", "POST", edit.getKey(), edit.getValue());
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.text()).contains("replay letters as they are");
        }
        Reply exported = as("nora", "GET", "/system/dead-letters/export?function=" + seen, "");
        assertThat(exported.text()).contains("\"masked\":true", "\"bodyHidden\":true");
    }

    @Test
    void aQueueIsPausedForTheFunctionsThatAreSeen() {
        Reply whole = as("sam", "POST", "/system/queues/faas-request/pause", "");
        assertThat(whole.status()).isEqualTo(403);
        assertThat(whole.text()).contains("?function=");
        Reply unknown = as("sam", "POST", "/system/queues/veiledqueue/pause?function=" + seen, "");
        assertThat(unknown.status()).isEqualTo(404);
        Reply paused = as("sam", "POST", "/system/queues/faas-request/pause?function=" + seen, "");
        assertThat(paused.json().path("pausedFunctions").get(0).asText()).isEqualTo(seen + ".openfaas-fn");
        assertThat(as("sam", "POST", "/system/queues/faas-request/resume?function=" + seen, "")
                        .status())
                .isEqualTo(202);
    }

    @Test
    void callingStaysOpenAndAResultIsABody() {
        String closed = server.deploy("closed", "cat", "dev.caravan.auth=basic");
        assertThat(as("sam", "POST", "/function/" + closed, "hello").text()).isEqualTo("hello");
        Reply accepted = as("sam", "POST", "/async-function/" + closed, "hello");
        String id = accepted.header("X-Call-Id");

        Reply result = as("sam", "GET", "/async-function/" + id + "/result?wait=30s", "");
        assertThat(result.text()).isEqualTo("hello");
        assertThat(as("nora", "GET", "/async-function/" + id, "").status()).isEqualTo(200);
        assertThat(as("nora", "GET", "/async-function/" + id + "/result", "").status())
                .isEqualTo(403);
    }

    @Test
    void anAuditShowsWhoSeesLittleWhatHeDidHimself() {
        as("sam", "POST", "/system/dead-letters/" + UNKNOWN_ID + ".1/replay", "");
        JsonNode items = as("sam", "GET", "/system/audit", "").json().get("items");
        assertThat(items.findValuesAsText("user")).isNotEmpty().containsOnly("sam");
        assertThat(as("sam", "GET", "/system/audit?user=admin", "").status()).isEqualTo(403);
        assertThat(as("nora", "GET", "/system/audit?user=admin", "").json().get("items"))
                .isNotEmpty();
    }
}
