package dev.caravan.watchdog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.testing.HttpMessage;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The modes that start a process for each request, other than the classic one. */
class ForkingModesTest {

    @TempDir
    Path folder;

    /** Contract section 6.3, row by row. */
    @ParameterizedTest
    @CsvSource({
        "serializing, ok, 200, 'in\n', 200",
        "serializing, fails, 500, exit status 3, 200",
        "serializing, hangs, 500, signal: killed, 200",
        "streaming, ok, 200, 'in\n', 200",
        "streaming, fails, 200, 'part\n', 500",
        "streaming, hangs, 200, 'part\n', 500"
    })
    void aResultIsTheOneOfItsMode(String mode, String what, int status, String body, int logged) throws Exception {
        String command = WatchdogFixture.script(
                folder,
                switch (what) {
                    case "ok" -> "cat";
                    case "fails" -> "echo part; exit 3";
                    default -> "echo part; exec sleep 60";
                });
        try (var watchdog = new WatchdogFixture(folder, mode, command, "exec_timeout", "500ms")) {
            HttpMessage answer = watchdog.post("/a?b=c", "in\n");

            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.body()).isEqualTo(body);
            assertThat(answer.value("X-Duration-Seconds") != null)
                    .isEqualTo(mode.equals("serializing") && what.equals("ok"));
            await().untilAsserted(() -> assertThat(watchdog.log)
                    .anyMatch(line ->
                            line.matches("POST /a\\?b=c - " + logged + " - ContentLength: [0-9]+B \\([0-9.]+s\\)")));
        }
    }

    @ParameterizedTest
    @CsvSource({"serializing, 500", "streaming, 200"})
    void aProgramThatIsNotThereIsAnsweredAsItsModeDoes(String mode, int status) throws Exception {
        try (var watchdog = new WatchdogFixture(folder, mode, "no-such-program")) {
            HttpMessage answer = watchdog.post("/", "");

            assertThat(answer.status()).isEqualTo(status);
            assertThat(watchdog.log).anyMatch(line -> line.startsWith("cannot start \"no-such-program\""));
        }
    }

    @Test
    void outputIsPassedOnAsItComes() throws Exception {
        String command = WatchdogFixture.script(folder, "echo first; read line; echo $line");
        try (var watchdog = new WatchdogFixture(folder, "streaming", command);
                var client = watchdog.client()) {
            client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 4", "");
            HttpMessage head = HttpMessage.head(client.in());
            String chunk = new String(client.in().readNBytes(11), StandardCharsets.US_ASCII);
            client.raw("end\n");
            String rest = new String(client.in().readNBytes(14), StandardCharsets.US_ASCII);

            assertThat(head.value("Transfer-Encoding")).isEqualTo("chunked");
            assertThat(head.value("Content-Type")).isEqualTo("application/octet-stream");
            assertThat(chunk).isEqualTo("6\r\nfirst\n\r\n");
            assertThat(rest).isEqualTo("4\r\nend\n\r\n0\r\n\r\n");
        }
    }

    @Test
    void aClientThatLeavesAStreamEndsItsProcess() throws Exception {
        String command = WatchdogFixture.script(folder, "echo $$ > pid; echo begun; exec sleep 300");
        try (var watchdog = new WatchdogFixture(folder, "streaming", command, "exec_timeout", "0")) {
            try (var client = watchdog.client()) {
                client.send("GET / HTTP/1.1\nHost: x", "");
                assertThat(HttpMessage.head(client.in()).status()).isEqualTo(200);
            }
            long pid = watchdog.pid("pid");

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> ProcessHandle.of(pid).isEmpty());
        }
    }

    @Test
    void errorsGoToTheLogAndNeverIntoTheAnswer() throws Exception {
        String command = WatchdogFixture.script(folder, "echo out; echo oops >&2");
        try (var watchdog = new WatchdogFixture(folder, "serializing", command, "combine_output", "true")) {
            assertThat(watchdog.post("/", "").body()).isEqualTo("out\n");
            await().untilAsserted(() -> assertThat(watchdog.log).contains("stderr: oops"));
        }
    }

    @ParameterizedTest
    @CsvSource({"true, 4, 'stderr: abcd…'", "1, 65536, 'stderr: abcdef'", "false, -1, abcdef", "no, 100, abcdef"})
    void linesHaveThePrefixAndTheLengthThatIsSet(String prefix, String size, String expected) throws Exception {
        String command = WatchdogFixture.script(folder, "echo abcdef >&2; echo next >&2");
        try (var watchdog =
                new WatchdogFixture(folder, "streaming", command, "prefix_logs", prefix, "log_buffer_size", size)) {
            watchdog.post("/", "");

            await().untilAsserted(() -> assertThat(watchdog.log)
                    .contains(expected)
                    .anyMatch(line -> line.endsWith("next"))); // a line that is too long ends nothing
        }
    }

    @Test
    void theCallIdIsLoggedWhenAskedFor() throws Exception {
        try (var watchdog = new WatchdogFixture(folder, "streaming", "cat", "log_callid", "1")) {
            watchdog.post("/", "", "x-call-id: 4711");

            await().untilAsserted(() -> assertThat(watchdog.log).anyMatch(line -> line.endsWith("s) [4711]")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"streaming", "serializing"})
    void anyMethodIsARequestAndTheEnvironmentTellsIt(String mode) throws Exception {
        try (var watchdog = new WatchdogFixture(folder, mode, "env", "cgi_headers", "false")) {
            HttpMessage answer = options(watchdog);

            assertThat(answer.body().lines())
                    .contains("Http_Method=OPTIONS", "Http_Path=/x", "Http_Query=y=1", "Http_X_Call_Id=7")
                    .noneMatch(line -> line.startsWith("Http_ContentLength"));
        }
    }

    private static HttpMessage options(WatchdogFixture watchdog) throws IOException {
        try (var client = watchdog.client()) {
            client.send("OPTIONS /x?y=1 HTTP/1.1\nHost: x\nX-Call-Id: 7", "");
            return client.answer();
        }
    }

    @Test
    void oneCallTooManyIsRefusedAndReadinessSaysSoBefore() throws Exception {
        String command = WatchdogFixture.script(folder, "echo x > started; read line; echo $line");
        try (var watchdog = new WatchdogFixture(folder, "streaming", command, "max_inflight", "1");
                var client = watchdog.client()) {
            assertThat(watchdog.get("/_/ready").status()).isEqualTo(200);
            client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 3", "");
            await().until(() -> watchdog.hasFile("started"));

            HttpMessage refused = watchdog.post("/", "x");

            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.body()).isEqualTo("Concurrent request limit exceeded. Max concurrent requests: 1\n");
            assertThat(refused.value("X-OpenFaaS-Internal")).isEqualTo("faas-middleware");
            assertThat(refused.value("Content-Type")).startsWith("text/plain");
            assertThat(watchdog.get("/_/ready").status()).isEqualTo(429);
            assertThat(watchdog.get("/_/health").status()).isEqualTo(200);
            client.raw("ok\n");
            assertThat(client.answer().body()).isEqualTo("ok\n");
            await().untilAsserted(
                            () -> assertThat(watchdog.get("/_/ready").status()).isEqualTo(200));
        }
    }

    @Test
    void readinessAsksTheFunctionWhenItHasAPathForThat() throws Exception {
        String command = WatchdogFixture.script(folder, "echo $Http_Path; exit $(cat status)");
        Files.writeString(folder.resolve("status"), "0");
        try (var watchdog = new WatchdogFixture(folder, "serializing", command, "ready_path", "/am-i")) {
            HttpMessage ready = watchdog.get("/_/ready");
            Files.writeString(folder.resolve("status"), "1");
            HttpMessage unready = watchdog.get("/_/ready");
            watchdog.healthy.set(false);
            HttpMessage unhealthy = watchdog.get("/_/ready");

            assertThat(ready.status()).isEqualTo(200);
            assertThat(ready.body()).isEqualTo("/am-i\n");
            assertThat(unready.status()).isEqualTo(500);
            assertThat(unhealthy.status()).isEqualTo(503);
        }
    }

    @Test
    void healthIsWhatItIsTold() throws Exception {
        try (var watchdog = new WatchdogFixture(folder, "streaming", "cat")) {
            assertThat(watchdog.get("/_/health").status()).isEqualTo(200);
            assertThat(watchdog.post("/_/health", "").status()).isEqualTo(405);
            watchdog.healthy.set(false);
            assertThat(watchdog.get("/_/health").status()).isEqualTo(503);
        }
    }

    @Test
    void aBodyThatEndsEarlyIsNoRequest() throws Exception {
        String command = WatchdogFixture.script(folder, "echo $$ > pid; cat > /dev/null; exec sleep 300");
        try (var watchdog = new WatchdogFixture(folder, "serializing", command, "read_timeout", "300ms");
                var client = watchdog.client()) {
            client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 99", "part");

            assertThat(client.answer().status()).isEqualTo(500);
            long pid = watchdog.pid("pid");
            await().until(() -> ProcessHandle.of(pid).isEmpty());
        }
    }

    @Test
    void requestsAreMeasured() throws Exception {
        try (var watchdog = new WatchdogFixture(folder, "serializing", "cat")) {
            watchdog.post("/", "");
            watchdog.get("/_/health");

            await().untilAsserted(() -> assertThat(watchdog.metrics.text().lines())
                    .contains(
                            "http_requests_total{code=\"200\",method=\"post\"} 1",
                            "http_request_duration_seconds_count{code=\"200\",method=\"post\"} 1",
                            "http_request_duration_seconds_bucket{code=\"200\",method=\"post\",le=\"+Inf\"} 1",
                            "http_requests_in_flight 0")
                    .anyMatch(line -> line.matches(
                            "http_request_duration_seconds_bucket\\{code=\"200\",method=\"post\",le=\"0.005\"} [01]"))
                    .noneMatch(line -> line.contains("method=\"get\"")));
        }
    }

    /** Two answers must never come for what one server takes for one request and another for two. */
    @ParameterizedTest
    @CsvSource({
        "'GET / HTTP/1.1\n', 400",
        "'GET / HTTP/1.1\nHost: a\nHost: b\n', 400",
        "'GET / HTTP/2.0\nHost: a\n', 505",
        "'GET  / HTTP/1.1\nHost: a\n', 400",
        "'GET a HTTP/1.1\nHost: a\n', 400",
        "'GET /a\rX:b HTTP/1.1\nHost: a\n', 400",
        "'G(T / HTTP/1.1\nHost: a\n', 400",
        "'POST / HTTP/1.1\nHost: a\nContent-Length: 1\nContent-Length: 2\n', 400",
        "'POST / HTTP/1.1\nHost: a\nContent-Length: +1\n', 400",
        "'POST / HTTP/1.1\nHost: a\nContent-Length: 1\nTransfer-Encoding: chunked\n', 400",
        "'POST / HTTP/1.1\nHost: a\nTransfer-Encoding: gzip\n', 501",
        "'GET / HTTP/1.1\nHost: a\nX : 1\n', 400",
        "'GET / HTTP/1.1\nHost: a\n folded\n', 400"
    })
    void whatIsNoClearRequestIsRefusedAndItsConnectionClosed(String head, int status) throws Exception {
        try (var watchdog = new WatchdogFixture(folder, "streaming", "cat");
                var client = watchdog.client()) {
            client.raw(head.replace("\n", "\r\n") + "\r\n" + "GET / HTTP/1.1\r\nHost: a\r\n\r\n");

            HttpMessage answer = client.answer();

            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.value("Connection")).isEqualTo("close");
            assertThat(client.in().read()).isNegative();
            assertThat(watchdog.log).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"x\r\n", "-1\r\n", "2\r\nabcdef\r\n0\r\n\r\n"})
    void chunksThatAreNoneEndTheCall(String chunks) throws Exception {
        try (var watchdog = new WatchdogFixture(folder, "serializing", "cat");
                var client = watchdog.client()) {
            client.send("POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked", chunks);

            assertThat(client.answer().status()).isEqualTo(500);
        }
    }

    @Test
    void aHeaderWithoutEndIsRefused() throws Exception {
        try (var watchdog = new WatchdogFixture(folder, "streaming", "cat");
                var client = watchdog.client()) {
            client.raw("GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(1024 * 1024));

            assertThat(client.answer().status()).isEqualTo(431);
        }
    }

    @Test
    void requestsFollowOneAnotherOnAConnection() throws Exception {
        try (var watchdog = new WatchdogFixture(folder, "serializing", "cat");
                var client = watchdog.client()) {
            String one = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none";
            String two =
                    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\ntwo\r\n0\r\nT: r\r\n\r\n";
            client.raw(one + two + "HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.0\r\n\r\n");

            assertThat(client.answer().body()).isEqualTo("one");
            assertThat(client.answer().body()).isEqualTo("two");
            assertThat(HttpMessage.head(client.in()).value("Content-Length")).isEqualTo("0");
            assertThat(client.answer().value("Connection")).isEqualTo("close");
            assertThat(client.in().read()).isNegative();
        }
    }

    @Test
    void whoeverAsksBeforeItSendsIsToldToGoOn() throws Exception {
        try (var watchdog = new WatchdogFixture(folder, "serializing", "cat");
                var client = watchdog.client()) {
            client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 3\nExpect: 100-continue", "");
            HttpMessage interim = HttpMessage.head(client.in());
            client.raw("abc");

            assertThat(interim.status()).isEqualTo(100);
            assertThat(client.answer().body()).isEqualTo("abc");
        }
    }

    @Test
    void whoeverSpeaksTheOldProtocolGetsItsStreamUpToTheEnd() throws Exception {
        try (var watchdog = new WatchdogFixture(folder, "streaming", "echo hello");
                Socket socket = new Socket("127.0.0.1", watchdog.port())) {
            socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);

            assertThat(answer).endsWith("\r\n\r\nhello\n").doesNotContain("chunked");
        }
    }

    @Test
    void whoHasHadItsAnswerMaySendTheRestOrNot() throws Exception {
        try (var watchdog = new WatchdogFixture(folder, "serializing", "true", "max_inflight", "1", "ready_path", "");
                var client = watchdog.client()) {
            client.send("POST /_/health HTTP/1.1\nHost: x\nContent-Length: 5", "");
            HttpMessage first = client.answer();

            assertThat(first.status()).isEqualTo(405);
            assertThat(client.in().read()).isNegative(); // it was waited for, for a moment
        }
    }
}
