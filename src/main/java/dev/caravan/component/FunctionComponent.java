package dev.caravan.component;

import dev.caravan.function.CallEvents;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.scaling.ScaleFromZero;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;
import org.jspecify.annotations.Nullable;

/**
 * The Camel component behind {@code function:name}: calls functions by HTTP wherever their provider runs them.
 *
 * <p>Bound in the registry as {@code function} by the composition root.
 */
@Component("function")
public class FunctionComponent extends DefaultComponent {

    private final FunctionProvider provider;
    private final Vertx vertx;
    private final CallEvents events;
    private final String defaultNamespace;
    private final Duration defaultTimeout;
    private final String userAgent;
    private final @Nullable ScaleFromZero scaleFromZero;

    /** One for each event loop, so that a call, its connection and its answer stay on one thread. */
    private final Map<Thread, FunctionClient> clients = new ConcurrentHashMap<>();

    /**
     * One that starts nothing: a call of a function without a ready replica fails.
     *
     * @param userAgent what functions are told when the client does not say what it is
     */
    public FunctionComponent(
            FunctionProvider provider,
            Vertx vertx,
            CallEvents events,
            String defaultNamespace,
            Duration defaultTimeout,
            String userAgent) {
        this(provider, vertx, events, defaultNamespace, defaultTimeout, userAgent, null);
    }

    /**
     * The Vert.x stays the caller's.
     *
     * @param userAgent what functions are told when the client does not say what it is
     * @param scaleFromZero starts functions for their callers; null when nothing does
     */
    public FunctionComponent(
            FunctionProvider provider,
            Vertx vertx,
            CallEvents events,
            String defaultNamespace,
            Duration defaultTimeout,
            String userAgent,
            @Nullable ScaleFromZero scaleFromZero) {
        this.provider = provider;
        this.vertx = vertx;
        this.events = events;
        this.defaultNamespace = defaultNamespace;
        this.defaultTimeout = defaultTimeout;
        this.userAgent = userAgent;
        this.scaleFromZero = scaleFromZero;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        var endpoint = new FunctionEndpoint(uri, this, remaining);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    @Override
    protected void doShutdown() throws Exception {
        clients.values().forEach(FunctionClient::close);
        clients.clear();
        super.doShutdown();
    }

    FunctionProvider provider() {
        return provider;
    }

    Vertx vertx() {
        return vertx;
    }

    CallEvents events() {
        return events;
    }

    String defaultNamespace() {
        return defaultNamespace;
    }

    Duration defaultTimeout() {
        return defaultTimeout;
    }

    String userAgent() {
        return userAgent;
    }

    ColdStart coldStart(ColdStart.Mode mode, Duration timeout) {
        return new ColdStart(scaleFromZero, mode, vertx, events, timeout);
    }

    /** The connections of the event loop that asks. */
    FunctionClient client() {
        return clients.computeIfAbsent(Thread.currentThread(), loop -> new FunctionClient(vertx));
    }
}
