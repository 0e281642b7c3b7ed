package dev.caravan.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallEvents;
import dev.caravan.function.CallId;
import dev.caravan.function.FunctionName;
import dev.caravan.telemetry.CallFeed;
import dev.caravan.telemetry.EventFeed;
import dev.caravan.telemetry.Levels;
import dev.caravan.testing.HttpMessage;
import dev.caravan.testing.RawClient;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code GET /system/events} over real sockets. */
class WatchEventsTest {

    private static final Instant NOON = Instant.parse("2026-03-04T12:00:00Z");
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Vertx vertx = Vertx.vertx();
    private final EventFeed feed = new EventFeed(vertx, Runnable::run, new Levels() {}, () -> NOON);
    private final CallFeed calls = new CallFeed(new CallEvents() {}, feed, "faas-callback", () -> NOON);
    private TestGateway gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = new TestGateway();
        gateway.camel.getRegistry().bind("events", new EventsApi(feed, "openfaas-fn"));
        gateway.load("watch-events");
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
        feed.close();
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    @Test
    void whatHappensIsToldAsItHappens() throws Exception {
        try (var client = watching("")) {
            calls.accepted(call("wc"));
            assertThat(events(client, 1)).singleElement().asString().contains("event: call\n", "\"status\":\"queued\"");
            calls.taken(call("wc"));
            assertThat(events(client, 1)).singleElement().asString().contains("\"status\":\"running\"");
            calls.succeeded(call("wc"), new Attempt(1, NOON, Duration.ofMillis(20), 200, null, null));
            assertThat(events(client, 1))
                    .singleElement()
                    .asString()
                    .contains("\"status\":\"succeeded\"", "\"statusCode\":200", "\"durationSeconds\":0.02");
        }
    }

    @Test
    void itIsAStreamOfEventsThatNobodyKeeps() throws Exception {
        try (var client = new RawClient(gateway.port())) {
            client.send("GET /system/events HTTP/1.1\nHost: x", "");
            HttpMessage head = HttpMessage.head(client.in());

            assertThat(head.status()).isEqualTo(200);
            assertThat(head.value("Content-Type")).isEqualTo("text/event-stream");
            assertThat(head.value("Cache-Control")).isEqualTo("no-store");
        }
    }

    @Test
    void whoComesBackSaysWhereItWas() throws Exception {
        String id;
        try (var client = watching("types=call")) {
            calls.accepted(call("wc"));
            id = events(client, 1).get(0).lines().findFirst().orElseThrow().substring("id: ".length());
        }
        calls.taken(call("wc"));

        try (var client = watching("types=call", "Last-Event-ID: " + id)) {
            assertThat(events(client, 1)).singleElement().asString().contains("\"status\":\"running\"");
        }
        try (var client = watching("types=call", "Last-Event-ID: of-another-time")) {
            assertThat(events(client, 1)).singleElement().asString().startsWith("event: lost\n");
        }
    }

    @Test
    void theQuerySaysWhoseEvents() throws Exception {
        try (var client = watching("function=wc")) {
            calls.accepted(call("echo"));
            calls.accepted(call("wc"));
            assertThat(events(client, 1)).singleElement().asString().contains("\"function\":\"wc\"");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "types=calls,                 calls",
        "'types=call,lost',           lost",
        "types=%2C,                   call",
        "function=No_Name,            No_Name",
        "namespace=No_Name,           No_Name",
        "function=a&namespace=B,      namespace",
    })
    void whatMakesNoSenseIsRefusedInOneLine(String query, String said) throws Exception {
        HttpMessage answer = RawClient.get(gateway.port(), "/system/events?" + query);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.value("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.body()).hasLineCount(1).contains(said);
        await().untilAsserted(() -> assertThat(gateway.http().running()).isZero());
    }

    @Test
    void manyClientsHoldNoThread() throws Exception {
        int before = Thread.activeCount();
        var clients = new ArrayList<RawClient>();
        for (int i = 0; i < 200; i++) {
            clients.add(watching("types=call"));
        }
        // The pool of workers may have grown while the requests came in, each for a moment.
        assertThat(Thread.activeCount() - before).isLessThan(60);

        calls.accepted(call("wc"));

        for (RawClient client : clients) {
            assertThat(events(client, 1)).hasSize(1);
            client.close();
        }
        await().atMost(PATIENCE).until(() -> gateway.http().running() == 0);
    }

    /** The socket's buffers are full long before. */
    @Test
    void whoReadsSlowlyLosesEventsAndHoldsNobodyUp() throws Exception {
        int count = 60_000;
        try (var slow = watching("types=call");
                var quick = watching("types=call&function=last")) {
            for (int i = 0; i < count; i++) {
                calls.accepted(call("wc"));
            }
            calls.accepted(call("last"));

            String told = "";
            while (!told.contains("\"function\":\"last\"")) {
                told = String.join("", events(quick, 1));
            }
            int seen = 0;
            int lost = 0;
            String event = "";
            while (!event.contains("\"function\":\"last\"")) {
                event = events(slow, 1).get(0);
                if (event.startsWith("event: lost\n")) {
                    lost += Integer.parseInt(event.replaceAll("(?s).*\"atMost\":([0-9]+).*", "$1"));
                } else {
                    seen++;
                }
            }
            assertThat(lost).isPositive();
            assertThat(seen + lost).isEqualTo(count + 1);
        }
    }

    @Test
    void aGatewayThatStopsEndsTheStream() throws Exception {
        try (var client = watching("")) {
            gateway.http().drain();

            assertThat(HttpMessage.chunkSize(client.in())).isZero();
            await().atMost(PATIENCE).until(() -> gateway.http().running() == 0);
        }
    }

    private final Map<RawClient, StringBuilder> unread = new java.util.HashMap<>();

    private RawClient watching(String query, String... headers) throws IOException {
        var client = new RawClient(gateway.port());
        String more = headers.length == 0 ? "" : "\n" + String.join("\n", headers);
        client.send("GET /system/events?" + query + " HTTP/1.1\nHost: x" + more, "");
        HttpMessage head = HttpMessage.head(client.in());
        assertThat(head.status()).isEqualTo(200);
        // The subscription follows the head.
        return client;
    }

    /** The next so many. */
    private List<String> events(RawClient client, int count) throws IOException {
        StringBuilder text = unread.computeIfAbsent(client, first -> new StringBuilder());
        var events = new ArrayList<String>();
        while (events.size() < count) {
            int end = text.indexOf("\n\n");
            if (end < 0) {
                byte[] chunk = HttpMessage.exactly(client.in(), HttpMessage.chunkSize(client.in()));
                HttpMessage.exactly(client.in(), 2);
                text.append(new String(chunk, StandardCharsets.UTF_8));
            } else {
                events.add(text.substring(0, end + 2));
                text.delete(0, end + 2);
            }
        }
        return events;
    }

    private static Call call(String function) {
        return new Call(
                new CallId("11111111-2222-3333-4444-555555555555"),
                new FunctionName(function, "openfaas-fn"),
                function,
                "faas-request",
                "/",
                null,
                Map.of(),
                null,
                null,
                null,
                null,
                1,
                1,
                4,
                NOON,
                NOON.plusSeconds(60),
                List.of());
    }
}
