package dev.caravan.gateway;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumerAware;
import org.apache.camel.support.DefaultConsumer;
import org.jspecify.annotations.Nullable;

/** A route that serves HTTP: registered in the route table for as long as it runs. */
final class HttpConsumer extends DefaultConsumer implements PlatformHttpConsumer {

    /** The route group whose endpoints ask for no credentials; said in the route's YAML as {@code group: public}. */
    private static final String PUBLIC = "public";

    private final PlatformHttpEndpoint endpoint;
    private final RouteTable<HttpConsumer> table;
    private final String name;
    private volatile @Nullable Boolean open;

    HttpConsumer(PlatformHttpEndpoint endpoint, Processor processor, RouteTable<HttpConsumer> table) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.table = table;
        this.name = endpoint.getPath().replaceAll("/\\{[^}]*}", "");
    }

    @Override
    public PlatformHttpEndpoint getEndpoint() {
        return endpoint;
    }

    boolean streaming() {
        return endpoint.isUseStreaming();
    }

    /** Its path without the parameters in it, for metrics. */
    String name() {
        return name;
    }

    /** Whether its answers are counted here: calls of functions are counted where they are made, each once. */
    boolean counted() {
        return !name.equals("/function");
    }

    /** Whether everybody may call it. */
    boolean open() {
        Boolean known = open;
        if (known == null) {
            Route route = route();
            if (route == null) {
                return false; // still starting: closed until we know better
            }
            setRouteId(route.getRouteId());
            known = PUBLIC.equals(route.getGroup());
            open = known;
        }
        return known;
    }

    /** Camel tells the route to the consumer around this one, so it is looked up there. */
    private @Nullable Route route() {
        for (Route route : endpoint.getCamelContext().getRoutes()) {
            if (route.getConsumer() instanceof PlatformHttpConsumerAware around
                    && around.getPlatformHttpConsumer() == this) {
                return route;
            }
        }
        return null;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        table.add(new RouteTable.Entry<>(endpoint.getPath(), endpoint.isMatchOnUriPrefix(), verbs(), this));
    }

    @Override
    protected void doStop() throws Exception {
        table.remove(this);
        super.doStop();
    }

    private Set<String> verbs() {
        Set<String> verbs = new TreeSet<>();
        String restrict = endpoint.getHttpMethodRestrict();
        if (restrict != null) {
            for (String verb : restrict.split(",", -1)) {
                verbs.add(verb.strip().toUpperCase(Locale.ROOT));
            }
        }
        return verbs;
    }
}
