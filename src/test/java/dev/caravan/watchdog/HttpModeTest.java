package dev.caravan.watchdog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.testing.HttpMessage;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A process that speaks HTTP stands behind the watchdog; here the test is what speaks. */
class HttpModeTest {

    private static final String PROCESS = "sleep 3000";

    @TempDir
    Path folder;

    @Test
    void requestAndAnswerGoThroughAsTheyAre() throws Exception {
        try (var app = new UpstreamApp((head, in, out) -> {
                    UpstreamApp.say(
                            out,
                            "HTTP/1.1 302 Over There\nLocation: /else\nSet-Cookie: a=1\nSet-Cookie: b=2\nContent-Length: 2\n\n"
                                    + head.bodyFrom(in));
                    return true;
                });
                var watchdog = serve(app);
                var client = watchdog.client()) {
            client.send("PURGE /a%2Fb?q=%20 HTTP/1.1\nHost: example.org\nX-Me: 1\nx-me: 2\nContent-Length: 2", "hi");
            HttpMessage answer = client.answer();

            HttpMessage request = app.requests.get(0);
            assertThat(request.start()).isEqualTo("PURGE /a%2Fb?q=%20 HTTP/1.1");
            assertThat(request.values("Host")).containsExactly("example.org");
            assertThat(request.values("X-Me")).containsExactly("1", "2");
            assertThat(answer.start()).isEqualTo("HTTP/1.1 302 Over There");
            assertThat(answer.values("Set-Cookie")).containsExactly("a=1", "b=2");
            assertThat(answer.body()).isEqualTo("hi");
            assertThat(answer.value("X-Duration-Seconds")).matches("[0-9]+\\.[0-9]{6}");
            assertThat(answer.value("X-OpenFaaS-Internal")).isNull();
            await().untilAsserted(() -> assertThat(watchdog.log)
                    .anyMatch(line ->
                            line.matches("PURGE /a%2Fb\\?q=%20 - 302( [A-Z].*)? - ContentLength: 2B \\([0-9.]+s\\)")));
        }
    }

    @Test
    void aConnectionIsUsedAgain() throws Exception {
        try (var app = UpstreamApp.echo();
                var watchdog = serve(app)) {
            for (int i = 0; i < 5; i++) {
                assertThat(watchdog.post("/", "same").body()).isEqualTo("same");
            }

            assertThat(app.connections).hasValue(1);
        }
    }

    @Test
    void aConnectionThatTheFunctionClosedMeanwhileCostsNoCall() throws Exception {
        try (var app = new UpstreamApp((head, in, out) -> {
                    UpstreamApp.say(out, "HTTP/1.1 200 OK\nContent-Length: 0\n\n");
                    return false; // and does not say so
                });
                var watchdog = serve(app)) {
            for (int i = 0; i < 20; i++) {
                assertThat(watchdog.get("/").status()).isEqualTo(200);
            }
        }
    }

    @Test
    void bodiesPassBothWaysAsTheyCome() throws Exception {
        try (var app = new UpstreamApp((head, in, out) -> {
                    UpstreamApp.say(out, "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n");
                    for (int i = 0; i < 3; i++) {
                        assertThat(new String(in.readNBytes(6), StandardCharsets.US_ASCII))
                                .isEqualTo("1\r\n" + i + "\r\n");
                        out.write(("2\r\n>" + i + "\r\n").getBytes(StandardCharsets.US_ASCII));
                        out.flush();
                    }
                    out.write("0\r\nX-Sum: 3\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    in.readNBytes(5);
                    return true;
                });
                var watchdog = serve(app);
                var client = watchdog.client()) {
            client.send("POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked", "");
            for (int i = 0; i < 3; i++) {
                client.raw("1\r\n" + i + "\r\n");
                if (i == 0) {
                    assertThat(HttpMessage.head(client.in()).value("Transfer-Encoding"))
                            .isEqualTo("chunked");
                }
                assertThat(new String(client.in().readNBytes(7), StandardCharsets.US_ASCII))
                        .isEqualTo("2\r\n>" + i + "\r\n");
            }
            client.raw("0\r\n\r\n");

            assertThat(new String(client.in().readNBytes(15), StandardCharsets.US_ASCII))
                    .isEqualTo("0\r\nX-Sum: 3\r\n\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource({"buffer_http, true", "http_buffer_req_body, 1"})
    void aBufferedBodyHasALength(String name, String value) throws Exception {
        try (var app = UpstreamApp.echo();
                var watchdog = serve(app, name, value);
                var client = watchdog.client()) {
            client.send("POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");

            assertThat(client.answer().body()).isEqualTo("abcde");
            assertThat(app.requests.get(0).value("Content-Length")).isEqualTo("5");
            assertThat(app.requests.get(0).value("Transfer-Encoding")).isNull();
        }
    }

    @Test
    void aLargeBodyGoesThroughAndComesBack() throws Exception {
        String body = "0123456789abcdef".repeat(200_000);
        try (var app = UpstreamApp.echo();
                var watchdog = serve(app)) {
            assertThat(watchdog.post("/", body).body()).isEqualTo(body);
            assertThat(watchdog.post("/", "after").body()).isEqualTo("after");
        }
    }

    @Test
    void whatTakesTooLongIsTheGatewaysTimeout() throws Exception {
        try (var app = hanging();
                var watchdog = serve(app, "exec_timeout", "300ms")) {
            HttpMessage answer = watchdog.post("/", "x");

            assertThat(answer.status()).isEqualTo(504);
            assertThat(answer.body()).isEmpty();
            assertThat(answer.value("X-OpenFaaS-Internal")).isEqualTo("of-watchdog");
        }
    }

    @ParameterizedTest
    @CsvSource({"200ms, true", "20m, false", "soon, false"})
    void aCallMayAskForLessTime(String asked, boolean early) throws Exception {
        try (var app = hanging();
                var watchdog = serve(app, "exec_timeout", "2s")) {
            long begin = System.nanoTime();
            HttpMessage answer = watchdog.get("/", "X-Timeout: " + asked);
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);

            assertThat(answer.status()).isEqualTo(504);
            if (early) {
                assertThat(watchdog.log).anyMatch(line -> line.contains("within 200ms"));
            } else {
                assertThat(millis).isGreaterThanOrEqualTo(1900);
            }
        }
    }

    @Test
    void anAnswerThatHasBegunAndTakesTooLongIsCutOff() throws Exception {
        try (var app = new UpstreamApp((head, in, out) -> {
                    UpstreamApp.say(out, "HTTP/1.1 200 OK\nContent-Length: 10\n\npart");
                    return in.read() >= 0;
                });
                var watchdog = serve(app, "exec_timeout", "300ms");
                var client = watchdog.client()) {
            client.send("GET / HTTP/1.1\nHost: x", "");

            assertThat(HttpMessage.head(client.in()).status()).isEqualTo(200);
            assertThat(new String(client.in().readAllBytes(), StandardCharsets.US_ASCII))
                    .isEqualTo("part");
        }
    }

    @Test
    void aFunctionThatCannotBeReachedIsAnErrorOfThePlatform() throws Exception {
        try (var watchdog = new WatchdogFixture(folder, "http", "true", "upstream_url", "http://127.0.0.1:" + free())) {
            await().until(() -> !watchdog.ended.isEmpty());

            HttpMessage answer = watchdog.post("/", "x");

            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.body()).isEmpty();
            assertThat(answer.value("X-OpenFaaS-Internal")).isEqualTo("of-watchdog");
        }
    }

    @Test
    void aFunctionThatStillStartsIsWaitedFor() throws Exception {
        int port = free();
        try (var watchdog = new WatchdogFixture(folder, "http", PROCESS, "upstream_url", "http://127.0.0.1:" + port);
                var client = watchdog.client()) {
            client.send("GET / HTTP/1.1\nHost: x", "");
            await().until(() -> watchdog.watchdog().running() == 1);
            try (var server = new ServerSocket(port);
                    var socket = server.accept()) {
                assertThat(HttpMessage.head(socket.getInputStream()).start()).isEqualTo("GET / HTTP/1.1");
                UpstreamApp.say(socket.getOutputStream(), "HTTP/1.1 200 OK\nContent-Length: 2\n\nup");

                assertThat(client.answer().body()).isEqualTo("up");
            }
        }
    }

    @Test
    void noiseIsNoAnswer() throws Exception {
        try (var app = new UpstreamApp((head, in, out) -> {
                    UpstreamApp.say(out, "HELLO\n\n");
                    return false;
                });
                var watchdog = serve(app)) {
            assertThat(watchdog.get("/").status()).isEqualTo(500);
            assertThat(watchdog.log).anyMatch(line -> line.contains("does not answer in HTTP/1"));
        }
    }

    @Test
    void aBodyThatEndsEarlyIsNoRequest() throws Exception {
        try (var app = UpstreamApp.echo();
                var watchdog = serve(app, "read_timeout", "300ms");
                var client = watchdog.client()) {
            client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 99", "part");
            HttpMessage answer = client.answer();

            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.value("X-OpenFaaS-Internal")).isEqualTo("of-watchdog");
        }
    }

    @Test
    void whoeverLeavesIsNotWaitedFor() throws Exception {
        var left = new CountDownLatch(1);
        try (var app = new UpstreamApp((head, in, out) -> {
                    if (in.read() < 0) {
                        left.countDown();
                    }
                    return false;
                });
                var watchdog = serve(app)) {
            try (var client = watchdog.client()) {
                client.send("GET / HTTP/1.1\nHost: x", "");
                await().until(() -> !app.requests.isEmpty());
            }

            assertThat(left.await(30, TimeUnit.SECONDS)).isTrue();
            await().until(() -> watchdog.watchdog().running() == 0);
        }
    }

    @ParameterizedTest
    @CsvSource({"text/event-stream", "'application/json, TEXT/Event-Stream;q=1'", "application/x-ndjson"})
    void aStreamHasNoDuration(String accept) throws Exception {
        try (var app = UpstreamApp.echo();
                var watchdog = serve(app)) {
            HttpMessage answer = watchdog.get("/", "Accept: " + accept);

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.value("X-Duration-Seconds")).isNull();
        }
    }

    @Test
    void anotherProtocolGoesThroughAndOutlivesTheLimitOfACall() throws Exception {
        try (var app = new UpstreamApp((head, in, out) -> {
                    UpstreamApp.say(
                            out, "HTTP/1.1 101 Switching Protocols\nConnection: Upgrade\nUpgrade: websocket\n\n");
                    for (int b = in.read(); b >= 0; b = in.read()) {
                        out.write(b + 1);
                        out.flush();
                    }
                    return false;
                });
                var watchdog = serve(app, "exec_timeout", "500ms");
                var client = watchdog.client()) {
            client.send("GET /ws HTTP/1.1\nHost: x\nConnection: keep-alive, Upgrade\nUpgrade: websocket", "");
            HttpMessage answer = HttpMessage.head(client.in());
            client.raw("a");
            int first = client.in().read();
            await().pollDelay(700, TimeUnit.MILLISECONDS).until(() -> true); // longer than a call may take
            client.raw("b");

            assertThat(answer.status()).isEqualTo(101);
            assertThat(answer.value("Upgrade")).isEqualTo("websocket");
            assertThat(app.requests.get(0).value("Upgrade")).isEqualTo("websocket");
            assertThat(app.requests.get(0).value("Connection")).isEqualTo("Upgrade");
            assertThat(first).isEqualTo('b');
            assertThat(client.in().read()).isEqualTo('c');
            client.endOfOutput();
            assertThat(client.in().read()).isNegative();
        }
    }

    @Test
    void headersOfAConnectionStayOnIt() throws Exception {
        try (var app = UpstreamApp.echo();
                var watchdog = serve(app)) {
            watchdog.get("/", "Connection: X-Secret", "X-Secret: 1", "Keep-Alive: 5", "TE: trailers", "X-Stays: 1");

            assertThat(app.requests.get(0).headers()).containsExactly("Host: test", "X-Stays: 1");
        }
    }

    @Test
    void earlyHintsComeFirst() throws Exception {
        try (var app = new UpstreamApp((head, in, out) -> {
                    UpstreamApp.say(out, "HTTP/1.1 103 Early Hints\nLink: </a>\n\n");
                    UpstreamApp.say(out, "HTTP/1.1 200 OK\nContent-Length: 0\n\n");
                    return true;
                });
                var watchdog = serve(app);
                var client = watchdog.client()) {
            client.send("GET / HTTP/1.1\nHost: x", "");

            HttpMessage hints = HttpMessage.head(client.in());
            assertThat(hints.status()).isEqualTo(103);
            assertThat(hints.value("Link")).isEqualTo("</a>");
            assertThat(client.answer().status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource({"HEAD, 200, 'Content-Length: 5', 5", "GET, 204, 'X-A: 1',", "GET, 304, 'Content-Length: 5', 5"})
    void someAnswersHaveNoBody(String method, int status, String header, String length) throws Exception {
        try (var app = new UpstreamApp((head, in, out) -> {
                    UpstreamApp.say(out, "HTTP/1.1 " + status + " X\n" + header + "\n\n");
                    return true;
                });
                var watchdog = serve(app);
                var client = watchdog.client()) {
            for (int i = 0; i < 2; i++) {
                client.send(method + " / HTTP/1.1\nHost: x", "");
                HttpMessage answer = HttpMessage.head(client.in());
                assertThat(answer.status()).isEqualTo(status);
                assertThat(answer.value("Content-Length")).isEqualTo(length);
            }
            assertThat(app.connections).hasValue(1);
        }
    }

    @Test
    void anAnswerUpToTheEndOfItsConnectionIsChunked() throws Exception {
        try (var app = new UpstreamApp((head, in, out) -> {
                    UpstreamApp.say(out, "HTTP/1.0 200 OK\n\nall of it");
                    return false;
                });
                var watchdog = serve(app)) {
            HttpMessage answer = watchdog.get("/");

            assertThat(answer.value("Transfer-Encoding")).isEqualTo("chunked");
            assertThat(answer.body()).isEqualTo("all of it");
        }
    }

    @Test
    void probesAreNotLogged() throws Exception {
        try (var app = UpstreamApp.echo();
                var watchdog = serve(app)) {
            watchdog.get("/probed", "User-Agent: kube-probe/1.30");
            watchdog.get("/called");

            await().untilAsserted(
                            () -> assertThat(watchdog.log).anyMatch(line -> line.startsWith("GET /called - 200 OK")));
            assertThat(watchdog.log).noneMatch(line -> line.contains("/probed"));
        }
    }

    @Test
    void whatTheFunctionWritesIsLoggedAndItsEndIsTold() throws Exception {
        String command = WatchdogFixture.script(folder, "echo out; echo err >&2; exit 7");
        try (var watchdog = new WatchdogFixture(folder, "http", command, "upstream_url", "http://127.0.0.1:1")) {
            await().untilAsserted(() -> {
                assertThat(watchdog.log)
                        .contains(
                                "Forking: sh, arguments: [function.sh]",
                                "Started logging: stdout from function.",
                                "Started logging: stderr from function.",
                                "stdout: out",
                                "stderr: err");
                assertThat(watchdog.ended).containsExactly(7);
            });
        }
    }

    @Test
    void readinessAsksTheFunction() throws Exception {
        try (var app = UpstreamApp.echo();
                var watchdog = serve(app, "ready_path", "am-i")) {
            HttpMessage ready = watchdog.get("/_/ready");

            assertThat(ready.status()).isEqualTo(200);
            assertThat(ready.value("X-App")).isEqualTo("yes");
            assertThat(app.requests.get(0).start()).isEqualTo("GET /am-i HTTP/1.1");
        }
    }

    private WatchdogFixture serve(UpstreamApp app, String... settings) throws IOException {
        String[] all = new String[settings.length + 2];
        System.arraycopy(settings, 0, all, 2, settings.length);
        all[0] = "upstream_url";
        all[1] = app.url();
        return new WatchdogFixture(folder, "http", PROCESS, all);
    }

    /** Takes requests and does not answer. */
    private static UpstreamApp hanging() throws IOException {
        return new UpstreamApp((head, in, out) -> {
            while (in.read() >= 0) {
                continue;
            }
            return false;
        });
    }

    private static int free() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
