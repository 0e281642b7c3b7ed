package dev.caravan.component;

import dev.caravan.function.CallEvents;
import dev.caravan.provider.FunctionProvider;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
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
    private @Nullable FunctionClient client;

    /** The Vert.x stays the caller's. */
    public FunctionComponent(
            FunctionProvider provider,
            Vertx vertx,
            CallEvents events,
            String defaultNamespace,
            Duration defaultTimeout) {
        this.provider = provider;
        this.vertx = vertx;
        this.events = events;
        this.defaultNamespace = defaultNamespace;
        this.defaultTimeout = defaultTimeout;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        var endpoint = new FunctionEndpoint(uri, this, remaining);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        client = new FunctionClient(vertx);
    }

    @Override
    protected void doShutdown() throws Exception {
        if (client != null) {
            client.close();
        }
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

    FunctionClient client() {
        if (client == null) {
            throw new IllegalStateException("the function component is not started");
        }
        return client;
    }
}
