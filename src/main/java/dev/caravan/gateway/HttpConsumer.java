package dev.caravan.gateway;

import dev.caravan.gateway.auth.Role;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A route that serves HTTP: registered in the route table for as long as it runs. */
final class HttpConsumer extends DefaultConsumer implements PlatformHttpConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(HttpConsumer.class);

    /** The route group whose endpoints ask for no credentials; said in the route's YAML as {@code group: public}. */
    private static final String PUBLIC = "public";

    private final PlatformHttpEndpoint endpoint;
    private final RouteTable<HttpConsumer> table;
    private final String name;
    private volatile @Nullable String group;

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

    /** Its path as its route says it, with the parameters in it. */
    String path() {
        return endpoint.getPath();
    }

    /** Whether its answers are counted here: calls of functions are counted where they are made, each once. */
    boolean counted() {
        return !(name.equals("/function") && endpoint.isMatchOnUriPrefix());
    }

    /** Whether everybody may call it. */
    boolean open() {
        return PUBLIC.equals(group());
    }

    /** The least role that may call it when it is not open: the admin's unless its route says otherwise. */
    Role role() {
        return Role.of(group()).orElse(Role.ADMIN);
    }

    /** As the route says; empty while it is still starting, which leaves it to the admin. */
    private String group() {
        String known = group;
        if (known == null) {
            Route route = route();
            if (route == null) {
                return "";
            }
            setRouteId(route.getRouteId());
            known = route.getGroup() == null ? "" : route.getGroup();
            group = known;
            if (!known.isEmpty() && !known.equals(PUBLIC) && Role.of(known).isEmpty()) {
                LOG.warn("route group is no role, so it needs an admin route={} group={}", getRouteId(), known);
            }
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
