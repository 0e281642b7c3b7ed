package dev.caravan.watchdog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.testing.HttpMessage;
import dev.caravan.testing.RawClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandaloneTest {

    @TempDir
    Path folder;

    private final List<String> log = new CopyOnWriteArrayList<>();
    private final List<Integer> failures = new CopyOnWriteArrayList<>();

    @Test
    void itSaysWhatItIsAndServesUntilItsLockIsTaken() throws Exception {
        try (Standalone watchdog = start("fprocess", "cat")) {
            assertThat(log)
                    .contains(
                            "Version: 1.2.3",
                            "Watchdog mode: classic fprocess: \"cat\"",
                            "Timeouts: read: 30s write: 30s hard: 0s health: 30s",
                            "Listening on port: " + watchdog.port(),
                            "Metrics listening on port: " + watchdog.metricsPort(),
                            "Writing lock-file to: " + folder.resolve(".lock"));
            assertThat(RawClient.post(watchdog.port(), "/", "hello").body()).isEqualTo("hello");
            assertThat(health(watchdog)).isEqualTo(200);

            Files.delete(folder.resolve(".lock"));

            assertThat(health(watchdog)).isEqualTo(503);
        }
    }

    @Test
    void withoutALockItIsNotHealthyUnlessSomebodyElseWritesOne() throws Exception {
        try (Standalone watchdog = start("fprocess", "cat", "suppress_lock", "true")) {
            assertThat(folder.resolve(".lock")).doesNotExist();
            assertThat(health(watchdog)).isEqualTo(503);

            Files.createFile(folder.resolve(".lock"));

            assertThat(health(watchdog)).isEqualTo(200);
        }
    }

    @Test
    void aLockThatCannotBeWrittenStopsTheStart() throws Exception {
        Path file = Files.createFile(folder.resolve("no-folder"));
        Standalone watchdog = create("fprocess", "cat", "TMPDIR", file.toString());
        try (watchdog) {
            assertThatThrownBy(() -> watchdog.start("1"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("suppress_lock");
        }
    }

    @Test
    void aPortThatIsTakenStopsTheStartButNotThatOfTheMetrics() throws Exception {
        try (var taken = new ServerSocket(0)) {
            String port = Integer.toString(taken.getLocalPort());
            try (Standalone watchdog = create("fprocess", "cat", "port", port)) {
                assertThatThrownBy(() -> watchdog.start("1")).hasMessageContaining("cannot listen on port " + port);
            }
            try (Standalone watchdog = start("fprocess", "cat", "metrics_port", port)) {
                assertThat(health(watchdog)).isEqualTo(200);
                assertThat(log).anyMatch(line -> line.startsWith("No metrics: cannot listen on port " + port));
            }
        }
    }

    @Test
    void itIsMeasuredOnAPortOfItsOwn() throws Exception {
        try (Standalone watchdog = start("fprocess", "false")) {
            RawClient.get(watchdog.port(), "/");

            await().untilAsserted(() -> {
                HttpMessage metrics = RawClient.get(watchdog.metricsPort(), "/metrics");
                assertThat(metrics.value("Content-Type")).startsWith("text/plain; version=0.0.4");
                assertThat(metrics.body().lines())
                        .contains("http_requests_total{code=\"500\",method=\"get\"} 1", "process_start_time_seconds 7")
                        .anyMatch(line -> line.matches("process_resident_memory_bytes [0-9]{7,}"));
            });
            assertThat(RawClient.get(watchdog.metricsPort(), "/").status()).isEqualTo(404);
        }
    }

    @Test
    void stoppingFailsHealthFirstThenTakesNoMoreAndLetsWhatRunsEnd() throws Exception {
        Path go = folder.resolve("go");
        String script = WatchdogFixture.script(
                folder,
                "echo > " + folder.resolve("begun") + "; until [ -e " + go + " ]; do sleep 0.05; done; echo done");
        try (Standalone watchdog = start(
                        "fprocess",
                        script.replace(
                                "function.sh", folder.resolve("function.sh").toString()),
                        "healthcheck_interval",
                        "1500ms");
                var client = new RawClient(watchdog.port())) {
            client.send("GET / HTTP/1.1\nHost: x", "");
            await().until(() -> Files.exists(folder.resolve("begun")));

            CompletableFuture<Void> stop = CompletableFuture.runAsync(() -> stop(watchdog));
            await().untilAsserted(() -> assertThat(log).contains("SIGTERM: no new connections in 1.5s"));
            await().until(() -> Files.notExists(folder.resolve(".lock")));
            int unhealthy = health(watchdog);
            await().untilAsserted(() -> assertThat(log).contains("No new connections allowed, draining: 1 requests"));
            assertThatThrownBy(() -> new RawClient(watchdog.port()).close()).isInstanceOf(IOException.class);
            assertThat(stop).isNotDone();
            Files.createFile(go);

            assertThat(unhealthy).isEqualTo(503);
            assertThat(client.answer().body()).isEqualTo("done\n");
            await().until(stop::isDone);
            assertThat(log)
                    .containsSubsequence(
                            "Removing lock-file : " + folder.resolve(".lock"),
                            "No new connections allowed, draining: 1 requests",
                            "Exiting. Active connections: 0");
        }
    }

    @Test
    void whatDoesNotEndInTimeIsEnded() throws Exception {
        try (Standalone watchdog =
                        start("fprocess", "sleep 300", "healthcheck_interval", "10ms", "write_timeout", "100ms");
                var client = new RawClient(watchdog.port())) {
            client.send("GET / HTTP/1.1\nHost: x", "");
            await().untilAsserted(() -> assertThat(log).contains("Forking fprocess."));

            stop(watchdog);

            assertThat(log).contains("Exiting. Active connections: 1");
            assertThat(client.in().read()).isNegative();
        }
    }

    @Test
    void aFunctionThatDiesIsToldAndOneThatEndsWellIsNot() throws Exception {
        try (Standalone dies = start("mode", "http", "fprocess", "false", "upstream_url", "http://127.0.0.1:1")) {
            await().untilAsserted(() -> assertThat(failures).containsExactly(1));
        }
        failures.clear();
        try (Standalone ends = start("mode", "http", "fprocess", "true", "upstream_url", "http://127.0.0.1:1")) {
            await().untilAsserted(() -> assertThat(log).contains("Forked function has terminated: exit status 0"));
            assertThat(failures).isEmpty();
        }
    }

    @Test
    void stoppingTellsTheFunctionAtOnce() throws Exception {
        String script = "sh "
                + Files.writeString(
                        folder.resolve("app.sh"),
                        "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done");
        try (Standalone watchdog = start(
                "mode",
                "http",
                "fprocess",
                script,
                "upstream_url",
                "http://127.0.0.1:1",
                "healthcheck_interval",
                "30s")) {
            await().untilAsserted(() -> assertThat(log).contains("stdout: up"));

            CompletableFuture.runAsync(() -> stop(watchdog));

            await().untilAsserted(() ->
                    assertThat(log).contains("stdout: bye", "Forked function has terminated: exit status 0"));
            assertThat(log).noneMatch(line -> line.startsWith("No new connections"));
        }
    }

    @Test
    void linesHaveTheTimeAndBareOnesDoNot() {
        var bytes = new ByteArrayOutputStream();
        var stamped = new StampedLog(
                new PrintStream(bytes, false, StandardCharsets.UTF_8),
                Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC));

        stamped.line("stamped");
        stamped.bare("bare ✓");

        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("2026/01/02 03:04:05 stamped\nbare ✓\n");
    }

    private Standalone start(String... settings) throws IOException {
        Standalone watchdog = create(settings);
        watchdog.start("1.2.3");
        return watchdog;
    }

    private Standalone create(String... settings) {
        Map<String, String> environment = BaseEnvironment.inherited();
        environment.put("TMPDIR", folder.toString());
        environment.put("port", "0");
        environment.put("metrics_port", "0");
        for (int i = 0; i < settings.length; i += 2) {
            environment.put(settings[i], settings[i + 1]);
        }
        return new Standalone(environment, log::add, 7, failures::add);
    }

    private static int health(Standalone watchdog) throws IOException {
        return RawClient.get(watchdog.port(), "/_/health").status();
    }

    private static void stop(Standalone watchdog) {
        try {
            watchdog.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
