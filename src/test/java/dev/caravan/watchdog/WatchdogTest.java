package dev.caravan.watchdog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.testing.RawClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WatchdogTest {

    @TempDir
    Path folder;

    private final List<String> log = new CopyOnWriteArrayList<>();
    private final List<Watchdog> watchdogs = new ArrayList<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @AfterEach
    void close() {
        watchdogs.forEach(Watchdog::close);
    }

    @Test
    void theBodyIsTheInputAndTheOutputIsTheAnswer() throws Exception {
        URI cat = serve("cat", Map.of());

        HttpResponse<String> response = post(cat, "good day", "Content-Type", "text/csv");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("good day");
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/csv");
        assertThat(response.headers().firstValue("X-Duration-Seconds").orElseThrow())
                .matches("[0-9]+\\.[0-9]{6}");
        assertThat(log).contains("Forking fprocess.");
        await().untilAsserted(() -> assertThat(log).anyMatch(line -> line.startsWith("Wrote 8 Bytes - Duration: ")));
    }

    @Test
    void aLargeBodyGoesThroughWhileItIsAnswered() throws Exception {
        URI cat = serve("cat", Map.of());
        byte[] body = new byte[8 * 1024 * 1024];
        for (int i = 0; i < body.length; i++) {
            body[i] = (byte) (i * 31 >> 8);
        }

        HttpResponse<byte[]> known =
                http.send(request(cat).POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofByteArray());
        HttpResponse<byte[]> chunked = http.send(
                request(cat)
                        .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
                        .build(),
                BodyHandlers.ofByteArray());

        assertThat(known.body()).isEqualTo(body);
        assertThat(chunked.body()).isEqualTo(body);
        assertThat(known.headers().firstValue("Content-Type")).hasValue("application/octet-stream");
    }

    @Test
    void aFunctionThatStopsReadingEarlyStillAnswers() throws Exception {
        URI head = serve("head -c 5", Map.of());
        byte[] body = "0123456789".repeat(800_000).getBytes(StandardCharsets.US_ASCII);

        HttpResponse<String> response =
                http.send(request(head).POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("01234");
    }

    @Test
    void aFailureTellsItsExitStatusAndItsOutput() throws Exception {
        URI failing = serve("sh " + script("echo out; echo err >&2; exit 3"), Map.of());

        HttpResponse<String> response = post(failing, "");

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.body()).isEqualTo("exit status 3\nout\nerr\n");
        assertThat(response.headers().firstValue("X-Duration-Seconds")).isEmpty();
        assertThat(response.headers().firstValue("X-OpenFaaS-Internal")).isEmpty();
    }

    @Test
    void errorsGoToTheLogWhenOutputIsNotCombined() throws Exception {
        URI function = serve("sh " + script("echo out; echo err >&2"), Map.of("combine_output", "false"));

        HttpResponse<String> response = post(function, "");

        assertThat(response.body()).isEqualTo("out\n");
        await().untilAsserted(() -> assertThat(log).contains("stderr: err"));
    }

    @Test
    void aFunctionThatTakesTooLongIsEnded() throws Exception {
        URI slow = serve("sleep 60", Map.of("exec_timeout", "200ms"));

        HttpResponse<String> response = post(slow, "");

        assertThat(response.statusCode()).isEqualTo(408);
        assertThat(response.body().strip()).isEqualTo("Killed process.");
    }

    @Test
    void aChildThatKeepsTheOutputOpenDoesNotKeepTheAnswer() throws Exception {
        URI function = serve("sh " + script("echo done; sleep 300 &"), Map.of());

        HttpResponse<String> response = post(function, "");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("done\n");
    }

    @Test
    void oneCallTooManyIsRefusedAndTheNextIsNot() throws Exception {
        URI function = serve("sh " + script("touch started; read line; echo $line"), Map.of("max_inflight", "1"));
        try (Socket socket = new Socket(function.getHost(), function.getPort())) {
            socket.getOutputStream().write(ascii("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n"));
            await().until(() -> Files.exists(folder.resolve("started")));

            HttpResponse<String> refused = post(function, "x\n");
            socket.getOutputStream().write(ascii("ok\n"));
            String status = readLine(socket.getInputStream());

            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.body()).isEqualTo("Concurrent request limit exceeded. Max concurrent requests: 1\n");
            assertThat(refused.headers().firstValue("X-OpenFaaS-Internal")).hasValue("faas-middleware");
            assertThat(status).isEqualTo("HTTP/1.1 200 OK");
        }
        await().untilAsserted(() -> assertThat(post(function, "again\n").body()).isEqualTo("again\n"));
    }

    @Test
    void aClientThatGoesAwayWhileItSendsEndsTheProcess() throws Exception {
        URI function = serve("sh " + script("echo $$ > pid; cat > /dev/null; sleep 300"), Map.of());
        try (Socket socket = new Socket(function.getHost(), function.getPort())) {
            socket.getOutputStream().write(ascii("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\npart"));
            await().until(() -> Files.exists(folder.resolve("pid"))
                    && !Files.readString(folder.resolve("pid")).isBlank());
        }

        long pid = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
        await().until(() -> ProcessHandle.of(pid).isEmpty());
    }

    @Test
    void aClientThatGoesAwayWhileItWaitsEndsTheProcess() throws Exception {
        URI function = serve("sh " + script("echo $$ > pid; sleep 300"), Map.of());
        try (Socket socket = new Socket(function.getHost(), function.getPort())) {
            socket.getOutputStream().write(ascii("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"));
            await().until(() -> Files.exists(folder.resolve("pid"))
                    && !Files.readString(folder.resolve("pid")).isBlank());
        }

        long pid = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
        await().atMost(Duration.ofSeconds(30)).until(() -> ProcessHandle.of(pid).isEmpty());
        await().untilAsserted(() -> assertThat(watchdogs.get(0).running()).isZero());
    }

    @Test
    void aClientThatWaitsGetsItsAnswerHoweverOftenItIsLookedFor() throws Exception {
        URI function = serve("sh " + script("sleep 3; echo done"), Map.of());

        HttpResponse<String> response = post(function, "");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("done\n");
    }

    @Test
    void aRequestThatTheEnvironmentCannotHoldIsOurFailureInOneLine() throws Exception {
        URI function = serve("cat", Map.of());

        HttpResponse<String> response = post(function, "", "X-Long", "x".repeat(200_000));

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.headers().firstValue("X-OpenFaaS-Internal")).hasValue("watchdog");
        assertThat(response.body())
                .startsWith("cannot start \"cat\": ")
                .doesNotContain(folder.toString())
                .hasLineCount(1);
    }

    @Test
    void healthIsGetOnly() throws Exception {
        URI function = serve("cat", Map.of());

        HttpResponse<String> healthy =
                http.send(request(function.resolve("/_/health")).build(), BodyHandlers.ofString());
        HttpResponse<String> posted = post(function.resolve("/_/health"), "");

        assertThat(healthy.statusCode()).isEqualTo(200);
        assertThat(healthy.body()).isEqualTo("OK");
        assertThat(posted.statusCode()).isEqualTo(405);
        assertThat(log).isEmpty();
    }

    @Test
    void methodsThatTheClassicWatchdogDoesNotKnowAreRefused() throws Exception {
        URI function = serve("cat", Map.of());

        for (String method : List.of("HEAD", "OPTIONS", "TRACE", "BREW")) {
            HttpRequest request =
                    request(function).method(method, BodyPublishers.noBody()).build();
            assertThat(http.send(request, BodyHandlers.discarding()).statusCode())
                    .as(method)
                    .isEqualTo(405);
        }
        assertThat(log).isEmpty();
    }

    @Test
    void headersAreVariablesAndCannotPassForTheRequest() throws Exception {
        URI function = serve("env", Map.of());
        try (Socket socket = new Socket(function.getHost(), function.getPort())) {
            socket.getOutputStream()
                    .write(ascii("GET /a%20b/c?q=1%202 HTTP/1.1\r\nHost: example\r\nx-call-id: 1\r\nX-Call-Id: 2\r\n"
                            + "Path: /forged\r\nQuery: forged\r\nConnection: close\r\n\r\n"));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(answer.lines())
                    .contains(
                            "Http_X_Call_Id=1",
                            "Http_Host=example",
                            "Http_Method=GET",
                            "Http_Path=/a b/c",
                            "Http_Query=q=1%202",
                            "Http_ContentLength=0",
                            "Http_Content_Length=0")
                    .doesNotContain("Http_Path=/forged", "Http_Query=forged");
        }
    }

    @Test
    void aChunkedRequestHasNoLength() throws Exception {
        URI function = serve("env", Map.of());

        HttpResponse<String> response = http.send(
                request(function)
                        .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[10])))
                        .build(),
                BodyHandlers.ofString());

        assertThat(response.body().lines())
                .contains("Http_Content_Length=-1", "Http_ContentLength=-1", "Http_Transfer_Encoding=chunked");
    }

    @ParameterizedTest
    @CsvSource({
        "cat, 200, stdin",
        "false, 500, exit status 1",
        "no-such-program, 500, cannot start",
        "sleep 60, 408, Killed process."
    })
    void aResultIsTheOneOfTheClassicWatchdog(String command, int status, String start) throws Exception {
        URI function = serve(command, Map.of("exec_timeout", command.startsWith("sleep") ? "200ms" : "0"));

        HttpResponse<String> response = post(function, "stdin");

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).startsWith(start);
        assertThat(response.headers().firstValue("X-Duration-Seconds").isPresent())
                .isEqualTo(status == 200);
    }

    @Test
    void aMarshalledRequestIsJson() throws Exception {
        URI function = serve("cat", Map.of("marshal_request", "true"));

        HttpResponse<String> response = post(function, "a\0b", "X-Quoted", "say \"hi\" \\\\");
        HttpResponse<String> empty = http.send(request(function).GET().build(), BodyHandlers.ofString());

        JsonNode request = new ObjectMapper().readTree(response.body());
        assertThat(request.at("/body/raw").binaryValue()).containsExactly('a', 0, 'b');
        assertThat(request.at("/header/X-Quoted/0").asText()).isEqualTo("say \"hi\" \\\\");
        assertThat(request.at("/header/Content-Length/0").asText()).isEqualTo("3");
        assertThat(new ObjectMapper().readTree(empty.body()).at("/body/raw").asText())
                .isEmpty();
    }

    @Test
    void headersAndOutputAreLoggedWhenAskedForButNoKeys() throws Exception {
        URI function = serve("cat", Map.of("debug_headers", "true", "write_debug", "true"));

        post(function, "shown", "X-Seen", "yes", "Authorization", "Basic c2VjcmV0");

        await().untilAsserted(() -> assertThat(log)
                .contains("Header: X-Seen: yes", "Header: Authorization: ***", "Out: shown")
                .anyMatch(line -> line.matches("Duration: [0-9.]+ seconds"))
                .noneMatch(line -> line.startsWith("Wrote")));
    }

    @Test
    void thereIsNoReadinessOfItsOwn() throws Exception {
        URI function = serve("env", Map.of());

        HttpResponse<String> response =
                http.send(request(function.resolve("/_/ready")).build(), BodyHandlers.ofString());

        assertThat(response.body().lines()).contains("Http_Path=/_/ready");
    }

    @Test
    void aClientThatStopsSendingIsAnsweredAndItsProcessEnded() throws Exception {
        URI function = serve("sh " + script("echo $$ > pid; cat; sleep 300"), Map.of("read_timeout", "300ms"));
        try (var client = new RawClient(function.getPort())) {
            client.raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\npart");

            assertThat(client.answer().status()).isEqualTo(400);
        }
    }

    @Test
    void aClientThatDoesNotTakeItsAnswerIsCutOff() throws Exception {
        URI function = serve("head -c 100000000 /dev/zero", Map.of("write_timeout", "200ms"));
        try (Socket socket = new Socket(function.getHost(), function.getPort())) {
            socket.getOutputStream().write(ascii("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));

            await().atMost(Duration.ofSeconds(60))
                    .until(() -> watchdogs.get(0).running() == 0 && log.contains("Forking fprocess."));
        }
    }

    @Test
    void cgiHeadersCanBeSwitchedOff() throws Exception {
        URI function = serve("env", Map.of("cgi_headers", "false"));

        assertThat(post(function, "x").body()).doesNotContain("Http_");
    }

    @Test
    void contentTypeIsWhatTheSettingSays() throws Exception {
        URI function = serve("cat", Map.of("content_type", "application/json"));

        assertThat(post(function, "{}", "Content-Type", "text/plain").headers().firstValue("Content-Type"))
                .hasValue("application/json");
    }

    @Test
    void anEmptyAnswerIsAnAnswer() throws Exception {
        URI function = serve("true", Map.of());

        HttpResponse<String> response = post(function, "ignored");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEmpty();
    }

    @Test
    void closingEndsTheCallsThatRun() throws Exception {
        URI function = serve("sh " + script("echo $$ > pid; exec sleep 300"), Map.of());
        CompletableFuture<HttpResponse<String>> call =
                http.sendAsync(request(function).build(), BodyHandlers.ofString());
        await().until(() -> Files.exists(folder.resolve("pid"))
                && !Files.readString(folder.resolve("pid")).isBlank());
        long pid = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
        assertThat(watchdogs.get(0).running()).isEqualTo(1);
        assertThat(watchdogs.get(0).awaitIdle(Duration.ofMillis(10))).isFalse();

        watchdogs.get(0).close();

        await().until(() -> ProcessHandle.of(pid).isEmpty());
        await().until(call::isDone);
        assertThat(watchdogs.get(0).awaitIdle(Duration.ofSeconds(5))).isTrue();
    }

    private URI serve(String command, Map<String, String> settings) throws IOException {
        Map<String, String> environment = BaseEnvironment.inherited();
        environment.putAll(settings);
        environment.put("fprocess", command);
        Watchdog watchdog = new Watchdog(environment, folder, log::add);
        watchdogs.add(watchdog);
        return watchdog.start(0);
    }

    private String script(String text) throws IOException {
        Files.writeString(folder.resolve("function.sh"), text);
        return "function.sh";
    }

    private HttpResponse<String> post(URI function, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = request(function).POST(BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(URI function) {
        return HttpRequest.newBuilder(function).timeout(Duration.ofSeconds(30));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String readLine(InputStream input) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = input.read(); b >= 0 && b != '\r'; b = input.read()) {
            line.append((char) b);
        }
        return line.toString();
    }
}
