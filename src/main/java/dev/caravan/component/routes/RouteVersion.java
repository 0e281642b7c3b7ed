package dev.caravan.component.routes;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.SendDefinition;
import org.apache.camel.model.TemplatedRouteDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.camel.util.URISupport;

/**
 * One version of one route in the running context. Camel cannot hold two routes of one id, and adding a second would
 * stop the first, so each version has an internal id of its own: {@code run-call}, then {@code run-call@2}.
 *
 * <p>A version is always created with {@code autoStartup=false}: everything is resolved and warmed up, and the trigger
 * is started by us, when it is its turn.
 */
final class RouteVersion {

    /** Triggers of which a second may be started while the first still runs without a message being seen twice. */
    private static final Set<String> COEXISTING = Set.of("platform-http", "activemq", "jms");

    private static final Set<String> JMS = Set.of("activemq", "jms");

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\??([^:}]+)(?::([^}]*))?}}");

    private final ModelCamelContext context;
    private final String id;
    private final String file;
    private final String template;
    private final String autoStartup;
    private final RouteDefinition definition;
    private final Route route;

    private RouteVersion(
            ModelCamelContext context, String id, String internalId, String file, String template, String autoStartup) {
        this.context = context;
        this.id = id;
        this.file = file;
        this.template = template;
        this.autoStartup = autoStartup;
        this.definition = context.getRouteDefinition(internalId);
        Route created = context.getRoute(internalId);
        if (created == null) {
            // Camel leaves out a route whose precondition is false, without a word.
            throw new IllegalStateException("route \"" + id + "\" has a precondition that is false");
        }
        this.route = created;
    }

    /** Creates a version of a plain route, without starting it. On failure nothing of it is left behind. */
    static RouteVersion of(ModelCamelContext context, String file, RouteDefinition definition, int number)
            throws Exception {
        String id = definition.getId();
        String internalId = internalId(id, number);
        String autoStartup = String.valueOf(definition.getAutoStartup());
        definition.setId(internalId);
        definition.setAutoStartup("false");
        if (number > 1 && definition.getNodePrefixId() == null) {
            // The ids of steps are unique in a context too, and two versions stand in it for a while.
            definition.setNodePrefixId("v" + number + "-");
        }
        try {
            context.addRouteDefinition(definition);
        } catch (Exception e) {
            context.removeRouteDefinition(definition);
            throw e;
        }
        return new RouteVersion(context, id, internalId, file, "", autoStartup);
    }

    /** Creates a version of a templated route, without starting it. On failure nothing of it is left behind. */
    static RouteVersion of(ModelCamelContext context, String file, TemplatedRouteDefinition made, int number)
            throws Exception {
        String id = made.getRouteId();
        String internalId = internalId(id, number);
        RouteTemplateDefinition template = context.getRouteTemplateDefinition(made.getRouteTemplateRef());
        // Camel copies the flag from the template, and gives no other way to create such a route without starting it.
        String autoStartup = template == null ? null : template.getRoute().getAutoStartup();
        made.setRouteId(internalId);
        try {
            if (template != null) {
                template.getRoute().setAutoStartup("false");
            }
            context.addRouteFromTemplatedRoute(made);
        } catch (Exception e) {
            RouteDefinition half = context.getRouteDefinition(internalId);
            if (half != null) {
                context.removeRouteDefinition(half);
            }
            throw e;
        } finally {
            made.setRouteId(id);
            if (template != null) {
                template.getRoute().setAutoStartup(autoStartup);
            }
        }
        return new RouteVersion(context, id, internalId, file, made.getRouteTemplateRef(), String.valueOf(autoStartup));
    }

    private static String internalId(String id, int number) {
        return number == 1 ? id : id + "@" + number;
    }

    /** The id in the file, from the id Camel knows a version by. */
    static String publicId(String internalId) {
        int at = internalId.lastIndexOf('@');
        return at < 0 ? internalId : internalId.substring(0, at);
    }

    String id() {
        return id;
    }

    String internalId() {
        return route.getRouteId();
    }

    String file() {
        return file;
    }

    /** The template it was made from; empty for a plain route. */
    String template() {
        return template;
    }

    /** What the file says about starting it, with the template's parameters filled in. */
    boolean startsByItself() {
        Matcher placeholder = PLACEHOLDER.matcher(autoStartup);
        String value = autoStartup;
        Map<?, ?> parameters = definition.getTemplateParameters();
        if (placeholder.matches() && parameters != null && parameters.get(placeholder.group(1)) != null) {
            value = String.valueOf(parameters.get(placeholder.group(1)));
        } else if (placeholder.matches()) {
            value = context.getPropertiesComponent()
                    .resolveProperty(placeholder.group(1))
                    .orElse(String.valueOf(placeholder.group(2)));
        }
        return !value.equals("false");
    }

    boolean running() {
        return context.getRouteController().getRouteStatus(internalId()).isStarted();
    }

    String state() {
        return context.getRouteController().getRouteStatus(internalId()).name().toLowerCase(Locale.ROOT);
    }

    void start() throws Exception {
        context.getRouteController().startRoute(internalId());
    }

    void stop(long seconds) throws Exception {
        context.getRouteController().stopRoute(internalId(), seconds, TimeUnit.SECONDS);
    }

    /** Whether the next version may start while this one still takes messages. A topic would deliver to both. */
    boolean coexists() {
        return COEXISTING.contains(scheme())
                && !route.getEndpoint().getEndpointBaseUri().contains("topic:");
    }

    /**
     * Takes this version out of the context's list of routes, where Camel looks for a second consumer of one endpoint
     * and would refuse the next version. It runs on.
     */
    void hide() {
        context.getCamelContextExtension().removeRoute(route);
    }

    /** Puts it back into the list. */
    void show() {
        context.getCamelContextExtension().addRoute(route);
    }

    /**
     * Stops taking new messages and lets the running ones be, at once. {@code stopRoute} would hold the context's lock
     * until they have finished, and with it every other route that wants to start. Suspending comes before stopping
     * where there is a choice: a stopping seda consumer interrupts what it runs. But a suspended JMS consumer stays
     * subscribed, and the broker hands it messages that nobody runs; so it is stopped, which waits for what it runs,
     * elsewhere. What a broker has handed to a busy consumer beyond its running message (prefetch) comes back to the
     * queue when that one has finished.
     */
    void stopTaking() {
        Consumer consumer = route.getConsumer();
        if (route.getEndpoint() instanceof PlatformHttpEndpoint) {
            ServiceHelper.stopService(consumer);
        } else if (JMS.contains(scheme())) {
            Thread stopping = new Thread(() -> ServiceHelper.stopService(consumer), "routes-stop-" + internalId());
            stopping.setDaemon(true);
            stopping.start();
        } else {
            ServiceHelper.suspendService(consumer);
        }
    }

    private String scheme() {
        return route.getEndpoint().getEndpointBaseUri().replaceFirst(":.*", "");
    }

    void takeAgain() {
        ServiceHelper.resumeService(route.getConsumer());
    }

    int inFlight() {
        return context.getInflightRepository().size(internalId());
    }

    /**
     * Stops and removes it. What still runs in it is cut off, so drain first; only a JMS consumer cannot be cut off, and
     * this waits for it.
     */
    void remove() throws Exception {
        // Outside the context's lock, for the sake of that wait.
        ServiceHelper.stopService(route.getConsumer());
        stop(1);
        context.removeRoute(internalId());
        RouteDefinition left = context.getRouteDefinition(internalId());
        if (left != null) {
            context.removeRouteDefinition(left);
        }
        Endpoint endpoint = route.getEndpoint();
        boolean shared = context.getRoutes().stream().anyMatch(other -> other.getEndpoint() == endpoint);
        if (shared) {
            // Removing a route shuts its endpoint down, even when the next version consumes from the same one.
            ServiceHelper.startService(endpoint);
        }
    }

    /** What it occupies of the HTTP table: path, with the names of its parameters left out, and methods. */
    List<String> httpPaths() {
        if (!(route.getEndpoint() instanceof PlatformHttpEndpoint http)) {
            return List.of();
        }
        String path = http.getPath().replaceAll("\\{[^}]*}", "{}") + (http.isMatchOnUriPrefix() ? "*" : "");
        String methods = http.getHttpMethodRestrict();
        List<String> paths = new ArrayList<>();
        for (String method : methods == null ? new String[] {"*"} : methods.split(",")) {
            paths.add(method.strip().toUpperCase(Locale.ROOT) + " " + path);
        }
        return paths;
    }

    LoadedRoute describe(RouteCounts counts) {
        List<String> to = new ArrayList<>();
        collect(definition.getOutputs(), to);
        String description = definition.getDescriptionText();
        return new LoadedRoute(
                id,
                internalId(),
                description == null ? "" : description,
                file,
                state(),
                URISupport.sanitizeUri(route.getEndpoint().getEndpointUri()),
                to,
                counts.exchanges(),
                counts.failures(),
                counts.meanMillis());
    }

    /** Its steps as they run. */
    List<RouteStep> steps(RouteTree tree) {
        return tree.of(definition.getOutputs());
    }

    private static void collect(List<ProcessorDefinition<?>> steps, List<String> to) {
        for (ProcessorDefinition<?> step : steps) {
            if (step instanceof SendDefinition<?> send) {
                to.add(URISupport.sanitizeUri(send.getEndpointUri()));
            } else if (step instanceof ToDynamicDefinition send) {
                to.add(URISupport.sanitizeUri(send.getUri()));
            }
            collect(step.getOutputs(), to);
        }
    }
}
