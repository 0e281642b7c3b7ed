package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Routes of an integrator's own that make asynchronous calls: by the clock, from an endpoint, refused and repeated. */
class QueueCallIT {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String CRON = "triggers/call-function-by-cron.camel.yaml";

    @RegisterExtension
    static final TestServer server = TestServer.with("CARAVAN_MAX_BODY=1KiB");

    /** The shipped example, switched on, each second. */
    private static String eachSecond(String id, String function) throws IOException {
        return Files.readString(Path.of("routes", CRON))
                .replace("id: call-function-by-cron", "id: " + id)
                .replace("autoStartup: false", "autoStartup: true")
                .replace("cron: 0 3 * * *", "cron: \"* * * * * *\"")
                .replace("wordcount", function)
                .replace("nightly-", id.replaceFirst("-[0-9]$", "") + "-");
    }

    private static void save(String id, String text) throws IOException {
        Files.writeString(server.routes().resolve("triggers/" + id + ".camel.yaml"), text);
    }

    private static void remove(String id) throws IOException {
        Files.delete(server.routes().resolve("triggers/" + id + ".camel.yaml"));
    }

    private static JsonNode calls(String function) {
        return server.system("/system/calls?limit=100&function=" + function)
                .json()
                .get("items");
    }

    private static boolean succeeded(JsonNode call) {
        return call.get("status").asText().equals("succeeded");
    }

    @Test
    void theClockQueuesCallsThatTheLedgerKnowsAndAnEditTakesOver() throws IOException {
        String first = server.deploy("by-cron", "wc -w");
        String second = server.deploy("by-cron-edited", "wc -w");
        save("tick", eachSecond("tick", first));

        await().atMost(LONG)
                .until(() -> calls(first).size() >= 2 && succeeded(calls(first).get(1)));
        String id = calls(first).get(1).get("callId").asText();
        assertThat(server.get("/async-function/" + id + "/result").text()).isEqualTo("9\n");

        save("tick", eachSecond("tick", second));

        await().atMost(LONG).until(() -> calls(second).size() >= 3);
        int before = calls(first).size();
        int now = calls(second).size();
        await().atMost(LONG).until(() -> calls(second).size() >= now + 2);
        assertThat(calls(first)).as("the old version is silent").hasSize(before);

        remove("tick");
    }

    @Test
    void twoRoutesWithOneKeyForEachTimeMakeOneCallOfIt() throws IOException {
        String function = server.deploy("once-a-second", "cat");
        save("pair-1", eachSecond("pair-1", function));
        save("pair-2", eachSecond("pair-2", function));
        Instant started = Instant.now();

        await().atMost(LONG).until(() -> calls(function).size() >= 5);
        remove("pair-1");
        remove("pair-2");

        // Each second has one, so there are no more of them than seconds.
        Set<Long> seconds = new HashSet<>();
        JsonNode calls = calls(function);
        calls.forEach(call ->
                seconds.add(Instant.parse(call.get("submittedAt").asText()).getEpochSecond()));
        long passed = Duration.between(started, Instant.now()).toSeconds() + 2;
        assertThat((long) calls.size()).isLessThanOrEqualTo(passed);
        assertThat(seconds).hasSizeGreaterThanOrEqualTo(calls.size() - 1);
    }

    private static final String ORDER = """
            - route:
                id: %1$s
                group: public
                from:
                  uri: platform-http:/%1$s
                  steps:
                    - setHeader:
                        name: CaravanFunction
                        expression:
                          constant:
                            expression: "%2$s"
                    - setHeader:
                        name: CaravanPath
                        expression:
                          constant:
                            expression: /inner%%2Fpath
                    - to:
                        uri: direct:queue-call
                    - setBody:
                        expression:
                          simple:
                            expression: "${header.CaravanCallId} of ${body}"
            """;

    private static void saveEndpoint(String id, String function) throws IOException {
        String nowhere = server.get("/nobody-serves-this").text();
        save(id, ORDER.formatted(id, function));
        await().atMost(LONG).until(() -> !server.get("/" + id).text().equals(nowhere));
    }

    @Test
    void anEndpointQueuesWhatItWasSentAndKeepsItsMessage() throws IOException {
        String function = server.deploy("endpoint", "env");
        saveEndpoint("orders", function);
        try (var receiver = new RecordingCallbackReceiver()) {
            Reply reply = server.post(
                    "/orders",
                    "hello",
                    "X-Callback-Url",
                    receiver.url("/done"),
                    "Content-Type",
                    "text/x-order",
                    "Idempotency-Key",
                    "order-1");

            String id = reply.header("X-Call-Id");
            assertThat(reply.text()).isEqualTo(id + " of hello");
            String environment = receiver.await("/done", 1).get(0).text();
            assertThat(environment)
                    .contains("Http_Path=/inner/path", "Http_Content_Type=text/x-order", "Http_X_Call_Id=" + id)
                    .contains("Http_X_Caravan_Depth=1");

            Reply repeated =
                    server.post("/orders", "hello", "Content-Type", "text/x-order", "Idempotency-Key", "order-1");
            assertThat(repeated.text()).as("the first call's id").isEqualTo(id + " of hello");
        }
    }

    @Test
    void aCallThatIsRefusedIsAnsweredAsAtTheDoor() throws IOException {
        saveEndpoint("orders-of-nobody", "nobody");
        assertThat(server.post("/orders-of-nobody", "x").status()).isEqualTo(404);
        assertThat(server.post("/orders-of-nobody", "x").text())
                .isEqualTo("function \"nobody.openfaas-fn\" is not deployed\n");

        String full = server.deploy("full-for-routes", "cat", "dev.caravan.queue.max-waiting=1");
        server.callAsync(full, "", "X-Delay", "1h");
        saveEndpoint("orders-of-full", full);
        assertThat(server.post("/orders-of-full", "x").status()).isEqualTo(429);

        saveEndpoint("orders-of-nothing", "");
        assertThat(server.post("/orders-of-nothing", "x").text()).isEqualTo("no function can be named \"\"\n");
        assertThat(server.post("/orders-of-nothing", "x".repeat(1025)).status()).isEqualTo(413);
    }
}
