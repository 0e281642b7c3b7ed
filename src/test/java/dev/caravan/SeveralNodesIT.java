package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.Callers;
import dev.caravan.testing.CaravanProcess;
import dev.caravan.testing.Effects;
import dev.caravan.testing.PostgresServer;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node that accepts calls and a node that runs them: two processes, one broker (which the first one embeds), one
 * PostgreSQL.
 */
@Timeout(400)
class SeveralNodesIT {

    private static final String QUEUE = "faas-request";

    /** Calls of one queue that run at once; as many may run again after a kill. */
    private static final int WORKERS = 50;

    @TempDir
    Path folder;

    private PostgresServer postgres;
    private Effects effects;
    private CaravanProcess gateway;
    private CaravanProcess worker;
    private Callers callers;

    @BeforeEach
    void start() throws Exception {
        postgres = PostgresServer.start();
        effects = new Effects(folder.resolve("effects"));
        String url = postgres.freshDatabase();
        String broker = "tcp://127.0.0.1:" + CaravanProcess.freePort();
        gateway = node(
                "gateway",
                url,
                Map.of(
                        "CARAVAN_ROLES", "gateway",
                        "CARAVAN_BROKER_LISTEN", broker,
                        // Functions are on the other node.
                        "CARAVAN_ACCEPT_UNKNOWN", "true"));
        worker = node(
                "worker",
                url,
                Map.of(
                        "CARAVAN_ROLES",
                        "worker,outcome",
                        "CARAVAN_BROKER_URL",
                        broker + "?" + signIn(gateway),
                        "CARAVAN_STACK",
                        stack().toString()));
        callers = new Callers(gateway);
    }

    private CaravanProcess node(String name, String url, Map<String, String> own) throws IOException {
        Path home = folder.resolve(name);
        Path secrets = Files.createDirectories(home.resolve("data/secrets"));
        Files.writeString(secrets.resolve("database-password"), PostgresServer.PASSWORD + "\n");
        var settings = new HashMap<>(own);
        settings.put("CARAVAN_DATABASE_URL", url);
        settings.put("CARAVAN_DATABASE_USER", PostgresServer.USER);
        return CaravanProcess.start(home, settings);
    }

    private static String signIn(CaravanProcess embedding) throws IOException {
        Path secrets = embedding.data().resolve("secrets");
        return "jms.userName="
                + Files.readString(secrets.resolve("basic-auth-user")).strip() + "&jms.password="
                + Files.readString(secrets.resolve("basic-auth-password")).strip();
    }

    private Path stack() throws IOException {
        return Files.writeString(folder.resolve("stack.yaml"), """
                version: 1.0
                provider:
                  name: openfaas
                functions:
                  trace:
                    lang: dockerfile
                    handler: ./trace
                    image: trace:1
                    fprocess: %s
                    environment:
                      mode: http
                """.formatted(effects.function()));
    }

    @AfterEach
    void stop() {
        for (CaravanProcess node : new CaravanProcess[] {worker, gateway}) {
            if (node != null) {
                node.close();
            }
        }
        if (postgres != null) {
            postgres.close();
        }
    }

    @Test
    void whatOneNodeAcceptsTheOtherRunsAndAKillThereLosesNothing() throws Exception {
        List<String> accepted = callers.accepted(300, number -> call(number % 10 == 0 ? "?status=400" : "?millis=100"));
        slowly().until(() -> effects.size() >= 60);
        worker.kill();
        int before = effects.size();
        // Accepted while nobody runs them.
        List<String> all = new ArrayList<>(accepted);
        all.addAll(callers.accepted(100, number -> call("")));
        worker.restart();

        awaitBoth(Map.of("succeeded", 370L, "dead", 30L));

        assertThat(before).isLessThan(400);
        assertThat(effects.begun()).containsOnlyKeys(all);
        assertThat(effects.size()).isBetween(400, 400 + WORKERS);
        JsonNode letters = gateway.get("/system/dead-letters?limit=1");
        assertThat(letters.path("total").asInt()).isEqualTo(30);
        assertThat(letters.at("/items/0/reason").asText()).isEqualTo("rejected");
    }

    @Test
    void callsOfOneOrderKeyRunInTheirOrderThoughTheWorkerIsLost() throws Exception {
        int keys = 8;
        var accepted = new ArrayList<List<String>>();
        for (int key = 0; key < keys; key++) {
            accepted.add(new ArrayList<>());
        }
        // One after the other, so that it is known which was accepted first.
        for (int i = 0; i < 10; i++) {
            for (int key = 0; key < keys; key++) {
                HttpRequest.Builder call = call("?millis=30&after=0&fails=" + (i + key) % 4 / 3);
                accepted.get(key).add(Callers.callId(gateway.send(call.header("X-Order-Key", "key-" + key))));
            }
        }
        slowly().until(() -> effects.ended().size() >= 20);
        worker.kill();
        worker.restart();

        awaitBoth(Map.of("succeeded", 80L));

        List<String> runs =
                effects.lines("begin").stream().map(line -> line.split(" ")[1]).toList();
        for (List<String> key : accepted) {
            var seen = new ArrayList<String>();
            for (String id : runs) {
                if (key.contains(id)
                        && (seen.isEmpty() || !seen.get(seen.size() - 1).equals(id))) {
                    seen.add(id);
                }
            }
            assertThat(seen).isEqualTo(key);
        }
    }

    @Test
    void aLetterThatOneNodeBuriedIsReplayedFromTheOther() throws Exception {
        String id = callers.accepted(1, number -> call("?status=400")).get(0);
        slowly().untilAsserted(() -> assertThat(
                        gateway.get("/system/dead-letters").path("total").asInt())
                .isEqualTo(1));

        var answer = gateway.post("/system/dead-letters/" + id + ".1/replay", "");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        slowly().until(() -> effects.ended().getOrDefault(id, 0L) == 2);
        awaitBoth(Map.of("dead", 1L));
        slowly().untilAsserted(() -> assertThat(
                        gateway.get("/system/dead-letters").at("/items/0/id").asText())
                .isEqualTo(id + ".2"));
    }

    @Test
    void whileTheDatabaseIsAwayCallsStayInTheirQueuesAndComeBack() throws Exception {
        List<String> accepted = new ArrayList<>(callers.accepted(100, number -> call("?millis=100")));
        slowly().until(() -> effects.size() >= 20);
        postgres.stop();
        accepted.addAll(callers.accepted(20, number -> call("")));
        postgres.restart();

        awaitBoth(Map.of("succeeded", 120L));

        assertThat(effects.begun()).containsOnlyKeys(accepted);
        assertThat(gateway.get("/system/dead-letters").path("total").asInt()).isZero();
        assertThat(worker.output() + gateway.output()).doesNotContain(PostgresServer.PASSWORD);
    }

    private HttpRequest.Builder call(String query) {
        return HttpRequest.newBuilder(gateway.url("/async-function/trace" + query))
                .POST(BodyPublishers.ofString("hello"));
    }

    private void awaitBoth(Map<String, Long> states) {
        for (CaravanProcess node : List.of(gateway, worker)) {
            slowly().untilAsserted(() -> assertThat(node.calls(QUEUE)).isEqualTo(states));
        }
    }

    /** A limit far beyond what the slowest machine needs. */
    private static ConditionFactory slowly() {
        return await().atMost(Duration.ofSeconds(150)).pollInterval(Duration.ofMillis(100));
    }
}
