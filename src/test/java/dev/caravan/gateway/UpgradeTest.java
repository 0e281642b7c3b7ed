package dev.caravan.gateway;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.testing.HttpMessage;
import dev.caravan.testing.RawClient;
import dev.caravan.testing.ScriptedFunction;
import dev.caravan.testing.WebSocketEcho;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that leave HTTP for another protocol, WebSocket above all. */
class UpgradeTest {

    private static final int MEBIBYTE = 1024 * 1024;
    private static final String UPGRADE =
            "GET /function/%s HTTP/1.1\nHost: x\nConnection: keep-alive, Upgrade\nUpgrade: chat";
    private static final String SWITCHED =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n";

    private TestGateway gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = new TestGateway();
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    @Test
    void aWebSocketReachesItsFunction() throws Exception {
        try (var function = new ScriptedFunction(new WebSocketEcho())) {
            gateway.replicas.with("echo", function.uri());
            var heard = new Heard();
            WebSocket socket = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .subprotocols("chat.v1")
                    .buildAsync(URI.create("ws://127.0.0.1:" + gateway.port() + "/function/echo/room%2F1?q=1"), heard)
                    .get(15, SECONDS);
            assertThat(socket.getSubprotocol()).isEqualTo("chat.v1");
            assertThat(gateway.http().running()).isEqualTo(1);

            socket.sendText("hello €", true).get(15, SECONDS);
            assertThat(heard.next()).isEqualTo("hello €".getBytes(StandardCharsets.UTF_8));
            byte[] large = new byte[3 * MEBIBYTE];
            Arrays.fill(large, (byte) 7);
            socket.sendBinary(ByteBuffer.wrap(large), true).get(15, SECONDS);
            assertThat(heard.next()).isEqualTo(large);
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "bye").get(15, SECONDS);

            assertThat(heard.next()).isEqualTo("closed 1000 bye".getBytes(StandardCharsets.UTF_8));
            await().untilAsserted(() -> assertThat(gateway.http().running()).isZero());
            assertThat(gateway.finished).containsExactly(101);
            HttpMessage seen = function.seen().get(0);
            assertThat(seen.start()).isEqualTo("GET /room%2F1?q=1 HTTP/1.1");
            assertThat(seen.values("upgrade")).containsExactly("websocket");
            assertThat(seen.values("connection")).containsExactly("Upgrade");
            assertThat(seen.value("x-call-id")).matches("[0-9a-f-]{36}");
        }
    }

    @Test
    void theAnswerCarriesTheCallsHeaders() throws Exception {
        try (var function = chat()) {
            gateway.replicas.with("chat", function.uri());
            try (var client = new RawClient(gateway.port())) {
                HttpMessage head = upgraded(client, "chat");

                assertThat(head.values("upgrade")).containsExactly("chat");
                assertThat(head.values("connection")).containsExactly("Upgrade");
                assertThat(head.value("x-call-id")).matches("[0-9a-f-]{36}");
                assertThat(head.value("x-start-time")).matches("[0-9]{19}");
                assertThat(head.value("content-length")).isNull();
                assertThat(head.value("transfer-encoding")).isNull();
            }
        }
    }

    @Test
    void aClientThatClosesClosesTheFunctionsConnection() throws Exception {
        var hungUp = new CountDownLatch(1);
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(out, SWITCHED);
            in.transferTo(new ByteArrayOutputStream());
            hungUp.countDown();
            return false;
        })) {
            gateway.replicas.with("chat", function.uri());
            try (var client = new RawClient(gateway.port())) {
                upgraded(client, "chat");
                client.raw("last words");
            }

            assertThat(hungUp.await(15, SECONDS)).isTrue();
            await().untilAsserted(() -> assertThat(gateway.http().running()).isZero());
            assertThat(gateway.finished).containsExactly(101);
        }
    }

    @Test
    void aFunctionThatClosesClosesTheClientsConnectionAfterItsLastByte() throws Exception {
        byte[] last = new byte[5 * MEBIBYTE];
        Arrays.fill(last, (byte) 'x');
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(out, SWITCHED);
            out.write(last);
            return false;
        })) {
            gateway.replicas.with("chat", function.uri());
            try (var client = new RawClient(gateway.port())) {
                upgraded(client, "chat");

                assertThat(client.in().readAllBytes()).isEqualTo(last);
            }
            await().untilAsserted(() -> assertThat(gateway.http().running()).isZero());
        }
    }

    @Test
    void whoDoesNotReadHoldsTheOtherBack() throws Exception {
        var sent = new AtomicInteger();
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(out, SWITCHED);
            for (int i = 0; i < 200; i++) {
                out.write(new byte[MEBIBYTE]);
                sent.incrementAndGet();
            }
            return false;
        })) {
            gateway.replicas.with("flood", function.uri());
            try (var client = new RawClient(gateway.port())) {
                upgraded(client, "flood");
                var last = new AtomicInteger();

                await().during(Duration.ofMillis(500))
                        .atMost(Duration.ofSeconds(10))
                        .until(() -> sent.get() > 0 && last.getAndSet(sent.get()) == sent.get());
                assertThat(sent.get()).isLessThan(60);
            }
            await().untilAsserted(() -> assertThat(gateway.http().running()).isZero());
        }
    }

    @Test
    void anOpenOneOutlivesTheCallTimeout() throws Exception {
        gateway.close();
        gateway = new TestGateway(null, Duration.ofMillis(300));
        try (var function = chat()) {
            gateway.replicas.with("chat", function.uri());
            try (var client = new RawClient(gateway.port())) {
                upgraded(client, "chat");
                long opened = System.nanoTime();
                await().until(() -> System.nanoTime() - opened > SECONDS.toNanos(1));

                client.raw("still here");

                assertThat(HttpMessage.exactly(client.in(), 10)).asString().isEqualTo("still here");
            }
        }
    }

    @Test
    void oneThatIsSilentForTooLongIsClosedOnBothSides() throws Exception {
        gateway.close();
        gateway = new TestGateway(null, Duration.ofSeconds(10), Duration.ofSeconds(1));
        try (var function = chat()) {
            gateway.replicas.with("chat", function.uri());
            try (var client = new RawClient(gateway.port())) {
                upgraded(client, "chat");

                assertThat(client.in().read()).isEqualTo(-1);
                await().until(() -> function.connections() == 0);
            }
        }
    }

    @Test
    void aStopClosesWhatIsOpen() throws Exception {
        try (var function = chat()) {
            gateway.replicas.with("chat", function.uri());
            try (var client = new RawClient(gateway.port())) {
                upgraded(client, "chat");
                gateway.http().drain();
                client.raw("go on");
                assertThat(HttpMessage.exactly(client.in(), 5)).asString().isEqualTo("go on");

                gateway.http().close();

                assertThat(client.in().read()).isEqualTo(-1);
                await().until(() -> function.connections() == 0);
            }
        }
    }

    @Test
    void aFunctionThatRefusesIsPassedOn() throws Exception {
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.reply(out, "403 Forbidden", "not you", "X-Why: closed");
            return true;
        })) {
            gateway.replicas.with("chat", function.uri());
            try (var client = new RawClient(gateway.port())) {
                for (int i = 0; i < 2; i++) {
                    client.send(UPGRADE.formatted("chat"), "");
                    HttpMessage answer = client.answer();

                    assertThat(answer.status()).isEqualTo(403);
                    assertThat(answer.value("x-why")).isEqualTo("closed");
                    assertThat(answer.body()).isEqualTo("not you");
                }
                client.send("GET /function/chat HTTP/1.1\nHost: x", "");
                assertThat(client.answer().status()).isEqualTo(403);
            }
            await().untilAsserted(() -> assertThat(gateway.finished).containsExactly(403, 403, 403));
        }
    }

    @Test
    void aFunctionThatDoesNotAnswerIsATimeoutAsEver() throws Exception {
        gateway.close();
        gateway = new TestGateway(null, Duration.ofMillis(300));
        try (var function = new ScriptedFunction((head, in, out) -> in.read() >= 0)) {
            gateway.replicas.with("hangs", function.uri());
            try (var client = new RawClient(gateway.port())) {
                client.send(UPGRADE.formatted("hangs"), "");

                assertThat(client.answer().status()).isEqualTo(504);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /function/plain HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: websocket\nContent-Length: 0",
                "GET /function/plain HTTP/1.1\nHost: x\nUpgrade: websocket",
                "GET /function/plain HTTP/1.1\nHost: x\nConnection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABk"
            })
    void whatIsNoUpgradeOfACallIsAnOrdinaryCall(String request) throws Exception {
        try (var function = ScriptedFunction.answering("ok")) {
            gateway.replicas.with("plain", function.uri());

            HttpMessage answer = RawClient.ask(gateway.port(), request, "");

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("ok");
            assertThat(function.seen().get(0).value("upgrade")).isNull();
            assertThat(function.seen().get(0).value("connection")).isNull();
            assertThat(function.seen().get(0).value("http2-settings")).isNull();
        }
    }

    /** Speaks a protocol in which each byte is sent back. */
    private static ScriptedFunction chat() throws IOException {
        return new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(out, SWITCHED);
            for (int b = in.read(); b >= 0; b = in.read()) {
                out.write(b);
            }
            return false;
        });
    }

    private static HttpMessage upgraded(RawClient client, String function) throws IOException {
        client.send(UPGRADE.formatted(function), "");
        HttpMessage head = HttpMessage.head(client.in());
        assertThat(head.status()).isEqualTo(101);
        return head;
    }

    /** Whole messages as they come. */
    private static final class Heard implements WebSocket.Listener {

        private final BlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
        private final ByteArrayOutputStream message = new ByteArrayOutputStream();

        byte[] next() throws InterruptedException {
            byte[] next = messages.poll(15, SECONDS);
            assertThat(next).as("a message").isNotNull();
            return next;
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            return heard(socket, data.toString().getBytes(StandardCharsets.UTF_8), last);
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            var bytes = new byte[data.remaining()];
            data.get(bytes);
            return heard(socket, bytes, last);
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            return heard(socket, ("closed " + status + " " + reason).getBytes(StandardCharsets.UTF_8), true);
        }

        private @Nullable CompletionStage<?> heard(WebSocket socket, byte[] bytes, boolean last) {
            message.writeBytes(bytes);
            if (last) {
                messages.add(message.toByteArray());
                message.reset();
            }
            socket.request(1);
            return null;
        }
    }
}
