package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.caravan.function.CallState;
import dev.caravan.testing.CaravanProcess;
import dev.caravan.testing.SharedCaravanFixture;
import jakarta.jms.Connection;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;

/** Nothing that was accepted is lost, and nothing is settled twice, when the process is killed in the middle of it. */
class CrashIT extends SharedCaravanFixture {

    /** So that kills come at the same points of each run. */
    private static final long SEED = 20260101;

    private static final int KILLS = 4;

    private static String brokerAddress = "";

    @Override
    protected Map<String, String> settings() throws IOException {
        brokerAddress = "tcp://127.0.0.1:" + CaravanProcess.freePort();
        return Map.of("CARAVAN_BROKER_LISTEN", brokerAddress);
    }

    /** A poisoned function: whoever calls it dies, and so does the next process, which takes the call again. */
    @Test
    void aCallThatKillsItsProcessIsBuriedInTheEnd() throws Exception {
        Path script = Files.writeString(
                folder.resolve("kill.sh"), "kill -9 $(echo \"$CARAVAN_OWNER\" | cut -d: -f2); sleep 5\n");
        caravan.deploy("killer", "sh " + script, Map.of(), Map.of("com.openfaas.retry.attempts", "1"));

        caravan.scale("killer", 0);
        callers.accepted(1, number -> call("killer", ""));
        caravan.scale("killer", 1);
        int deaths = 0;
        while (!dead()) {
            slowly().until(() -> !caravan.running() || dead());
            if (!caravan.running()) {
                assertThat(++deaths).as("processes that one call has ended").isLessThan(6);
                startAgain();
            }
        }

        assertThat(deaths).isGreaterThan(1);
        assertThat(caravan.get("/system/dead-letters?function=killer")
                        .at("/items/0/reason")
                        .asText())
                .isEqualTo("attempts-exhausted");
    }

    private boolean dead() throws Exception {
        try {
            return caravan.running() && calls().equals(Map.of("dead", 1L));
        } catch (IOException e) {
            return false; // it has just been killed
        }
    }

    /** It may be killed before it answers. */
    private void startAgain() throws IOException {
        try {
            caravan.restart();
        } catch (AssertionError | ConditionTimeoutException e) {
            assertThat(caravan.running()).as(caravan.output()).isFalse();
        }
    }

    @Test
    void everyAcceptedCallRunsAndIsSettledOnce() throws Exception {
        Path script = Files.writeString(
                folder.resolve("append.sh"), "echo \"begin $Http_X_Call_Id\" >>" + effects.file() + "; sleep 0.2\n");
        caravan.deploy("append", "sh " + script, Map.of(), Map.of());
        // Held until all are accepted, so that the kill comes in the middle on any machine.
        caravan.scale("append", 0);
        List<String> accepted = callers.accepted(500, number -> call("append", ""));
        long killed = caravan.pid();

        caravan.scale("append", 1);
        slowly().until(() -> effects.size() >= 150);
        caravan.kill();
        int before = effects.size();
        caravan.restart();
        awaitCalls(Map.of("succeeded", 500L));

        assertThat(before).isLessThan(500);
        assertThat(effects.begun()).containsOnlyKeys(accepted);
        assertThat(effects.size()).isBetween(500, 500 + WORKERS);
        assertThat(caravan.functionProcessesOf(killed)).isEmpty();
        assertStates(accepted, CallState.SUCCEEDED);
    }

    @Test
    void everyFailingCallDiesOnceHoweverOftenTheProcessIsKilled() throws Exception {
        deploy(
                "fails",
                Map.of(
                        "com.openfaas.retry.attempts", "2",
                        "com.openfaas.retry.min_wait", "1s",
                        // They would have their turn at ten a second.
                        "dev.caravan.retry-budget", "none"));
        int calls = 350;
        int runs = 50 + 300 * 3;
        List<String> accepted =
                callers.accepted(calls, number -> call("fails", number % 7 == 0 ? "?status=400" : "?status=500"));

        for (int moment : new Random(SEED).ints(KILLS, 50, runs - 50).sorted().toArray()) {
            slowly().until(() -> effects.size() >= moment);
            caravan.kill();
            caravan.restart();
        }
        awaitCalls(Map.of("dead", 350L));

        List<JsonNode> letters = deadLetters();
        assertThat(letters)
                .extracting(letter -> letter.path("callId").asText())
                .containsExactlyInAnyOrderElementsOf(accepted);
        assertThat(letters)
                .extracting(letter -> letter.path("reason").asText())
                .filteredOn("rejected"::equals)
                .hasSize(50);
        // A letter that was sent just before a kill is sent again, which only shows to who reads the queue itself.
        List<String> onTheQueue = consumed("DLQ.faas-request.openfaas-fn.fails");
        assertThat(new HashSet<>(onTheQueue)).containsExactlyInAnyOrderElementsOf(accepted);
        assertThat(onTheQueue).hasSizeLessThanOrEqualTo(calls + KILLS * WORKERS);
        assertStates(accepted, CallState.DEAD);
    }

    private List<JsonNode> deadLetters() throws Exception {
        List<JsonNode> letters = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = caravan.get("/system/dead-letters?function=fails&limit=100" + cursor);
            assertThat(page.path("total").asInt()).isEqualTo(350);
            page.path("items").forEach(letters::add);
            cursor = page.has("next") ? "&cursor=" + page.path("next").asText() : "";
        } while (!cursor.isEmpty());
        return letters;
    }

    /** Takes all messages off a queue, as any client of the broker may; returns their call ids. */
    private List<String> consumed(String queue) throws Exception {
        Path secrets = caravan.data().resolve("secrets");
        var factory = new ActiveMQConnectionFactory(
                Files.readString(secrets.resolve("basic-auth-user")).strip(),
                Files.readString(secrets.resolve("basic-auth-password")).strip(),
                brokerAddress);
        List<String> ids = new ArrayList<>();
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE)) {
            connection.start();
            // Fetched one by one, so that "none" is the broker's answer, not a timeout.
            try (MessageConsumer consumer =
                    session.createConsumer(session.createQueue(queue + "?consumer.prefetchSize=0"))) {
                for (Message message = consumer.receiveNoWait(); message != null; message = consumer.receiveNoWait()) {
                    ids.add(message.getJMSCorrelationID());
                }
            }
        }
        return ids;
    }

    @Test
    void everyCallbackArrivesWithTheRightStatus() throws Exception {
        Map<String, Queue<String>> received = new ConcurrentHashMap<>();
        ExecutorService threads = Executors.newCachedThreadPool();
        HttpServer receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
        receiver.createContext("/", exchange -> receive(exchange, received));
        receiver.setExecutor(threads);
        receiver.start();
        String url = "http://127.0.0.1:" + receiver.getAddress().getPort() + "/";
        try {
            deploy("answers", Map.of());
            List<String> accepted = callers.accepted(
                    200,
                    number -> call("answers", number % 2 == 0 ? "?millis=20" : "?status=400")
                            .header("X-Callback-Url", url));

            slowly().until(() -> received.size() >= 60);
            caravan.kill();
            caravan.restart();
            slowly().untilAsserted(() -> assertThat(received).containsOnlyKeys(accepted));
            awaitCalls(Map.of("succeeded", 100L, "dead", 100L));

            for (int number = 0; number < accepted.size(); number++) {
                assertThat(received.get(accepted.get(number))).containsOnly(number % 2 == 0 ? "200" : "400");
            }
            assertThat(received.values().stream().mapToInt(Queue::size).sum()).isLessThanOrEqualTo(200 + 2 * WORKERS);
        } finally {
            receiver.stop(0);
            threads.shutdownNow();
        }
    }

    private static void receive(HttpExchange exchange, Map<String, Queue<String>> received) throws IOException {
        exchange.getRequestBody().readAllBytes();
        received.computeIfAbsent(
                        exchange.getRequestHeaders().getFirst("X-Call-Id"), id -> new ConcurrentLinkedQueue<>())
                .add(exchange.getRequestHeaders().getFirst("X-Function-Status"));
        exchange.sendResponseHeaders(200, -1);
        exchange.close();
    }

    @Test
    void everyCallThatAClientWasPromisedIsThere() throws Exception {
        deploy("quick", Map.of());
        List<String> promised = new CopyOnWriteArrayList<>();

        Future<?> posting = callers.untilItIsGone(call("quick", ""), promised);
        slowly().until(() -> promised.size() >= 300 || posting.isDone());
        caravan.kill();
        posting.get(60, TimeUnit.SECONDS);
        caravan.restart();
        slowly().untilAsserted(() -> {
            assertThat(effects.ended()).containsKeys(promised.toArray(String[]::new));
            // Calls whose 202 did not get through any more may be there, too.
            assertThat(calls())
                    .containsOnlyKeys("succeeded")
                    .allSatisfy((state, count) -> assertThat(count).isGreaterThanOrEqualTo(promised.size()));
        });

        assertThat(promised).doesNotHaveDuplicates().hasSizeGreaterThanOrEqualTo(300);
        assertStates(promised, CallState.SUCCEEDED);
    }

    @Test
    void largeBodiesArriveWholeAndLeaveNoFile() throws Exception {
        deploy("sums", Map.of());
        caravan.scale("sums", 0);
        var random = new Random(SEED);
        List<byte[]> bodies = IntStream.range(0, 60)
                .mapToObj(number -> new byte[(64 << 10) + 1 + random.nextInt(200 << 10)])
                .toList();
        bodies.forEach(random::nextBytes);
        List<String> accepted = callers.accepted(
                bodies.size(),
                number -> HttpRequest.newBuilder(caravan.url("/async-function/sums?millis=100"))
                        .POST(BodyPublishers.ofByteArray(bodies.get(number))));
        caravan.kill(); // while they wait
        caravan.restart();

        caravan.scale("sums", 1);
        slowly().until(() -> effects.size() >= 10);
        caravan.kill(); // while they run
        caravan.restart();
        awaitCalls(Map.of("succeeded", 60L));

        var expected = new HashMap<String, String>();
        for (int number = 0; number < accepted.size(); number++) {
            var checksum = new CRC32();
            checksum.update(bodies.get(number));
            expected.put(accepted.get(number), "end " + accepted.get(number) + " " + checksum.getValue());
        }
        assertThat(new HashSet<>(effects.lines("end"))).containsExactlyInAnyOrderElementsOf(expected.values());
        // The message of a call that had ended before the kill comes again; its body goes then.
        slowly().untilAsserted(() -> {
            try (Stream<Path> files = Files.walk(caravan.data().resolve("bodies"))) {
                assertThat(files.filter(Files::isRegularFile)).isEmpty();
            }
        });
    }
}
