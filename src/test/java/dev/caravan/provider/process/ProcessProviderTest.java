package dev.caravan.provider.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.ScaleLabels;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.FunctionProviderContract;
import dev.caravan.provider.LogQuery;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.ProviderException.Code;
import dev.caravan.testing.Deployments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

class ProcessProviderTest extends FunctionProviderContract {

    @TempDir
    Path data;

    @TempDir
    Path folder;

    private ProcessProvider provider;

    @BeforeEach
    void writeAnswer() {
        script("answer.sh", "sleep 0.02; echo \"$text\"");
        script("reveal.sh", "base64 \"$SECRETS_PATH/$secret\"");
    }

    @BeforeEach
    void start() {
        provider = new ProcessProvider(data, folder, "test", InstantSource.system());
        provider.start();
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    @Override
    protected FunctionProvider provider() {
        return provider;
    }

    @Override
    protected FunctionProvider restart() {
        stop();
        start();
        return provider;
    }

    @Override
    protected FunctionDeployment answering(String name, String namespace, String text) {
        return Deployments.running(name, namespace, "sh answer.sh", Map.of("text", text));
    }

    @Override
    protected FunctionDeployment revealing(String name, String namespace, String secret) {
        return Deployments.asking(
                Deployments.running(name, namespace, "sh reveal.sh", Map.of("secret", secret)), List.of(secret));
    }

    @Test
    void withoutACommandItSaysWhatToDo() {
        ProviderException refusal =
                refusal(() -> provider.deploy(Deployments.running("image-only", NAMESPACE, null, Map.of())));

        assertThat(refusal.code()).isEqualTo(Code.INVALID);
        assertThat(refusal).hasMessage("cannot run image \"example/image-only:1\": set envProcess or use docker");
    }

    @ParameterizedTest
    @CsvSource({"classic, text/plain", "serializing, application/octet-stream", "streaming, application/octet-stream"})
    void theModesOfTheWatchdogAreServed(String mode, String contentType) throws Exception {
        provider.deploy(Deployments.running("modal", NAMESPACE, "echo hello", Map.of("mode", mode)));

        try (RawCall call =
                RawCall.get(provider.replicas(name("modal")).orElseThrow().get(0))) {
            assertThat(call.readHead()).startsWith("HTTP/1.1 200 ").contains("Content-Type: " + contentType);
        }
    }

    @Test
    void aFolderOfFilesNeedsNoCommand() throws Exception {
        provider.deploy(Deployments.running(
                "files", NAMESPACE, null, Map.of("mode", "static", "static_path", "/no-such-folder")));

        try (RawCall call =
                RawCall.get(provider.replicas(name("files")).orElseThrow().get(0))) {
            assertThat(call.readHead()).startsWith("HTTP/1.1 404 ");
        }
    }

    @Test
    void aModeThatProcessesDoNotKnowIsInvalid() {
        ProviderException refusal = refusal(
                () -> provider.deploy(Deployments.running("streamer", NAMESPACE, "cat", Map.of("mode", "afterburn"))));

        assertThat(refusal.code()).isEqualTo(Code.INVALID);
        assertThat(refusal).hasMessageContaining("\"afterburn\"").hasMessageContaining("classic, streaming");
    }

    @Test
    void aScaleLabelThatMakesNoSenseIsSaidOnceAndItsDefaultApplies() {
        var log = (Logger) LoggerFactory.getLogger(ProcessDeployment.class);
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        log.addAppender(lines);
        FunctionDeployment plain = Deployments.running("vague", NAMESPACE, "cat", Map.of());
        try {
            provider.deploy(Deployments.labelled(plain, Map.of(ScaleLabels.MIN, "many")));
            provider.scale(name("vague"), 2);
            provider.scale(name("vague"), 1);
        } finally {
            log.detachAppender(lines);
        }

        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .filteredOn(line -> line.contains("vague") && line.contains("label"))
                .containsExactly("scale label ignored, its default applies function=vague.openfaas-fn"
                        + " label=com.openfaas.scale.min value=many");
        assertThat(status("vague").replicas()).isEqualTo(1);
    }

    @Test
    void aFunctionSeesItsOwnEnvironmentAndNothingElseOfOurs() throws Exception {
        provider.deploy(
                Deployments.running("naked", NAMESPACE, "env", Map.of("cgi_headers", "false", "colour", "green")));

        Map<String, String> seen = Arrays.stream(call("naked").body().split("\n"))
                .map(line -> line.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));

        assertThat(seen)
                .containsOnlyKeys(
                        "PATH",
                        "HOME",
                        "LANG",
                        "TMPDIR",
                        "colour",
                        "cgi_headers",
                        "fprocess",
                        "OPENFAAS_NAME",
                        "OPENFAAS_NAMESPACE",
                        "CARAVAN_OWNER");
        assertThat(seen)
                .containsEntry("colour", "green")
                .containsEntry("fprocess", "env")
                .containsEntry("OPENFAAS_NAME", "naked")
                .containsEntry("OPENFAAS_NAMESPACE", NAMESPACE);
        assertThat(seen.get("CARAVAN_OWNER"))
                .matches("[0-9a-f-]{36}:" + ProcessHandle.current().pid() + ":[0-9]+");
    }

    @Test
    void aCallThatHangsIsEndedWithEverythingItStarted() throws Exception {
        Path pids = folder.resolve("pids");
        String script = script("hang.sh", """
                sh -c 'echo $$ >> pids; sleep 300 & echo $! >> pids; wait' &
                echo $! >> pids
                wait
                """);
        provider.deploy(Deployments.running("hang", NAMESPACE, "sh " + script, Map.of("exec_timeout", "500ms")));

        HttpResponse<String> response = call("hang");

        assertThat(response.statusCode()).isEqualTo(408);
        assertThat(response.body()).startsWith("Killed process.");
        assertThat(Files.readAllLines(pids)).hasSize(3);
        await().atMost(Duration.ofSeconds(5))
                .until(() -> Files.readAllLines(pids).stream().noneMatch(ProcessProviderTest::lives));
    }

    @Test
    void aMissingCommandIsOurFailureInOneLine() throws Exception {
        provider.deploy(Deployments.running("missing", NAMESPACE, "no-such-program --flag", Map.of()));

        HttpResponse<String> response = call("missing");

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.headers().firstValue("X-OpenFaaS-Internal")).hasValue("watchdog");
        assertThat(response.body().strip()).contains("\"no-such-program\"").hasLineCount(1);
    }

    @Test
    void oneHundredMegabytesOfAnswerDoNotLiveInTheHeap() throws Exception {
        provider.deploy(Deployments.running("big", NAMESPACE, "head -c 104857600 /dev/zero", Map.of()));
        try (RawCall warmUp =
                RawCall.get(provider.replicas(name("big")).orElseThrow().get(0))) {
            warmUp.readHead();
        }
        long before = usedHeap();

        try (RawCall call =
                RawCall.get(provider.replicas(name("big")).orElseThrow().get(0))) {
            String head = call.readHead(); // the whole answer is kept by now: its length is known
            long during = usedHeap();
            long bytes = call.countBody();

            assertThat(head).startsWith("HTTP/1.1 200").containsIgnoringCase("Content-Length: 104857600");
            assertThat(bytes).isEqualTo(104_857_600);
            assertThat(during - before).isLessThan(16 * 1024 * 1024);
        }
    }

    @Test
    void anHttpFunctionThatCrashesLeavesTheReplicasAndComesBack() throws Exception {
        TestTools.require("python3");
        provider.deploy(Deployments.running(
                "server", NAMESPACE, "python3 " + script("server.py", """
                import os, sys
                from http.server import BaseHTTPRequestHandler, HTTPServer
                class Handler(BaseHTTPRequestHandler):
                    def do_GET(self):
                        if self.path == "/crash":
                            os._exit(3)
                        self.send_response(200)
                        self.end_headers()
                        self.wfile.write(str(os.getpid()).encode())
                HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
                """), Map.of("mode", "http")));
        awaitReady("server", 1);
        String first = call("server").body();

        assertThat(crash()).isEmpty();

        awaitReady("server", 0);
        assertThat(status("server").replicas()).isEqualTo(1);
        assertThat(status("server").availableReplicas()).isZero();
        awaitReady("server", 1);
        assertThat(call("server").body()).isNotEqualTo(first);
        assertThat(crash()).isEmpty();
        awaitReady("server", 0);
        awaitReady("server", 1);
        assertThat(logs("server", LogQuery.ALL))
                .extracting(FunctionProvider.LogLine::text)
                .containsSubsequence(
                        "ended by itself, exit status 3",
                        "starts again in 100 ms",
                        "ended by itself, exit status 3",
                        "starts again in 200 ms");
    }

    @Test
    void anHttpFunctionThatCannotStartIsTriedAgainMoreAndMoreSlowly() {
        provider.deploy(Deployments.running("broken", NAMESPACE, "sh -c exit", Map.of("mode", "http")));

        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(logs("broken", LogQuery.ALL))
                        .extracting(FunctionProvider.LogLine::text)
                        .contains("starts again in 100 ms", "starts again in 200 ms", "starts again in 400 ms"));
        assertThat(provider.replicas(name("broken"))).hasValue(List.of());
    }

    @Test
    void closingLeavesNoProcessBehind() throws Exception {
        TestTools.require("python3");
        provider.deploy(Deployments.running(
                "ending",
                NAMESPACE,
                "python3 -m http.server --bind 127.0.0.1 0",
                Map.of("mode", "http", "PYTHONUNBUFFERED", "1")));
        provider.deploy(answering("other", NAMESPACE, "x"));
        await().atMost(Duration.ofSeconds(10)).until(() -> !marked().isEmpty());

        provider.close();

        assertThat(marked()).isEmpty();
    }

    @Test
    void whatAKilledCaravanLeftBehindIsEndedAtTheNextStart() throws Exception {
        String owner = Files.readString(data.resolve("process-owner")).strip();
        Process orphan = marked(owner + ":" + deadPid() + ":1", "sh", "-c", "sleep 300 & wait");
        Process stranger = marked("00000000-0000-0000-0000-000000000000:" + deadPid() + ":1", "sleep", "300");
        Process brother = marked(owner + ":" + ProcessHandle.current().pid() + ":1", "sleep", "300");
        Process ours = marked(
                owner + ":" + ProcessHandle.current().pid() + ":"
                        + ProcStat.of("self").orElseThrow().startTicks(),
                "sleep",
                "300");
        await().until(() -> orphan.descendants().count() == 1);
        ProcessHandle child = orphan.descendants().findFirst().orElseThrow();

        try (ProcessProvider next = new ProcessProvider(data, folder, "test", InstantSource.system())) {
            next.start();

            assertThat(orphan.waitFor(5, TimeUnit.SECONDS)).isTrue();
            await().atMost(Duration.ofSeconds(5)).until(() -> !lives(Long.toString(child.pid())));
            assertThat(brother.waitFor(5, TimeUnit.SECONDS))
                    .as("of an earlier process that had our id")
                    .isTrue();
            assertThat(stranger.isAlive()).as("of another data folder").isTrue();
            assertThat(ours.isAlive()).as("of a Caravan that lives").isTrue();
        } finally {
            stranger.destroyForcibly();
            ours.destroyForcibly();
        }
    }

    @Test
    void whatACallLeftBehindEndsWithTheProvider() throws Exception {
        String script = script("daemon.sh", "sleep 300 > /dev/null 2>&1 < /dev/null & echo $!");
        provider.deploy(Deployments.running("daemon", NAMESPACE, "sh " + script, Map.of()));
        String pid = call("daemon").body().strip();
        assertThat(lives(pid)).isTrue();

        provider.close();

        await().atMost(Duration.ofSeconds(5)).until(() -> !lives(pid));
    }

    @Test
    void aDeploymentThatCannotBeReadDoesNotStopTheOthers() throws Exception {
        provider.deploy(answering("sound", NAMESPACE, "sound"));
        Path broken = data.resolve("functions").resolve(NAMESPACE).resolve("broken.json");
        Files.writeString(broken, "{\"deployment\":");
        Files.writeString(broken.resolveSibling("empty.json"), "{}");

        restart();

        awaitReady("sound", 1);
        assertThat(provider.list(NAMESPACE)).hasSize(1);
        assertThat(broken).exists();
    }

    @Test
    void theRequestIsSeenInTheEnvironment() throws Exception {
        provider.deploy(Deployments.running("env", NAMESPACE, "env", Map.of()));

        HttpResponse<String> response =
                call("env", HttpRequest.newBuilder().header("x-call-id", "4711"), "/some/path?a=b&c=d");

        Map<String, String> seen = new TreeMap<>();
        response.body().lines().map(line -> line.split("=", 2)).forEach(pair -> seen.put(pair[0], pair[1]));
        assertThat(seen)
                .containsEntry("Http_X_Call_Id", "4711")
                .containsEntry("Http_Method", "GET")
                .containsEntry("Http_Path", "/some/path")
                .containsEntry("Http_Query", "a=b&c=d");
    }

    private String script(String name, String text) {
        try {
            Files.writeString(folder.resolve(name), text);
            return name;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The answer, which there should be none of. */
    private Optional<String> crash() throws InterruptedException {
        try {
            return Optional.of(
                    call("server", HttpRequest.newBuilder(), "/crash").body());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Process marked(String mark, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("CARAVAN_OWNER", mark);
        return builder.start();
    }

    /** Processes that bear this data folder's mark. */
    private List<String> marked() throws IOException {
        byte[] mark = ("CARAVAN_OWNER="
                        + Files.readString(data.resolve("process-owner")).strip())
                .getBytes(StandardCharsets.ISO_8859_1);
        String text = new String(mark, StandardCharsets.ISO_8859_1);
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            List<String> found = new ArrayList<>();
            for (Path process : processes) {
                try {
                    if (Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1)
                            .contains(text)) {
                        found.add(process.getFileName().toString());
                    }
                } catch (IOException e) {
                    continue; // it has ended
                }
            }
            return found;
        }
    }

    private static boolean lives(String pid) {
        return ProcStat.of(pid).filter(stat -> !stat.isZombie()).isPresent();
    }

    private static long deadPid() throws Exception {
        Process process = new ProcessBuilder("true").start();
        process.waitFor();
        return process.pid();
    }

    private static long usedHeap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
