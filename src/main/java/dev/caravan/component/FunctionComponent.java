package dev.caravan.component;

import dev.caravan.function.CallEvents;
import dev.caravan.provider.FunctionProvider;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;

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

    /** One for each event loop, so that a call, its connection and its answer stay on one thread. */
    private final Map<Thread, FunctionClient> clients = new ConcurrentHashMap<>();

    /**
     * The Vert.x stays the caller's.
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
        this.provider = provider;
        this.vertx = vertx;
        this.events = events;
        this.defaultNamespace = defaultNamespace;
        this.defaultTimeout = defaultTimeout;
        this.userAgent = userAgent;
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

    /** The connections of the event loop that asks. */
    FunctionClient client() {
        return clients.computeIfAbsent(Thread.currentThread(), loop -> new FunctionClient(vertx));
    }
}
