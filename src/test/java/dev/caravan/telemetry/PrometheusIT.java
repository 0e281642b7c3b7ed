package dev.caravan.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.testing.Requirement;
import dev.caravan.testing.TestServer;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus scrapes a running server, and answers what dashboards and alerts ask it. */
class PrometheusIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @RegisterExtension
    static final TestServer server = TestServer.with();

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private int port;
    private @Nullable Process prometheus;

    @BeforeEach
    void start() throws IOException {
        Optional<Path> program = program();
        Requirement.that(program.isPresent(), "Prometheus reads what it is given; install the package prometheus");
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Files.writeString(folder.resolve("alerts.yml"), alertsOfThePage());
        Path configuration =
                Files.writeString(folder.resolve("prometheus.yml"), """
                global: {scrape_interval: 1s, evaluation_interval: 1s}
                rule_files: [alerts.yml]
                scrape_configs:
                  - job_name: caravan
                    static_configs: [{targets: ["127.0.0.1:%d"]}]
                """.formatted(server.managementPort()));
        prometheus = new ProcessBuilder(
                        program.get().toString(),
                        "--config.file=" + configuration,
                        "--storage.tsdb.path=" + folder.resolve("series"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (prometheus != null) {
            prometheus.destroy();
            if (!prometheus.waitFor(20, TimeUnit.SECONDS)) {
                prometheus.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void whatIsScrapedAnswersWhatDashboardsAsk() throws Exception {
        String function = server.deployScript("counted", "cat");
        String label = "function_name=\"" + function + ".openfaas-fn\"";
        server.callAsync(function, "hello");
        await().atMost(PATIENCE).until(() -> server.calls("succeeded") == 1);

        await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
            assertThat(value("up{job=\"caravan\"}")).isEqualTo(1);
            assertThat(value("gateway_function_invocation_total{code=\"200\"," + label + "}"))
                    .isEqualTo(1);
            assertThat(value("sum(rate(gateway_functions_seconds_count{" + label + "}[1m]))"))
                    .isNotNaN();
            assertThat(value("queue_worker_messages_submitted_total{queue_name=\"faas-request\"}"))
                    .isEqualTo(1);
            assertThat(value("queue_worker_messages_processed_total{queue_name=\"faas-request\"}"))
                    .isEqualTo(1);
            assertThat(value("histogram_quantile(1, caravan_call_wait_seconds_bucket{" + label + "})"))
                    .isNotNaN()
                    .isPositive();
            assertThat(value("caravan_call_run_seconds_count{" + label + "}")).isEqualTo(1);
            assertThat(value("caravan_queue_oldest_age_seconds{queue=\"faas-request\"}"))
                    .isZero();
            assertThat(value("sum(caravan_calls{queue=\"faas-request\"}) - sum(caravan_calls_accepted_total)"))
                    .as("conservation")
                    .isZero();
            assertThat(value("sum(caravan_calls_finished_total) - sum(caravan_calls_accepted_total)"))
                    .isZero();
        });
        assertThat(type("queue_worker_messages_submitted")).isEqualTo("counter");
        assertThat(type("queue_worker_function_invocation_inflight")).isIn("gauge", "");
        assertThat(type("caravan_call_wait_seconds")).isEqualTo("histogram");
    }

    @Test
    void theAlertsThatThePageSaysAreUnderstood() {
        await().atMost(PATIENCE)
                .ignoreExceptions() // it has to start first
                .untilAsserted(() -> assertThat(get("/api/v1/rules").findValuesAsText("health"))
                        .as("rules of which each is ok")
                        .hasSizeGreaterThan(3)
                        .containsOnly("ok"));
    }

    private static String alertsOfThePage() throws IOException {
        String page = Files.readString(Path.of("docs/how-to/watch-with-prometheus.md"));
        int begin = page.indexOf("groups:\n");
        return page.substring(begin, page.indexOf("```", begin));
    }

    /** NaN when the query finds nothing. */
    private double value(String query) throws Exception {
        JsonNode result = get("/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8));
        JsonNode sample = result.at("/data/result/0/value/1");
        return sample.isMissingNode() ? Double.NaN : Double.parseDouble(sample.asText());
    }

    /** What the target says a family is; a counter's is named without {@code _total} (OpenMetrics 1.0). */
    private String type(String metric) throws Exception {
        return get("/api/v1/targets/metadata?metric=" + metric)
                .at("/data/0/type")
                .asText();
    }

    private JsonNode get(String path) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(20))
                .build();
        return new ObjectMapper()
                .readTree(http.send(request, BodyHandlers.ofString()).body());
    }

    private static Optional<Path> program() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Arrays.stream(path.split(File.pathSeparator))
                .map(folder -> Path.of(folder, "prometheus"))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
