package dev.caravan.gateway;

import dev.caravan.component.FunctionComponent;
import dev.caravan.function.CallEvents;
import dev.caravan.function.FunctionName;
import dev.caravan.ledger.AuditEntry;
import dev.caravan.ledger.LedgerException;
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
    static final CallStamp STAMP = new CallStamp(InstantSource.system(), "test");

    final FixedReplicas replicas = new FixedReplicas();

    /** What became of each call of a function: its status, in the order in which they ended. */
    final List<Integer> finished = new CopyOnWriteArrayList<>();

    final DefaultCamelContext camel = new DefaultCamelContext();
    private final Vertx vertx = Vertx.vertx();
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private final HttpGateway gateway;
    /** What operators did. */
    final List<AuditEntry> done = new CopyOnWriteArrayList<>();

    /** Thrown in place of noting any. */
    volatile @Nullable LedgerException trailFailure;

    private final List<String> answered = new CopyOnWriteArrayList<>();

    private final CallEvents events = new CallEvents() {
        @Override
        public void invocationFinished(FunctionName function, int status, Duration took) {
            finished.add(status);
        }
    };

    TestGateway() throws Exception {
        this(null, Duration.ofSeconds(10));
    }

    TestGateway(@Nullable Guard guard, Duration callTimeout) throws Exception {
        this(guard, callTimeout, Duration.ofSeconds(60));
    }

    TestGateway(@Nullable Guard guard, Duration callTimeout, Duration idle) throws Exception {
        var options = new HttpGateway.Options("127.0.0.1", 0, MAX_BODY, idle, STAMP, false);
        gateway = new HttpGateway(
                vertx, options, guard, workers, this::answered, new Audit(this::note, InstantSource.system()));
        gateway.listen();
        camel.setStreamCaching(false);
        camel.getShutdownStrategy().setTimeout(5);
        camel.getRegistry().bind(HttpGateway.BEAN, gateway);
        camel.getRegistry()
                .bind(
                        "function",
                        new FunctionComponent(replicas, vertx, events, "openfaas-fn", callTimeout, "caravan/test"));
        camel.getRegistry().bind("functionRequest", new FunctionRequest("openfaas-fn", STAMP, 16));
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

    private void note(AuditEntry entry) {
        if (trailFailure != null) {
            throw trailFailure;
        }
        done.add(entry);
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
