package dev.caravan.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionNamespace;
import dev.caravan.provider.LogRing;
import dev.caravan.testing.Deployments;
import dev.caravan.testing.FakeFunctionProvider;
import dev.caravan.testing.HttpMessage;
import dev.caravan.testing.RawClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code GET /system/logs} over real sockets (contract section 1.9). */
class ReadLogsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant NOON = Instant.parse("2026-03-04T12:00:00Z");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final FakeFunctionProvider provider = new FakeFunctionProvider();
    private TestGateway gateway;
    private LogRing log;

    @BeforeEach
    void start() throws Exception {
        gateway = new TestGateway();
        gateway.camel.getRegistry().bind("functionLogs", new LogsApi(provider, "openfaas-fn"));
        gateway.load("read-logs");
        log = deployed("talker", "openfaas-fn");
        provider.clock(() -> NOON);
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
        provider.close();
    }

    @Test
    void aLineIsAJsonObjectOnALineOfItsOwn() throws Exception {
        log.add("talker-1", "says \"hello\"\tto {you}\r");

        HttpMessage answer = get("/system/logs?name=talker");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.value("Content-Type")).isEqualTo("application/x-ndjson");
        assertThat(answer.body()).endsWith("}\n");
        JsonNode line = JSON.readTree(answer.body());
        assertThat(line.properties())
                .extracting(Map.Entry::getKey)
                .containsExactly("name", "namespace", "instance", "timestamp", "text");
        assertThat(line.get("name").asText()).isEqualTo("talker");
        assertThat(line.get("namespace").asText()).isEqualTo("openfaas-fn");
        assertThat(line.get("instance").asText()).isEqualTo("talker-1");
        assertThat(line.get("timestamp").asText()).isEqualTo("2026-03-04T12:00:00Z");
        assertThat(line.get("text").asText()).isEqualTo("says \"hello\"\tto {you}\r");
    }

    @ParameterizedTest
    @CsvSource({
        "name=talker,                              abcd",
        "name=talker.openfaas-fn,                  abcd",
        "name=talker&namespace=openfaas-fn,        abcd",
        "name=talker&namespace=,                   abcd",
        "name=talker&namespace=staging,            s",
        "name=talker.staging,                      s",
        "name=nobody&name=talker,                  abcd",
        "name=talker&tail=2,                       cd",
        "name=talker&tail=1&tail=3,                bcd",
        "name=talker&tail=%2B3,                    bcd",
        "name=talker&tail=-1,                      abcd",
        "name=talker&tail=0,                       abcd",
        "name=talker&tail=,                        abcd",
        "name=talker&instance=talker-2,            b",
        "name=talker&instance=nobody,              ''",
        "name=talker&since=2026-03-04T12:00:02Z,             cd",
        "name=talker&since=2026-03-04t12:00:02z,             cd",
        "name=talker&since=2026-03-04T12:00:01.000000001Z,   cd",
        "name=talker&since=2026-03-04T12:00:01.0000000009Z,  bcd",
        "name=talker&since=2026-03-04T14:00:02%2B02:00,      cd",
        "name=talker&since=2026-03-04T14:00:02+02:00,        cd",
        "name=talker&since=2026-03-04T07:30:02-04:30,        cd",
        "name=talker&since=2027-01-01T00:00:00Z,             ''",
        "name=talker&since=2026-03-04T12:00:01Z&tail=1,      d",
        "name=talker&follow=no,                    abcd",
        "name=talker&follow=yes,                   abcd",
        "name=talker&follow=0,                     abcd",
        "name=talker&follow=true&follow=false,     abcd",
        "name=talker&unknown=%zz&&=&x,             abcd",
    })
    void theQuerySaysWhichLines(String query, String expected) throws Exception {
        for (int second = 0; second < 4; second++) {
            Instant time = NOON.plusSeconds(second);
            provider.clock(() -> time);
            log.add(second == 1 ? "talker-2" : "talker-1", "" + (char) ('a' + second));
        }
        provider.namespaces().create(FunctionNamespace.named("staging"));
        deployed("talker", "staging").add("talker-9", "s");

        HttpMessage answer = get("/system/logs?" + query);

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(String.join("", texts(answer.body()))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "'',                                     400, name",
        "tail=3,                                 400, name",
        "name=,                                  400, name",
        "name=No_Name,                           400, No_Name",
        "name=talker&namespace=Bad%20One,        400, namespace",
        "name=talker&tail=many,                  400, many",
        "name=talker&tail=99999999999,           400, tail",
        "name=talker&tail=1.5,                   400, tail",
        "name=talker&since=yesterday,            400, yesterday",
        "name=talker&since=2026-03-04,           400, RFC 3339",
        "name=talker&since=2026-03-04T12:00:00,  400, RFC 3339",
        "name=talker&since=2026-02-30T12:00:00Z, 400, RFC 3339",
        "name=talker&since=1772600000,           400, RFC 3339",
        "name=nobody,                            404, nobody.openfaas-fn",
        "name=talker.nowhere,                    404, talker.nowhere",
    })
    void whatMakesNoSenseIsRefusedInOneLine(String query, int status, String said) throws Exception {
        HttpMessage answer = get("/system/logs" + (query.isEmpty() ? "" : "?" + query));

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.value("Content-Type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(answer.body().lines()).singleElement().asString().contains(said);
    }

    @Test
    void aHeaderIsNoParameter() throws Exception {
        log.add("talker-1", "hello");

        HttpMessage answer = RawClient.get(gateway.port(), "/system/logs?name=talker", "X-Tail: 0", "name: nobody");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(texts(answer.body())).containsExactly("hello");
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "1", "t", "T", "TRUE", "True"})
    void aFollowerSeesEachLineAsItIsWrittenUntilTheFunctionIsDeleted(String yes) throws Exception {
        log.add("talker-1", "before");
        try (var client = following("tail=-1&follow=" + yes)) {
            assertThat(nextTexts(client, 1)).containsExactly("before");

            log.add("talker-1", "one");
            assertThat(nextTexts(client, 1)).containsExactly("one");
            log.add("talker-1", "two");
            assertThat(nextTexts(client, 1)).containsExactly("two");

            provider.delete(new FunctionName("talker", "openfaas-fn"));
            assertThat(HttpMessage.chunkSize(client.in())).isZero();
        }
    }

    @Test
    void aQuietLogIsAnsweredAtOnce() throws Exception {
        try (var client = following("follow=true")) {
            // The head came although nothing was written yet.
            log.add("talker-1", "first");

            assertThat(nextTexts(client, 1)).containsExactly("first");
        }
    }

    @Test
    void aFollowerHoldsNoThread() throws Exception {
        int before = Thread.activeCount();
        var clients = new ArrayList<RawClient>();
        for (int i = 0; i < 60; i++) {
            clients.add(following("follow=true"));
        }

        await().atMost(PATIENCE).until(() -> log.readers() == 60);
        // The pool of workers may have grown while the requests came in, each for a moment.
        assertThat(Thread.activeCount() - before).isLessThan(30);

        for (RawClient client : clients) {
            client.close();
        }
    }

    @Test
    void aClientThatLeavesIsForgotten() throws Exception {
        RawClient client = following("follow=true");
        await().atMost(PATIENCE).until(() -> log.readers() == 1);

        client.close();

        await().atMost(PATIENCE).until(() -> log.readers() == 0);
        await().atMost(PATIENCE).until(() -> gateway.http().running() == 0);
    }

    /** Vert.x 4.5 fails over such a connection itself (a NullPointerException in the log) and tells nobody of its end. */
    @Test
    void aClientThatLeavesWithAnotherRequestInLineIsForgotten() throws Exception {
        RawClient client = following("follow=true");
        await().atMost(PATIENCE).until(() -> log.readers() == 1);
        client.raw("GET /system/info HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n");
        log.add("talker-1", "seen");
        assertThat(nextTexts(client, 1)).containsExactly("seen");

        client.close();

        await().atMost(PATIENCE).until(() -> log.readers() == 0);
        await().atMost(PATIENCE).until(() -> gateway.http().running() == 0);
    }

    @Test
    void aGatewayThatStopsEndsTheAnswerProperly() throws Exception {
        try (var client = following("follow=true")) {
            log.add("talker-1", "last words");
            assertThat(nextTexts(client, 1)).containsExactly("last words");

            gateway.http().drain();

            assertThat(HttpMessage.chunkSize(client.in())).isZero();
            assertThat(log.readers()).isZero();
            await().atMost(PATIENCE).until(() -> gateway.http().running() == 0);
        }
    }

    /** The socket's buffers are full long before: what it does not read then is dropped, and it is told how much. */
    @Test
    void whoReadsSlowlyIsToldWhatWasDroppedAndNothingPilesUp() throws Exception {
        String text = "x".repeat(1_000);
        int count = 40_000;
        try (var client = following("follow=true")) {
            await().atMost(PATIENCE).until(() -> log.readers() == 1);
            for (int number = 1; number < count; number++) {
                log.add("talker-1", number + " " + text);
            }
            log.add("talker-1", "the last");

            var seen = new ArrayList<String>();
            while (!seen.contains("the last")) {
                seen.addAll(texts(chunk(client)));
            }
            long dropped = seen.stream()
                    .filter(line -> line.endsWith(" lines dropped: they were read too slowly"))
                    .mapToLong(line -> Long.parseLong(line.split(" ", 2)[0]))
                    .sum();
            long notices =
                    seen.stream().filter(line -> line.endsWith("too slowly")).count();
            assertThat(dropped).isPositive();
            assertThat(seen.size() - notices + dropped).isEqualTo(count);
        }
    }

    @Test
    void aBurstArrivesWholeForWhoKeepsUp() throws Exception {
        IntStream.range(0, 900).forEach(number -> log.add("talker-1", "line " + number));
        try (var client = following("follow=true")) {
            assertThat(nextTexts(client, 900))
                    .containsExactlyElementsOf(IntStream.range(0, 900)
                            .mapToObj(number -> "line " + number)
                            .toList());
        }
    }

    @Test
    void onlyGetIsTaken() throws Exception {
        assertThat(RawClient.post(gateway.port(), "/system/logs?name=talker", "")
                        .status())
                .isEqualTo(405);
    }

    private RawClient following(String query) throws IOException {
        var client = new RawClient(gateway.port());
        client.send("GET /system/logs?name=talker&" + query + " HTTP/1.1\nHost: test", "");
        HttpMessage head = HttpMessage.head(client.in());
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.value("Transfer-Encoding")).isEqualTo("chunked");
        return client;
    }

    private static List<String> nextTexts(RawClient client, int count) throws IOException {
        var texts = new ArrayList<String>();
        while (texts.size() < count) {
            texts.addAll(texts(chunk(client)));
        }
        return texts;
    }

    private static String chunk(RawClient client) throws IOException {
        byte[] chunk = HttpMessage.exactly(client.in(), HttpMessage.chunkSize(client.in()));
        HttpMessage.exactly(client.in(), 2);
        return new String(chunk, StandardCharsets.UTF_8);
    }

    /** Each chunk holds whole lines. */
    private static List<String> texts(String lines) throws IOException {
        var texts = new ArrayList<String>();
        for (String line : lines.lines().toList()) {
            texts.add(JSON.readTree(line).get("text").asText());
        }
        return texts;
    }

    private HttpMessage get(String target) throws IOException {
        return RawClient.get(gateway.port(), target);
    }

    private LogRing deployed(String name, String namespace) {
        provider.deploy(Deployments.running(name, namespace, null, Map.of()));
        return provider.log(new FunctionName(name, namespace));
    }
}
