package dev.caravan.component;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.tracing.TracingPolicy;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The connections of one event loop to functions, shared by all endpoints of a component. */
final class FunctionClient implements AutoCloseable {

    /** Above it a call waits for a connection; a guard for file descriptors, not a limit on concurrency. */
    private static final int CONNECTIONS_PER_REPLICA = 4_096;

    /** Shorter than what servers wait before they close an idle connection: Node.js has five seconds. */
    private static final int IDLE_SECONDS = 4;

    private final HttpClient pooled;
    private final HttpClient single;
    private final HttpClient upgrading;

    /** Connections that have answered before: only those can be stale. */
    private final Set<HttpConnection> proven = ConcurrentHashMap.newKeySet();

    FunctionClient(Vertx vertx) {
        var pool = new PoolOptions().setHttp1MaxSize(CONNECTIONS_PER_REPLICA);
        pooled = vertx.httpClientBuilder()
                .with(options().setKeepAlive(true).setKeepAliveTimeout(IDLE_SECONDS))
                .with(pool)
                .withConnectHandler(connection -> {
                    InterimAnswers.dropOn(connection);
                    connection.closeHandler(closed -> proven.remove(connection));
                })
                .build();
        upgrading = vertx.httpClientBuilder()
                .with(options().setKeepAlive(true))
                .with(pool)
                .withConnectHandler(InterimAnswers::dropOn)
                .build();
        single = vertx.httpClientBuilder()
                .with(options().setKeepAlive(false))
                .with(pool)
                .withConnectHandler(InterimAnswers::dropOn)
                .build();
    }

    private static HttpClientOptions options() {
        return new HttpClientOptions()
                .setConnectTimeout((int) TimeUnit.SECONDS.toMillis(5))
                .setDecompressionSupported(false)
                .setMaxHeaderSize(64 * 1024)
                .setTcpNoDelay(true)
                .setTracingPolicy(TracingPolicy.IGNORE);
    }

    /** Connections that are kept for the next call. */
    HttpClient pooled() {
        return pooled;
    }

    /** A new connection for each call. */
    HttpClient single() {
        return single;
    }

    /** A new connection for each call that asks for another protocol; whoever takes one closes it. */
    HttpClient upgrading() {
        return upgrading;
    }

    void prove(HttpConnection connection) {
        proven.add(connection);
    }

    boolean proven(HttpConnection connection) {
        return proven.contains(connection);
    }

    @Override
    public void close() {
        pooled.close();
        single.close();
        upgrading.close();
    }
}
