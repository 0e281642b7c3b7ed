package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.Callers;
import dev.caravan.testing.SharedCaravanFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Calls with one {@code X-Order-Key} run one at a time in the order in which they were accepted, whatever becomes of
 * each; others are not held up by them.
 */
class OrderKeyIT extends SharedCaravanFixture {

    private static final int KEYS = 20;
    private static final int EACH = 20;
    /** And fewer at once than there are keys. */
    private static final Map<String, String> RETRIED_SOON = Map.of(
            "com.openfaas.retry.min_wait", "10ms",
            "com.openfaas.retry.max_wait", "50ms",
            "dev.caravan.retry-budget", "none",
            "dev.caravan.concurrency", "6");

    @Test
    void eachKeysCallsRunInTheirOrderThroughRetriesWhileKeysInterleave() throws Exception {
        deploy("flaky", RETRIED_SOON);

        List<List<String>> accepted = postAll(call -> "?millis=2&after=0&fails=" + call);
        awaitCalls(Map.of("succeeded", (long) KEYS * EACH));

        assertInOrderOneAtATime(accepted);
        assertThat(effects.begun().values()).as("some were retried").contains(2L, 3L);
        assertThat(turnsTaken(accepted)).isGreaterThan(KEYS * 4);
    }

    @Test
    void theOrderHoldsAcrossAKill() throws Exception {
        deploy("flaky", RETRIED_SOON);
        List<List<String>> accepted = postAll(call -> "?millis=20&after=0&fails=" + call);
        slowly().until(() -> effects.ended().size() > KEYS * EACH / 4);

        caravan.kill();
        caravan.restart();
        awaitCalls(Map.of("succeeded", (long) KEYS * EACH));

        assertBegunInOrder(accepted);
    }

    @Test
    void whatWasAcceptedBeforeAKillWhilePostingRunsInOrder() throws Exception {
        deploy("steady", RETRIED_SOON);
        Map<Integer, List<String>> accepted =
                postUntilKilled(KEYS, () -> effects.ended().size() > 100);

        caravan.restart();
        long all = accepted.values().stream().mapToLong(List::size).sum();
        slowly().untilAsserted(() -> assertThat(effects.ended().keySet())
                .containsAll(accepted.values().stream().flatMap(List::stream).toList()));

        assertThat(all).isPositive();
        // What was just being accepted may run too.
        accepted.values().forEach(key -> assertThat(firstRuns(key)).containsExactlyElementsOf(key));
        slowly().untilAsserted(() -> assertThat(calls()).containsOnlyKeys("succeeded"));
    }

    @Test
    void aStuckKeyHoldsUpNobodyElse() throws Exception {
        deploy("stuck", Map.of());
        String stuck = accepted("stuck", "?fails=9&after=3000", "jam");
        List<String> behind = List.of(accepted("stuck", "", "jam"), accepted("stuck", "", "jam"));
        slowly().until(() -> state(stuck).equals("retrying"));

        List<String> others = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            others.add(accepted("stuck", "", "key-" + i));
            others.add(accepted("stuck", "", null));
        }
        slowly().untilAsserted(() -> assertThat(effects.ended().keySet()).containsAll(others));

        assertThat(state(behind.get(0))).isEqualTo("queued");
        assertThat(status(behind.get(0)).path("orderKey").asText()).isEqualTo("jam");
        assertThat(status(others.get(1)).has("orderKey")).isFalse();
        assertThat(caravan.get("/system/queues").toString()).contains("\"running\":0");
        assertThat(effects.begun()).doesNotContainKeys(behind.toArray(String[]::new));

        cancel(stuck);
        slowly().untilAsserted(() -> assertThat(effects.ended().keySet()).containsAll(behind));
    }

    @Test
    void whenTheFirstIsCancelledWhileItRunsTheNextGoesOn() throws Exception {
        deploy("slow", Map.of());
        String first = accepted("slow", "?millis=250000", "key");
        String second = accepted("slow", "", "key");
        String third = accepted("slow", "", "key");
        String fourth = accepted("slow", "", "key");
        slowly().until(() -> effects.begun().containsKey(first));

        cancel(third);
        cancel(first);

        slowly().until(() -> effects.ended().keySet().containsAll(List.of(second, fourth)));
        awaitCalls(Map.of("succeeded", 2L, "cancelled", 2L));
        assertThat(effects.begun()).containsOnlyKeys(first, second, fourth);
    }

    @Test
    void aDeadOneLetsTheNextGoOnAndItsReplayGoesToTheEnd() throws Exception {
        deploy("picky", Map.of());
        String dead = accepted("picky", "?status=400", "key");
        slowly().until(() -> state(dead).equals("dead"));
        String first = accepted("picky", "?held=1", "key");
        String second = accepted("picky", "", "key");

        assertThat(caravan.post("/system/dead-letters/" + dead + ".1/replay", "")
                        .statusCode())
                .isEqualTo(202);
        slowly().until(() -> state(dead).equals("queued"));
        effects.release();

        slowly().until(() -> effects.begun().getOrDefault(dead, 0L) == 2L);
        assertThat(runs()).containsExactly(dead, first, second, dead);
        awaitCalls(Map.of("succeeded", 2L, "dead", 1L));
    }

    @Test
    void aDelayedCallTakesItsPlaceWhenItIsDue() throws Exception {
        deploy("later", Map.of());
        String first = accepted("later", "?held=1", "key");
        String delayed;
        String second;
        int seconds = 1;
        boolean early;
        do { // until the second was accepted before the delayed one was due, however slow that was
            delayed = Callers.callId(
                    caravan.send(call("later", "").header("X-Order-Key", "key").header("X-Delay", seconds + "s")));
            second = accepted("later", "", "key");
            early = state(delayed).equals("scheduled");
            seconds *= 4;
            if (!early) {
                cancel(delayed);
                cancel(second);
            }
        } while (!early);
        String due = delayed;
        slowly().until(() -> state(due).equals("queued"));
        assertThat(effects.ended()).isEmpty();

        effects.release();

        slowly().until(() -> effects.ended().containsKey(due));
        assertThat(runs()).containsExactly(first, second, delayed);
        slowly().until(() -> state(due).equals("succeeded"));
    }

    @Test
    void aPurgeEmptiesTheLinesToo() throws Exception {
        deploy("purged", Map.of());
        caravan.scale("purged", 0);
        for (int i = 0; i < 10; i++) {
            accepted("purged", "", "key");
        }
        HttpResponse<String> purged =
                caravan.send(HttpRequest.newBuilder(caravan.url("/system/queues/" + QUEUE + "/messages?confirm=10"))
                        .DELETE());
        assertThat(purged.statusCode()).as(purged.body()).isBetween(200, 202);

        String next = accepted("purged", "", "key");
        caravan.scale("purged", 1);

        awaitCalls(Map.of("cancelled", 10L, "succeeded", 1L));
        assertThat(effects.begun()).containsOnlyKeys(next);
    }

    @Test
    void largeBodiesWaitInFiles() throws Exception {
        deploy("large", Map.of());
        String body = "0123456789".repeat(20_000);
        String first = accepted("large", "?held=1", "key");
        String second = Callers.callId(caravan.send(
                call("large", "").header("X-Order-Key", "key").POST(HttpRequest.BodyPublishers.ofString(body))));
        effects.release();

        awaitCalls(Map.of("succeeded", 2L));

        var checksum = new CRC32();
        checksum.update(body.getBytes(StandardCharsets.US_ASCII));
        assertThat(runs()).containsExactly(first, second);
        assertThat(effects.lines("end")).contains("end " + second + " " + checksum.getValue());
    }

    @Test
    void anIdempotencyKeyMakesOneCallOfALine() throws Exception {
        deploy("once", Map.of());
        String first = accepted("once", "?held=1", "key");
        String second = null;
        for (int i = 0; i < 3; i++) {
            HttpResponse<String> answer =
                    caravan.send(call("once", "").header("X-Order-Key", "key").header("Idempotency-Key", "one"));
            assertThat(answer.statusCode()).isEqualTo(202);
            second = Callers.callId(answer);
        }
        effects.release();

        awaitCalls(Map.of("succeeded", 2L));
        assertThat(runs()).containsExactly(first, second);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "LONG"})
    void aKeyThatIsNoneIsRefused(String key) throws Exception {
        deploy("refused", Map.of());
        String sent = key.equals("LONG") ? "x".repeat(129) : key;

        HttpResponse<String> answer = caravan.send(call("refused", "").header("X-Order-Key", sent));

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).isEqualTo("X-Order-Key must be 1 to 128 visible ASCII characters\n");
    }

    private interface Query {
        /** @param fails how many runs of the call fail */
        String of(int fails);
    }

    /** One client for each key; about every third call is to fail once or twice. */
    private List<List<String>> postAll(Query query) throws Exception {
        var random = new Random(7);
        ExecutorService clients = Executors.newFixedThreadPool(KEYS);
        try {
            List<Future<List<String>>> posting = new ArrayList<>();
            for (int i = 0; i < KEYS; i++) {
                String key = "key-" + i;
                List<String> queries = random.ints(EACH, -3, 3)
                        .mapToObj(fails -> query.of(Math.max(0, fails)))
                        .toList();
                posting.add(clients.submit(() -> {
                    var ids = new ArrayList<String>();
                    for (String each : queries) {
                        ids.add(accepted("flaky", each, key));
                    }
                    return ids;
                }));
            }
            List<List<String>> accepted = new ArrayList<>();
            for (Future<List<String>> key : posting) {
                accepted.add(key.get());
            }
            return accepted;
        } finally {
            clients.shutdownNow();
        }
    }

    private interface Moment {
        boolean isThere() throws IOException;
    }

    /** One client for each key posts until the server is gone. */
    private Map<Integer, List<String>> postUntilKilled(int keys, Moment moment) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(keys);
        try {
            Map<Integer, Future<List<String>>> posting = new HashMap<>();
            for (int i = 0; i < keys; i++) {
                String key = "key-" + i;
                posting.put(i, clients.submit(() -> {
                    var ids = new ArrayList<String>();
                    try {
                        while (true) {
                            ids.add(accepted("steady", "?millis=2", key));
                        }
                    } catch (IOException gone) {
                        return ids;
                    }
                }));
            }
            slowly().until(moment::isThere);
            caravan.kill();
            Map<Integer, List<String>> accepted = new HashMap<>();
            for (Map.Entry<Integer, Future<List<String>>> key : posting.entrySet()) {
                accepted.put(key.getKey(), key.getValue().get());
            }
            return accepted;
        } finally {
            clients.shutdownNow();
        }
    }

    private String accepted(String function, String query, @Nullable String key)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = call(function, query);
        if (key != null) {
            request.header("X-Order-Key", key);
        }
        HttpResponse<String> answer = caravan.send(request);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return Callers.callId(answer);
    }

    private JsonNode status(String id) throws IOException, InterruptedException {
        return caravan.get("/async-function/" + id);
    }

    private String state(String id) throws IOException, InterruptedException {
        return status(id).path("status").asText();
    }

    private void cancel(String id) throws IOException, InterruptedException {
        HttpResponse<String> answer = caravan.send(
                HttpRequest.newBuilder(caravan.url("/async-function/" + id)).DELETE());
        assertThat(answer.statusCode()).isEqualTo(202);
    }

    /** The calls in the order in which their runs began, each run of each. */
    private List<String> runs() throws IOException {
        return effects.lines("begin").stream().map(line -> line.split(" ")[1]).toList();
    }

    private List<String> firstRuns(List<String> calls) {
        try {
            return runs().stream()
                    .distinct()
                    .filter(new HashSet<>(calls)::contains)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** No call of a key begins again once a later one has. */
    private void assertBegunInOrder(List<List<String>> accepted) throws IOException {
        for (List<String> key : accepted) {
            var mine = new HashSet<>(key);
            var runs = new ArrayList<String>();
            for (String id : runs()) {
                if (mine.contains(id)
                        && (runs.isEmpty() || !runs.get(runs.size() - 1).equals(id))) {
                    runs.add(id);
                }
            }
            assertThat(runs).isEqualTo(key);
        }
    }

    /** Each run of a key ends before the next begins. */
    private void assertInOrderOneAtATime(List<List<String>> accepted) throws IOException {
        assertBegunInOrder(accepted);
        List<String[]> lines = Files.readAllLines(effects.file()).stream()
                .map(line -> line.split(" "))
                .toList();
        for (List<String> key : accepted) {
            var mine = new HashSet<>(key);
            String running = null;
            for (String[] line : lines) {
                if (mine.contains(line[1])) {
                    assertThat(running).isEqualTo(line[0].equals("begin") ? null : line[1]);
                    running = line[0].equals("begin") ? line[1] : null;
                }
            }
        }
    }

    /** How often a run is of another key than the one that began before it. */
    private long turnsTaken(List<List<String>> accepted) throws IOException {
        var keys = new HashMap<String, Integer>();
        for (int i = 0; i < accepted.size(); i++) {
            int key = i;
            accepted.get(i).forEach(id -> keys.put(id, key));
        }
        int before = -1;
        long turns = 0;
        for (String id : runs()) {
            int key = keys.getOrDefault(id, -1);
            turns += key == before ? 0 : 1;
            before = key;
        }
        return turns;
    }
}
