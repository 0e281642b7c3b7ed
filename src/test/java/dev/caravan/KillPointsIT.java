package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.caravan.testing.SharedCaravanFixture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * SIGKILL at the moments that matter in the life of a call: when it was taken, when its function has answered and
 * nothing of that is written yet, a little into the settling of a success, a retry and a death, and before and after a
 * callback's receiver has answered. The function or the receiver kills, so that the moment is met on any machine.
 *
 * <p>After the restart the calls in all states are as many as were accepted; in the end each has one outcome, ran at
 * least once, has its letter when it is dead, and its callback.
 */
class KillPointsIT extends SharedCaravanFixture {

    private static final int BATCH = 40;
    private static final String RETRIED = "fails=1&after=1";

    /** What the calls of a round do, what one of them does besides, and where the callback of that one goes. */
    private record Round(String query, String killer, String callback) {

        boolean dies() {
            return query.contains("status=400");
        }
    }

    static List<Round> rounds() {
        return List.of(
                new Round("status=200", "kill=begun", "/"),
                new Round("status=200", "kill=answered", "/"),
                new Round("status=200", "kill=answered&late=4", "/"),
                new Round(RETRIED, "kill=answered", "/"),
                new Round(RETRIED, "kill=answered&late=8", "/"),
                new Round("status=400", "kill=answered", "/"),
                new Round("status=400", "kill=answered&late=4", "/"),
                new Round("status=200", "", "/kill-before-the-answer"),
                new Round("status=400", "", "/kill-after-the-answer"));
    }

    private static final AtomicInteger ROUNDS = new AtomicInteger();

    private final String victim = "victim-" + ROUNDS.incrementAndGet();
    private final Map<String, Queue<String>> callbacks = new ConcurrentHashMap<>();
    private final Set<String> killed = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer receiver;

    @BeforeEach
    void listen() throws IOException {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
        receiver.createContext("/", this::receive);
        receiver.setExecutor(threads);
        receiver.start();
    }

    @AfterEach
    void stopListening() {
        receiver.stop(0);
        threads.shutdownNow();
    }

    private void receive(HttpExchange exchange) throws IOException {
        String id = exchange.getRequestHeaders().getFirst("X-Call-Id");
        String path = exchange.getRequestURI().getPath();
        exchange.getRequestBody().readAllBytes();
        callbacks
                .computeIfAbsent(id, first -> new ConcurrentLinkedQueue<>())
                .add(exchange.getRequestHeaders().getFirst("X-Function-Status"));
        boolean first = !path.equals("/") && killed.add(path);
        if (first && path.endsWith("before-the-answer")) {
            ProcessHandle.of(caravan.pid()).orElseThrow().destroyForcibly();
        }
        exchange.sendResponseHeaders(200, -1);
        exchange.close();
        if (first && path.endsWith("after-the-answer")) {
            ProcessHandle.of(caravan.pid()).orElseThrow().destroyForcibly();
        }
    }

    private HttpRequest.Builder call(Round round, boolean killer) {
        String query = killer && !round.killer().isEmpty() ? round.query() + "&" + round.killer() : round.query();
        String url = "http://127.0.0.1:" + receiver.getAddress().getPort() + (killer ? round.callback() : "/");
        return call(victim, "?" + query).header("X-Callback-Url", url);
    }

    @ParameterizedTest
    @MethodSource("rounds")
    void whereverItIsKilledNothingIsLostAndNothingIsSettledTwice(Round round) throws Exception {
        deploy(victim, Map.of("com.openfaas.retry.min_wait", "1s"));
        caravan.scale(victim, 0);
        List<String> accepted = callers.accepted(BATCH, number -> call(round, number == BATCH / 4));

        caravan.scale(victim, 1);
        slowly().until(() -> !caravan.running());
        caravan.restart();
        assertThat(calls().values().stream().mapToLong(Long::longValue).sum()).isEqualTo(BATCH);
        awaitCalls(Map.of(round.dies() ? "dead" : "succeeded", (long) BATCH));
        slowly().untilAsserted(() -> assertThat(callbacks).containsOnlyKeys(accepted));

        assertThat(callbacks.values())
                .allSatisfy(statuses -> assertThat(statuses).containsOnly(round.dies() ? "400" : "200"));
        // Each once; once more when its message was delivered and not yet acknowledged, and once more when its call was
        // not
        // yet settled, and ran again.
        assertThat(callbacks.values().stream().mapToInt(Queue::size).sum()).isLessThanOrEqualTo(3 * BATCH);
        assertThat(effects.begun()).containsOnlyKeys(accepted);
        // Each once, once more those that the kill met, and each once before that where the first run fails: the
        // function, too, is another one after the restart.
        assertThat(effects.size()).isLessThanOrEqualTo(4 * BATCH);
        assertThat(letters("faas-request")).containsExactlyInAnyOrderElementsOf(round.dies() ? accepted : List.of());
        assertThat(letters("faas-callback")).isEmpty();
    }

    private List<String> letters(String queue) throws Exception {
        List<String> ids = new ArrayList<>();
        JsonNode page = caravan.get("/system/dead-letters?limit=500&queue=" + queue + "&function=" + victim);
        page.path("items").forEach(item -> ids.add(item.path("callId").asText()));
        assertThat(page.path("total").asInt()).isEqualTo(ids.size());
        return ids;
    }
}
