package dev.caravan.gateway;

import dev.caravan.function.RequestEvents;
import dev.caravan.gateway.auth.Caller;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.tracing.TracingPolicy;
import java.net.BindException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP server, and Camel's {@code platform-http} engine on it.
 *
 * <p>Bytes pass through it unchanged: raw paths, bodies that are never parsed, headers through an allow-list in both
 * directions. Routes with {@code useStreaming=true} run on the event loop and get their body as a paused {@code
 * ReadStream<Buffer>} (null when there is none); they must not block. All others get it as {@code byte[]} and run on the
 * workers, where they may.
 *
 * <p>A route needs a user unless its YAML says {@code group: public}; which one, {@link Guard} decides.
 */
public final class HttpGateway implements PlatformHttpEngine, AutoCloseable {

    /** Name under which Camel finds the engine in its registry. */
    public static final String BEAN = "platform-http-engine";

    /**
     * How the server listens.
     *
     * @param port 0 takes a free one
     * @param maxBody largest body in bytes of a request that is not streamed
     * @param idle how long a connection may be silent; longer than any call may take
     * @param stamp for calls that are refused before a route sees them
     * @param readOnly whether whatever would change something is refused, but calls
     */
    public record Options(String host, int port, long maxBody, Duration idle, CallStamp stamp, boolean readOnly) {}

    private static final long BODIES_IN_MEMORY = 64L * 1024 * 1024;
    private static final Duration SESSIONS_CHECKED = Duration.ofSeconds(1);
    private static final int MAX_HEADERS = 64 * 1024;
    private static final int MAX_URI = 16 * 1024;

    private final Vertx vertx;
    private final Options options;
    private final @Nullable Guard guard;
    private final RequestEvents events;
    private final RouteTable<HttpConsumer> table = new RouteTable<>();
    private final LiveAnswers live = new LiveAnswers();
    private final House house;
    private volatile @Nullable BuiltPaths paths;
    private volatile boolean stopping;
    private volatile int boundPort;
    private @Nullable String deployment;
    private long sessionChecks;

    /**
     * @param guard null: nobody is asked for credentials
     * @param workers runs the routes that do not stream
     * @param events told of every answer but those of functions, which are told of by who calls them
     * @param audit notes what operators do
     */
    public HttpGateway(
            Vertx vertx, Options options, @Nullable Guard guard, Executor workers, RequestEvents events, Audit audit) {
        this.vertx = vertx;
        this.options = options;
        this.guard = guard;
        this.events = events;
        this.house = new House(
                workers,
                new BodyBudget(BODIES_IN_MEMORY),
                options.maxBody(),
                new AtomicInteger(),
                live,
                caller -> guard == null || guard.mayStay(caller),
                options.stamp(),
                audit);
    }

    /** From now on functions are found by the paths that they were built with, too. */
    public void find(BuiltPaths built) {
        paths = built;
    }

    /**
     * Starts to listen; a request that no route serves yet is answered 404.
     *
     * @throws IllegalStateException in one readable line, when the address cannot be had
     */
    public void listen() {
        // One server per event loop, all on one port. Servers with the same negative number share one free port.
        int loops = Runtime.getRuntime().availableProcessors();
        int port = options.port() == 0 ? -ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE) : options.port();
        try {
            deployment = vertx.deployVerticle(() -> new Listener(port), new DeploymentOptions().setInstances(loops))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get();
            sessionChecks = vertx.setPeriodic(SESSIONS_CHECKED.toMillis(), passed -> live.endUnwanted());
        } catch (ExecutionException e) {
            throw new IllegalStateException(whyNot(e.getCause()), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting to listen", e);
        }
    }

    private String whyNot(@Nullable Throwable cause) {
        boolean taken = cause instanceof BindException
                && String.valueOf(cause.getMessage()).contains("in use");
        return taken
                ? "port " + options.port() + " is already taken (CARAVAN_PORT): stop what listens on " + options.host()
                        + ":" + options.port() + ", or choose another port"
                : "cannot listen on " + options.host() + ":" + options.port() + " (CARAVAN_HOST, CARAVAN_PORT): "
                        + (cause == null ? "unknown reason" : cause.getMessage());
    }

    /** The port it listens on. */
    public int port() {
        return boundPort;
    }

    @Override
    public int getServerPort() {
        return boundPort;
    }

    @Override
    public String getScheme() {
        return "http";
    }

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        return new HttpConsumer(endpoint, processor, table);
    }

    /** New requests are answered 503 from now on; those that run go on, but for answers that would never end. */
    public void drain() {
        stopping = true;
        live.end();
    }

    /** How many requests have not been answered to the last byte. */
    public int running() {
        return house.running().get();
    }

    /** Stops to listen and cuts the connections that are left. */
    @Override
    public void close() {
        drain();
        if (deployment == null) {
            return;
        }
        vertx.cancelTimer(sessionChecks);
        try {
            vertx.undeploy(deployment).toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
            deployment = null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the HTTP server did not stop", e);
        }
    }

    private final class Listener extends AbstractVerticle {

        private final int port;

        Listener(int port) {
            this.port = port;
        }

        @Override
        public void start(Promise<Void> started) {
            vertx.createHttpServer(new HttpServerOptions()
                            .setHost(options.host())
                            .setPort(port)
                            .setIdleTimeout((int)
                                    Math.min(Integer.MAX_VALUE, options.idle().toSeconds()))
                            .setMaxHeaderSize(MAX_HEADERS)
                            .setMaxInitialLineLength(MAX_URI)
                            .setTcpNoDelay(true)
                            .setHandle100ContinueAutomatically(false)
                            // Nobody asked for it, and whoever begins it and goes on with nonsense fills the log.
                            .setHttp2ClearTextEnabled(false)
                            .setDecompressionSupported(false)
                            .setCompressionSupported(false)
                            .setTracingPolicy(TracingPolicy.IGNORE))
                    .connectionHandler(ServedConnection::watch)
                    .requestHandler(HttpGateway.this::accept)
                    .invalidRequestHandler(MalformedRequest::refuse)
                    .listen()
                    .onSuccess(server -> boundPort = server.actualPort())
                    .<Void>mapEmpty()
                    .onComplete(started);
        }
    }

    private void accept(HttpServerRequest request) {
        String uri = request.uri();
        int slash = uri.startsWith("/") ? 0 : startOfPath(uri);
        int mark = uri.indexOf('?', slash);
        String asked = slash < 0 ? uri : uri.substring(slash, mark < 0 ? uri.length() : mark);
        BuiltPaths built = paths;
        BuiltPaths.Target target = built == null
                ? null
                : built.find(request.method().name(), asked).orElse(null);
        // Who may call, who is called and who is told are all judged by the function's name.
        String path = target == null ? asked : target.path();
        String query = mark < 0 ? null : uri.substring(mark + 1);
        ConsoleCookies cookies = ConsoleCookies.takenFrom(request);
        boolean apart = FunctionPath.isCall(path) && isApart(request, cookies);
        var visit = new Visit(request, path, query, apart, house);
        if (slash < 0 || request.method() == HttpMethod.CONNECT) {
            // CONNECT asks for a tunnel to anywhere, and a function's answer to it would look like one.
            visit.refuseAndClose(new Failure(400, "the request's target is not a path", Map.of()));
            return;
        }
        if (target != null
                && !target.methods().isEmpty()
                && !target.methods().contains(request.method().name())) {
            refuse(visit, request, path, target.methods());
            return;
        }
        RouteTable.Match<HttpConsumer> match = table.find(request.method().name(), path);
        HttpConsumer consumer = match.target();
        if (consumer != null && consumer.counted()) {
            count(request, consumer);
        }
        if (consumer == null) {
            refuse(visit, request, path, match.allowed());
        } else if (guard == null) {
            serve(visit, request, consumer, match.parameters(), null);
        } else {
            Consumer<@Nullable Caller> serve = caller -> serve(visit, request, consumer, match.parameters(), caller);
            guard.admit(request, consumer, path, cookies, serve, failure -> {
                if (!consumer.counted()) {
                    count(request, consumer); // a call that is not made is counted nowhere else
                }
                visit.refuse(failure);
            });
        }
    }

    /**
     * Whether a function's page must not act as one of the console's, since the browser may be signed in. A page of another
     * site can lead it here by a form, for which a browser says nothing of a session.
     */
    private static boolean isApart(HttpServerRequest request, ConsoleCookies cookies) {
        if (cookies.present()) {
            return true;
        }
        String site = request.getHeader("Sec-Fetch-Site");
        return request.method() != HttpMethod.GET
                && "navigate".equals(request.getHeader("Sec-Fetch-Mode"))
                && !"none".equals(site)
                && !"same-origin".equals(site);
    }

    private static void refuse(Visit visit, HttpServerRequest request, String path, Set<String> allowed) {
        Map<String, String> allow = Map.of("Allow", String.join(", ", new TreeSet<>(allowed)));
        if (allowed.isEmpty()) {
            visit.refuse(new Failure(404, "404 page not found", Map.of()));
        } else if (FunctionPath.isCall(path)) {
            visit.refuse(new Failure(405, "the method " + request.method() + " is not taken here", allow));
        } else {
            visit.refuseEmpty(405, allow);
        }
    }

    private void count(HttpServerRequest request, HttpConsumer consumer) {
        long began = System.nanoTime();
        request.response()
                .endHandler(end -> events.answered(
                        request.method().name(),
                        consumer.name(),
                        request.response().getStatusCode(),
                        Duration.ofNanos(System.nanoTime() - began)));
    }

    private void serve(
            Visit visit,
            HttpServerRequest request,
            HttpConsumer consumer,
            Map<String, String> parameters,
            @Nullable Caller caller) {
        if (stopping || !consumer.isRunAllowed() || consumer.isSuspended()) {
            visit.refuse(new Failure(503, "stopping or reloading; try again", Map.of("Retry-After", "1")));
        } else if (options.readOnly() && house.audit().changes(consumer, request.method())) {
            visit.refuse(new Failure(403, "nothing can be changed here: CARAVAN_READ_ONLY is set", Map.of()));
        } else {
            visit.serve(consumer, parameters, caller);
        }
    }

    /** Of an absolute request target (RFC 9112 section 3.2.2); -1 for anything else, which no route serves. */
    private static int startOfPath(String uri) {
        int authority = uri.indexOf("://");
        return authority < 0 ? -1 : uri.indexOf('/', authority + 3);
    }
}
