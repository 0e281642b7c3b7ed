package dev.caravan.component.resque;

import dev.caravan.resque.Resque;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;
import org.jspecify.annotations.Nullable;

/** {@code resque:QUEUES} takes jobs from Resque's queues; {@code to: resque:QUEUE} puts one there. */
@Component("resque")
public class ResqueComponent extends DefaultComponent {

    private final @Nullable Resque resque;
    private final Runnable exit;

    /**
     * @param resque null where there is no Redis: routes can be made and not be started
     * @param exit ends this process, for {@code exitOnComplete}
     */
    public ResqueComponent(@Nullable Resque resque, Runnable exit) {
        this.resque = resque;
        this.exit = exit;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        var endpoint = new ResqueEndpoint(uri, this, remaining);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    /** @throws IllegalStateException where there is none */
    Resque resque() {
        if (resque == null) {
            throw new IllegalStateException("resque: needs a Redis, set CARAVAN_REDIS_URL");
        }
        return resque;
    }

    Runnable exit() {
        return exit;
    }
}
