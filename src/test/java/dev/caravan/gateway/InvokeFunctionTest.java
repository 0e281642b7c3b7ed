package dev.caravan.gateway;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.testing.HttpMessage;
import dev.caravan.testing.RawClient;
import dev.caravan.testing.ScriptedFunction;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client of {@code /function/NAME} and the function itself see on the wire, through the shipped route. */
class InvokeFunctionTest {

    private static final int MEBIBYTE = 1024 * 1024;

    private TestGateway gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = new TestGateway();
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/function/echo,                        /",
        "/function/echo/,                       /",
        "/function/echo?,                       /?",
        "/function/echo/a%2Fb%3Fc%25,           /a%2Fb%3Fc%25",
        "/function/echo/a//b/./c/../d,          /a//b/./c/../d",
        "/function/echo/x?a=1&a=2&b=%20+&c,     /x?a=1&a=2&b=%20+&c",
        "/function/echo.openfaas-fn/%E2%82%AC,  /%E2%82%AC",
        "http://elsewhere/function/echo/y?z,    /y?z",
    })
    void pathAndQueryReachTheFunctionRaw(String asked, String seen) throws Exception {
        try (var function = ScriptedFunction.answering("ok")) {
            gateway.replicas.with("echo", function.uri());

            assertThat(RawClient.get(gateway.port(), asked).status()).isEqualTo(200);
            assertThat(function.seen().get(0).start()).isEqualTo("GET " + seen + " HTTP/1.1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "PURGE"})
    void everyVerbReachesTheFunction(String verb) throws Exception {
        try (var function = ScriptedFunction.answering("")) {
            gateway.replicas.with("echo", function.uri());

            var answer = RawClient.ask(gateway.port(), verb + " /function/echo HTTP/1.1\nHost: x", "");

            assertThat(answer.status()).isEqualTo(200);
            assertThat(function.seen().get(0).start()).isEqualTo(verb + " / HTTP/1.1");
        }
    }

    @Test
    void headersReachTheFunctionAsAProxyPassesThemOn() throws Exception {
        try (var function = ScriptedFunction.answering("ok")) {
            gateway.replicas.with("echo", function.uri());

            RawClient.post(
                    gateway.port(),
                    "/function/echo",
                    "hello",
                    "Authorization: Bearer secret",
                    "X-Twice: 1",
                    "X-Twice: 2",
                    "Connection: keep-alive, X-Only-Here",
                    "X-Only-Here: yes",
                    "Proxy-Authorization: no",
                    "Content-Type: text/x-test");

            HttpMessage seen = function.seen().get(0);
            assertThat(seen.value("authorization")).isEqualTo("Bearer secret");
            assertThat(seen.values("x-twice")).containsExactly("1", "2");
            assertThat(seen.value("content-type")).isEqualTo("text/x-test");
            assertThat(seen.value("content-length")).isEqualTo("5");
            assertThat(seen.value("transfer-encoding")).isNull();
            assertThat(seen.value("host")).isEqualTo(function.uri().getAuthority());
            assertThat(seen.value("x-forwarded-host")).isEqualTo("test");
            assertThat(seen.value("x-forwarded-for")).matches("127\\.0\\.0\\.1:[0-9]+");
            assertThat(seen.value("x-call-id")).matches("[0-9a-f-]{36}");
            assertThat(seen.value("x-start-time")).matches("[0-9]{19}");
            assertThat(seen.value("x-only-here")).isNull();
            assertThat(seen.value("proxy-authorization")).isNull();
            assertThat(seen.headers())
                    .noneMatch(line ->
                            line.regionMatches(true, 0, "Camel", 0, 5) || line.regionMatches(true, 0, "Caravan", 0, 7));
        }
    }

    @Test
    void whatTheCallerSaysAboutTheOriginIsKept() throws Exception {
        try (var function = ScriptedFunction.answering("ok")) {
            gateway.replicas.with("echo", function.uri());

            var answer = RawClient.get(
                    gateway.port(),
                    "/function/echo",
                    "X-Forwarded-For: 10.1.1.1",
                    "X-Forwarded-Host: shop.example",
                    "X-Call-Id: mine");

            HttpMessage seen = function.seen().get(0);
            assertThat(seen.values("x-forwarded-for")).containsExactly("10.1.1.1");
            assertThat(seen.values("x-forwarded-host")).containsExactly("shop.example");
            assertThat(seen.values("x-call-id")).containsExactly("mine");
            assertThat(answer.values("x-call-id")).containsExactly("mine");
        }
    }

    @Test
    void theAnswerPassesThroughUnchanged() throws Exception {
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.reply(
                    out,
                    "302 Found",
                    "body",
                    "Location: /elsewhere",
                    "Set-Cookie: a=1",
                    "Set-Cookie: b=2",
                    "Content-Encoding: gzip",
                    "X-Call-Id: its-own",
                    "X-Duration-Seconds: 9.000000",
                    "Keep-Alive: timeout=5");
            return true;
        })) {
            gateway.replicas.with("echo", function.uri());

            var answer =
                    RawClient.get(gateway.port(), "/function/echo?Set-Cookie=evil&x=y", "X-Sent: 1", "Cookie: c=1");

            assertThat(answer.status()).isEqualTo(302);
            assertThat(answer.body()).isEqualTo("body");
            assertThat(answer.values("set-cookie")).containsExactly("a=1", "b=2");
            assertThat(answer.values("content-encoding")).containsExactly("gzip");
            assertThat(answer.values("x-call-id")).containsExactly("its-own");
            assertThat(answer.values("x-duration-seconds")).containsExactly("9.000000");
            assertThat(answer.value("x-start-time")).matches("[0-9]{19}");
            assertThat(answer.headers())
                    .extracting(line -> line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT))
                    .containsExactlyInAnyOrder(
                            "location",
                            "set-cookie",
                            "set-cookie",
                            "content-encoding",
                            "content-length",
                            "x-call-id",
                            "x-duration-seconds",
                            "x-served-by",
                            "x-start-time",
                            "content-type");
        }
    }

    @Test
    void anEmptyAnswerKeepsItsStatus() throws Exception {
        try (var function = ScriptedFunction.answering("")) {
            gateway.replicas.with("echo", function.uri());

            var answer = RawClient.get(gateway.port(), "/function/echo");

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.value("content-length")).isEqualTo("0");
            assertThat(answer.value("x-duration-seconds")).matches("[0-9]+\\.[0-9]{6}");
        }
    }

    @Test
    void headIsAnsweredWithTheFunctionsLengthAndNoBody() throws Exception {
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n");
            return true;
        })) {
            gateway.replicas.with("echo", function.uri());

            try (var client = new RawClient(gateway.port())) {
                client.send("HEAD /function/echo HTTP/1.1\nHost: x", "");
                assertThat(HttpMessage.head(client.in()).value("content-length"))
                        .isEqualTo("1234");
                client.send("HEAD /function/echo HTTP/1.1\nHost: x", "");
                assertThat(HttpMessage.head(client.in()).status()).isEqualTo(200);
            }
        }
    }

    @Test
    void bodiesStreamThroughWithoutBeingHeld() throws Exception {
        int chunks = Integer.getInteger("test.mebibytes", 64);
        var received = new AtomicLong();
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int size = HttpMessage.chunkSize(in); size > 0; size = HttpMessage.chunkSize(in)) {
                byte[] chunk = HttpMessage.exactly(in, size);
                in.skipNBytes(2);
                received.addAndGet(size);
                ScriptedFunction.write(out, Integer.toHexString(size) + "\r\n");
                out.write(chunk);
                ScriptedFunction.write(out, "\r\n");
            }
            ScriptedFunction.write(out, "0\r\n\r\n");
            return true;
        })) {
            gateway.replicas.with("echo", function.uri());
            try (var client = new RawClient(gateway.port())) {
                client.send("POST /function/echo HTTP/1.1\nHost: x\nTransfer-Encoding: chunked", "");
                var sender = new Thread(() -> sendChunks(client, chunks));
                sender.start();

                assertThat(HttpMessage.head(client.in()).status()).isEqualTo(200);
                long returned = 0;
                for (int size = HttpMessage.chunkSize(client.in());
                        size > 0;
                        size = HttpMessage.chunkSize(client.in())) {
                    client.in().skipNBytes(size + 2);
                    returned += size;
                }
                sender.join();

                assertThat(received).hasValue((long) chunks * MEBIBYTE);
                assertThat(returned).isEqualTo((long) chunks * MEBIBYTE);
            }
        }
    }

    private static void sendChunks(RawClient client, int chunks) {
        try {
            var chunk = new byte[MEBIBYTE];
            Arrays.fill(chunk, (byte) 'x');
            for (int i = 0; i < chunks; i++) {
                client.raw("100000\r\n");
                client.out().write(chunk);
                client.raw("\r\n");
            }
            client.raw("0\r\n\r\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aSlowReaderHoldsTheFunctionBack() throws Exception {
        var sent = new AtomicInteger();
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(out, "HTTP/1.1 200 OK\r\nContent-Length: " + 200L * MEBIBYTE + "\r\n\r\n");
            var chunk = new byte[MEBIBYTE];
            for (int i = 0; i < 200; i++) {
                out.write(chunk);
                sent.incrementAndGet();
            }
            return true;
        })) {
            gateway.replicas.with("echo", function.uri());
            try (var client = new RawClient(gateway.port())) {
                client.send("GET /function/echo HTTP/1.1\nHost: x", "");

                await().during(Duration.ofMillis(500))
                        .atMost(Duration.ofSeconds(5))
                        .until(stalled(sent));
                assertThat(sent.get()).isLessThan(60);
            }
        }
    }

    @Test
    void aSlowFunctionHoldsTheClientBack() throws Exception {
        var sent = new AtomicInteger();
        try (var function = new ScriptedFunction((head, in, out) -> {
            new CountDownLatch(1).await(30, SECONDS);
            return false;
        })) {
            gateway.replicas.with("busy", function.uri());
            try (var client = new RawClient(gateway.port())) {
                client.send("POST /function/busy HTTP/1.1\nHost: x\nContent-Length: " + 200L * MEBIBYTE, "");
                var sender = new Thread(() -> sendUntilCut(client, sent));
                sender.start();

                await().during(Duration.ofMillis(500))
                        .atMost(Duration.ofSeconds(5))
                        .until(stalled(sent));
                assertThat(sent.get()).isLessThan(60);
            }
        }
    }

    private static void sendUntilCut(RawClient client, AtomicInteger sent) {
        try {
            for (int i = 0; i < 200; i++) {
                client.out().write(new byte[MEBIBYTE]);
                sent.incrementAndGet();
            }
        } catch (IOException e) {
            return; // the test has seen enough
        }
    }

    private static Callable<Boolean> stalled(AtomicInteger count) {
        var last = new AtomicInteger();
        return () -> count.get() > 0 && last.getAndSet(count.get()) == count.get();
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/event-stream", "application/x-ndjson", "image/jpeg"})
    void chunksAreFlushedAsTheyCome(String type) throws Exception {
        var next = new SynchronousQueue<String>();
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(
                    out, "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (String event = next.take(); !event.isEmpty(); event = next.take()) {
                ScriptedFunction.write(out, Integer.toHexString(event.length()) + "\r\n" + event + "\r\n");
            }
            ScriptedFunction.write(out, "0\r\n\r\n");
            return true;
        })) {
            gateway.replicas.with("sse", function.uri());
            try (var client = new RawClient(gateway.port())) {
                client.send("GET /function/sse HTTP/1.1\nHost: x\nAccept: " + type, "");
                assertThat(HttpMessage.head(client.in()).value("content-type")).isEqualTo(type);
                for (String event : new String[] {"data: 1\n\n", "data: 22\n\n"}) {
                    next.put(event);
                    assertThat(HttpMessage.chunkSize(client.in())).isEqualTo(event.length());
                    assertThat(new String(HttpMessage.exactly(client.in(), event.length() + 2)))
                            .startsWith(event);
                }
                next.put("");
                assertThat(HttpMessage.chunkSize(client.in())).isZero();
            }
        }
    }

    @Test
    void aRouteIsBusyUntilTheAnswerIsOut() throws Exception {
        var go = new CountDownLatch(1);
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
            go.await(15, SECONDS);
            ScriptedFunction.write(out, "0\r\n\r\n");
            return true;
        })) {
            gateway.replicas.with("slow", function.uri());
            try (var client = new RawClient(gateway.port())) {
                client.send("GET /function/slow HTTP/1.1\nHost: x", "");
                HttpMessage head = HttpMessage.head(client.in());
                assertThat(gateway.camel.getInflightRepository().size())
                        .as("a stop waits for it")
                        .isEqualTo(1);
                go.countDown();

                assertThat(head.bodyFrom(client.in())).isEqualTo("a");
                await().until(() -> gateway.camel.getInflightRepository().size() == 0);
            }
        }
    }

    @Test
    void aClientThatLeavesCancelsTheCall() throws Exception {
        var arrived = new CountDownLatch(1);
        var hungUp = new CountDownLatch(1);
        try (var function = new ScriptedFunction((head, in, out) -> {
            arrived.countDown();
            if (in.read() < 0) {
                hungUp.countDown();
            }
            return false;
        })) {
            gateway.replicas.with("slow", function.uri());
            try (var client = new RawClient(gateway.port())) {
                client.send("GET /function/slow HTTP/1.1\nHost: x", "");
                assertThat(arrived.await(1, SECONDS)).isTrue();
            }

            assertThat(hungUp.await(1, SECONDS))
                    .as("the function's connection is closed")
                    .isTrue();
            await().untilAsserted(() -> assertThat(gateway.http().running()).isZero());
        }
    }

    @Test
    void aClientThatLeavesInTheMiddleOfTheAnswerCancelsTheCall() throws Exception {
        var hungUp = new CountDownLatch(1);
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
            if (in.read() < 0) {
                hungUp.countDown();
            }
            return false;
        })) {
            gateway.replicas.with("slow", function.uri());
            try (var client = new RawClient(gateway.port())) {
                client.send("GET /function/slow HTTP/1.1\nHost: x", "");
                HttpMessage.head(client.in());
                HttpMessage.chunkSize(client.in());
            }

            assertThat(hungUp.await(1, SECONDS)).isTrue();
        }
    }

    @Test
    void anAnswerThatBreaksOffIsCutAndNeverLooksWhole() throws Exception {
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
            return false;
        })) {
            gateway.replicas.with("broken", function.uri());

            assertThatThrownBy(() -> RawClient.get(gateway.port(), "/function/broken"))
                    .isInstanceOf(EOFException.class);
        }
    }

    @Test
    void anAnswerLongerThanTheTimeoutIsCut() throws Exception {
        impatient();
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
            return in.read() >= 0;
        })) {
            gateway.replicas.with("endless", function.uri());

            assertThatThrownBy(() -> RawClient.get(gateway.port(), "/function/endless"))
                    .isInstanceOf(EOFException.class);
        }
    }

    @Test
    void halfARequestBodyNeverLooksWholeToTheFunction() throws Exception {
        var whole = new AtomicBoolean();
        var over = new CountDownLatch(1);
        try (var function = new ScriptedFunction((head, in, out) -> {
            try {
                head.bodyFrom(in);
                whole.set(true);
            } finally {
                over.countDown();
            }
            return false;
        })) {
            gateway.replicas.with("echo", function.uri());
            try (var client = new RawClient(gateway.port())) {
                client.send("POST /function/echo HTTP/1.1\nHost: x\nTransfer-Encoding: chunked", "3\r\nabc\r\n");
                await().until(() -> !function.seen().isEmpty());
            }

            assertThat(over.await(2, SECONDS)).isTrue();
            assertThat(whole).isFalse();
        }
    }

    @Test
    void aFunctionThatHangsIsATimeout() throws Exception {
        impatient();
        try (var function = new ScriptedFunction((head, in, out) -> in.read() >= 0)) {
            gateway.replicas.with("hangs", function.uri());

            var answer = RawClient.get(gateway.port(), "/function/hangs");

            assertPlatformError(answer, 504, "function \"hangs.openfaas-fn\": no complete answer within 300ms\n");
            assertThat(answer.value("x-call-id")).isNotNull();
        }
    }

    @Test
    void aFunctionThatDoesNotSpeakHttpIsABadGateway() throws Exception {
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(out, "what?\r\nis this\r\n\r\n");
            return false;
        })) {
            gateway.replicas.with("garbage", function.uri());

            assertPlatformError(
                    RawClient.get(gateway.port(), "/function/garbage"),
                    502,
                    "function \"garbage.openfaas-fn\": its answer is not HTTP\n");
        }
    }

    @Test
    void aFunctionThatHangsUpIsABadGatewayAndIsNotCalledTwice() throws Exception {
        try (var function = new ScriptedFunction((head, in, out) -> false)) {
            gateway.replicas.with("crash", function.uri());

            assertPlatformError(
                    RawClient.post(gateway.port(), "/function/crash", "x"),
                    502,
                    "function \"crash.openfaas-fn\": it closed the connection before it answered\n");
            assertThat(function.seen()).hasSize(1);
        }
    }

    @Test
    void aKeptConnectionThatTheFunctionClosedIsReplaced() throws Exception {
        var served = new AtomicInteger();
        try (var function = new ScriptedFunction((head, in, out) -> {
            // The second request on a connection is what a server with a short keep-alive never reads.
            if (served.incrementAndGet() == 2) {
                return false;
            }
            ScriptedFunction.reply(out, "200 OK", "ok");
            return true;
        })) {
            gateway.replicas.with("echo", function.uri());

            try (var client = new RawClient(gateway.port())) {
                for (int i = 0; i < 2; i++) {
                    client.send("POST /function/echo HTTP/1.1\nHost: x\nContent-Length: 0", "");
                    assertThat(client.answer().status()).isEqualTo(200);
                }
            }
            assertThat(served).hasValue(3);
        }
    }

    @Test
    void aReplicaThatRefusesIsSkipped() throws Exception {
        URI dead;
        try (var gone = new ServerSocket(0)) {
            dead = URI.create("http://127.0.0.1:" + gone.getLocalPort());
        }
        try (var function = ScriptedFunction.answering("ok")) {
            gateway.replicas.with("two", dead, function.uri()).with("none", dead);

            for (int i = 0; i < 4; i++) {
                assertThat(RawClient.post(gateway.port(), "/function/two", "x").status())
                        .isEqualTo(200);
            }
            assertPlatformError(
                    RawClient.get(gateway.port(), "/function/none"),
                    502,
                    "function \"none.openfaas-fn\": no replica accepts a connection\n");
        }
    }

    @Test
    void replicasTakeTurns() throws Exception {
        try (var one = ScriptedFunction.answering("1");
                var two = ScriptedFunction.answering("2")) {
            gateway.replicas.with("pair", one.uri(), two.uri());
            for (int i = 0; i < 6; i++) {
                RawClient.get(gateway.port(), "/function/pair");
            }

            assertThat(one.seen()).hasSize(3);
            assertThat(two.seen()).hasSize(3);
        }
    }

    @Test
    void unknownFunctionsAndFunctionsWithoutReplicasAreToldApart() throws Exception {
        gateway.replicas.with("asleep");

        assertPlatformError(
                RawClient.get(gateway.port(), "/function/nobody"),
                404,
                "function \"nobody.openfaas-fn\" is not deployed\n");
        assertPlatformError(
                RawClient.get(gateway.port(), "/function/asleep"),
                503,
                "function \"asleep.openfaas-fn\" has no replica that is ready\n");
        assertThat(RawClient.get(gateway.port(), "/function/asleep").value("retry-after"))
                .isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/function/a%62c", "/function/a:b/x", "/function/UPPER", "/function/a.b.c", "/function/-a"})
    void impossibleNamesAreNotFound(String target) throws Exception {
        assertThat(RawClient.get(gateway.port(), target).status()).isEqualTo(404);
    }

    @Test
    void aBodyThatNobodyReadsDoesNotBreakTheConnection() throws Exception {
        try (var client = new RawClient(gateway.port())) {
            for (int i = 0; i < 3; i++) {
                client.send("POST /function/nobody HTTP/1.1\nHost: x\nContent-Length: 20000", "x".repeat(20_000));
                assertThat(client.answer().status()).isEqualTo(404);
            }
        }
    }

    @Test
    void aClientThatWaitsIsToldToContinueOnlyWhenTheFunctionIsThere() throws Exception {
        try (var function = ScriptedFunction.answering("ok");
                var client = new RawClient(gateway.port());
                var other = new RawClient(gateway.port())) {
            gateway.replicas.with("echo", function.uri());

            client.send("POST /function/echo HTTP/1.1\nHost: x\nExpect: 100-continue\nContent-Length: 3", "");
            assertThat(HttpMessage.head(client.in()).start()).isEqualTo("HTTP/1.1 100 Continue");
            client.raw("abc");
            assertThat(client.answer().status()).isEqualTo(200);
            assertThat(function.seen().get(0).value("expect")).isNull();

            other.send("POST /function/nobody HTTP/1.1\nHost: x\nExpect: 100-continue\nContent-Length: 3", "");
            assertThat(other.answer().status()).isEqualTo(404);
        }
    }

    private void impatient() throws Exception {
        gateway.close();
        gateway = new TestGateway(null, Duration.ofMillis(300));
    }

    private static void assertPlatformError(HttpMessage answer, int status, String line) {
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.body()).isEqualTo(line);
        assertThat(answer.value("x-openfaas-internal")).isEqualTo("proxy");
        assertThat(answer.value("content-type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(answer.value("x-content-type-options")).isEqualTo("nosniff");
    }
}
