package dev.caravan.gateway;

import dev.caravan.component.FunctionComponent;
import dev.caravan.function.CallEvents;
import dev.caravan.testing.FixedReplicas;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.jspecify.annotations.Nullable;

/** A gateway on a free port with the shipped invoke-function route and whatever routes a test adds. */
final class TestGateway implements AutoCloseable {

    static final long MAX_BODY = 1024 * 1024;

    final FixedReplicas replicas = new FixedReplicas();
    final DefaultCamelContext camel = new DefaultCamelContext();
    private final Vertx vertx = Vertx.vertx();
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private final HttpGateway gateway;
    private final List<String> answered = new CopyOnWriteArrayList<>();

    TestGateway() throws Exception {
        this(null, Duration.ofSeconds(10));
    }

    TestGateway(@Nullable Guard guard, Duration callTimeout) throws Exception {
        var options = new HttpGateway.Options("127.0.0.1", 0, MAX_BODY, Duration.ofSeconds(60));
        gateway = new HttpGateway(vertx, options, guard, workers, this::answered);
        gateway.listen();
        camel.setStreamCaching(false);
        camel.getShutdownStrategy().setTimeout(5);
        camel.getRegistry().bind(HttpGateway.BEAN, gateway);
        camel.getRegistry()
                .bind(
                        "function",
                        new FunctionComponent(replicas, vertx, new CallEvents() {}, "openfaas-fn", callTimeout));
        camel.getRegistry().bind("functionRequest", new FunctionRequest("openfaas-fn", InstantSource.system()));
        camel.start();
        load("invoke-function");
    }

    /** Adds a shipped route of the gateway's. */
    TestGateway load(String id) throws Exception {
        String file = "file:" + Path.of("routes/gateway/" + id + ".camel.yaml");
        PluginHelper.getRoutesLoader(camel).loadRoutes(ResourceHelper.resolveMandatoryResource(camel, file));
        return this;
    }

    /** What was told of answers: {@code METHOD path status}. */
    List<String> answered() {
        return List.copyOf(answered);
    }

    private void answered(String method, String path, int status, Duration took) {
        answered.add(method + " " + path + " " + status);
    }

    int port() {
        return gateway.port();
    }

    HttpGateway http() {
        return gateway;
    }

    TestGateway with(RouteBuilder routes) throws Exception {
        camel.addRoutes(routes);
        return this;
    }

    @Override
    public void close() throws Exception {
        camel.close();
        gateway.close();
        workers.shutdownNow();
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }
}
