package dev.caravan.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.config.SettingsException;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManagementServerTest {

    private final HttpClient client = HttpClient.newHttpClient();
    private final Vertx vertx = Vertx.vertx();
    private final Telemetry telemetry = new Telemetry(Events.LEVELS);
    private final AtomicReference<Optional<String>> broker = new AtomicReference<>(Optional.empty());
    private final AtomicReference<Optional<String>> ledger = new AtomicReference<>(Optional.empty());
    private final ManagementServer server = new ManagementServer(
            vertx,
            "127.0.0.1",
            0,
            telemetry,
            List.of(new Check("broker", broker::get), new Check("ledger", ledger::get)));
    private int port;

    @BeforeEach
    void start() {
        port = server.start();
    }

    @AfterEach
    void stop() {
        server.close();
        telemetry.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void metricsAreTextThatPrometheusReads() throws Exception {
        Events.publishAll(telemetry);

        HttpResponse<String> answer = get("/metrics");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; version=0.0.4; charset=utf-8");
        Exposition metrics = Exposition.of(answer.body());
        assertThat(metrics.value("caravan_calls_accepted_total")).isEqualTo(1);
        assertThat(metrics.value("caravan_dead_letter_depth{queue=\"faas-request\"}"))
                .isEqualTo(2);
    }

    @Test
    void whoAsksForOpenMetricsGetsThem() throws Exception {
        HttpResponse<String> answer = client.send(
                request("/metrics")
                        .header("Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
                        .build(),
                BodyHandlers.ofString());

        assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
                .startsWith("application/openmetrics-text");
        assertThat(answer.body()).endsWith("# EOF\n");
    }

    @Test
    void aLivingProcessSaysOk() throws Exception {
        broker.set(Optional.of("away"));

        HttpResponse<String> answer = get("/healthz");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("OK");
    }

    @Test
    void readyMeansThatNoCheckFoundAProblem() throws Exception {
        HttpResponse<String> answer = get("/readyz");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("OK");
    }

    @Test
    void notReadyNamesEachProblemInALine() throws Exception {
        broker.set(Optional.of("store is 80 % full"));
        ledger.set(Optional.of("database away"));

        HttpResponse<String> answer = get("/readyz");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).isEqualTo("broker: store is 80 % full\nledger: database away\n");
    }

    @Test
    void aCheckThatThrowsHasFoundAProblemToo() {
        var throwing = new Check("ledger", () -> {
            throw new IllegalStateException("pool closed");
        });
        try (var other = new ManagementServer(vertx, "127.0.0.1", 0, telemetry, List.of(throwing))) {
            port = other.start();

            assertThat(get("/readyz"))
                    .returns(503, HttpResponse::statusCode)
                    .extracting(HttpResponse::body)
                    .asString()
                    .contains("ledger: ", "pool closed");
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/metrics", "/healthz", "/readyz"})
    void nothingCanBeChangedHere(String path) throws Exception {
        HttpResponse<String> answer =
                client.send(request(path).POST(BodyPublishers.ofString("x")).build(), BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD");
    }

    @Test
    void headIsGetWithoutTheBody() throws Exception {
        HttpResponse<String> answer = client.send(
                request("/healthz").method("HEAD", BodyPublishers.noBody()).build(), BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/system/functions", "/metrics/x"})
    void nothingElseIsHere(String path) throws Exception {
        assertThat(get(path).statusCode()).isEqualTo(404);
    }

    @Test
    void aPortThatIsTakenIsNamedWithTheSettingThatMovesIt() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var second = new ManagementServer(vertx, "127.0.0.1", taken.getLocalPort(), telemetry, List.of())) {
            assertThatThrownBy(second::start)
                    .isInstanceOf(SettingsException.class)
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort())
                    .hasMessageContaining("already in use")
                    .hasMessageContaining("CARAVAN_MANAGEMENT_PORT")
                    .hasMessageNotContaining("\n");
        }
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(request(path).build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }
}
