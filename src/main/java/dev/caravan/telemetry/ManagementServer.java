package dev.caravan.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.caravan.config.SettingsException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.BindException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The port for whoever looks after this node: {@code /metrics} for Prometheus, {@code /healthz} (the process lives),
 * {@code /readyz} (it should get traffic). It has no authentication and holds no secrets.
 */
public final class ManagementServer implements AutoCloseable {

    /** The text format that every Prometheus reads; OpenMetrics only for those who ask. */
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    private static final String PLAIN = "text/plain; charset=utf-8";
    private static final long MAX_STOP_SECONDS = 5;
    private static final Logger LOG = LoggerFactory.getLogger(ManagementServer.class);

    private final Vertx vertx;
    private final String host;
    private final int port;
    private final Telemetry telemetry;
    private final List<Check> checks;
    private final HttpServer server;

    /** What is answered. */
    private record Answer(int status, String contentType, String body) {}

    public ManagementServer(Vertx vertx, String host, int port, Telemetry telemetry, List<Check> checks) {
        this.vertx = vertx;
        this.host = host;
        this.port = port;
        this.telemetry = telemetry;
        this.checks = List.copyOf(checks);
        this.server = vertx.createHttpServer().requestHandler(this::handle);
    }

    /**
     * Listens. Blocks until it does; not to be called on an event loop.
     *
     * @return the port, which differs from the wanted one when that was 0
     * @throws SettingsException when the port cannot be had
     */
    public int start() {
        try {
            return server.listen(port, host)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join()
                    .actualPort();
        } catch (CompletionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new SettingsException("cannot listen on " + host + ":" + port + " for metrics and health ("
                    + (cause instanceof BindException ? "address already in use or not ours" : cause.toString())
                    + "); set CARAVAN_MANAGEMENT_PORT to a free port, or to 0 for any");
        }
    }

    /** Stops listening; whoever is being answered keeps a few seconds. */
    @Override
    public void close() {
        server.close()
                .toCompletionStage()
                .toCompletableFuture()
                .completeOnTimeout(null, MAX_STOP_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    private void handle(HttpServerRequest request) {
        switch (request.path()) {
            case "/metrics" -> get(request, () -> metrics(request.getHeader("Accept")));
            case "/healthz" -> get(request, () -> new Answer(200, PLAIN, "OK"));
            case "/readyz" -> get(request, this::readiness);
            default -> send(request, new Answer(404, PLAIN, "there is /metrics, /healthz and /readyz\n"));
        }
    }

    private void get(HttpServerRequest request, Callable<Answer> answer) {
        if (!HttpMethod.GET.equals(request.method()) && !HttpMethod.HEAD.equals(request.method())) {
            request.response().putHeader("Allow", "GET, HEAD");
            send(request, new Answer(405, PLAIN, "only GET\n"));
            return;
        }
        // Off the event loop, which also carries calls: a check may ask the database.
        Future<Answer> made = vertx.executeBlocking(answer, false);
        made.onSuccess(found -> send(request, found)).onFailure(e -> {
            LOG.warn("management request failed path={}", request.path(), e);
            send(request, new Answer(500, PLAIN, "see the log\n"));
        });
    }

    private Answer metrics(@Nullable String accept) {
        String contentType = accept != null && accept.contains("application/openmetrics-text") ? OPEN_METRICS : TEXT;
        return new Answer(200, contentType, telemetry.scrape(contentType));
    }

    private Answer readiness() {
        String problems = checks.stream()
                .map(ManagementServer::problem)
                .flatMap(List::stream)
                .collect(Collectors.joining());
        return problems.isEmpty() ? new Answer(200, PLAIN, "OK") : new Answer(503, PLAIN, problems);
    }

    /** A check that throws has found a problem, too. */
    private static List<String> problem(Check check) {
        try {
            return check.problem().get().map(text -> check.name() + ": " + text + "\n").stream()
                    .toList();
        } catch (RuntimeException e) {
            return List.of(check.name() + ": " + e + "\n");
        }
    }

    private static void send(HttpServerRequest request, Answer answer) {
        HttpServerResponse response = request.response();
        if (response.closed()) {
            return;
        }
        response.setStatusCode(answer.status()).putHeader("Content-Type", answer.contentType());
        if (HttpMethod.HEAD.equals(request.method())) {
            // Vert.x would send the body all the same (RFC 9110 section 9.3.2 forbids it).
            response.putHeader("Content-Length", Integer.toString(answer.body().getBytes(UTF_8).length))
                    .end();
        } else {
            response.end(answer.body());
        }
    }
}
