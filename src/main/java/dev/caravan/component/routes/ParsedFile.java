package dev.caravan.component.routes;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteConfigurationBuilder;
import org.apache.camel.model.OptionalIdentifiedDefinition;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.TemplatedRouteDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.jspecify.annotations.Nullable;

/**
 * One file, parsed for one context. Definitions are spent once they have been added (Camel prepares and marks them), so
 * a file is parsed again for each use.
 *
 * <p>Camel parses in two steps, and so does this: syntax when the builder is found, the steps of the routes when it is
 * configured. Route configurations must be in the context before the second step: that is when they are worked into
 * the routes.
 */
final class ParsedFile {

    private final RouteText source;
    private final RouteConfigurationBuilder builder;

    private ParsedFile(RouteText source, RouteConfigurationBuilder builder) {
        this.source = source;
        this.builder = builder;
    }

    /** Reads the syntax, and puts the file's {@code beans:} into the context's registry, which Camel does at once. */
    static ParsedFile of(CamelContext context, RouteText source) throws RouteRefusedException {
        if (source.text().isBlank()) {
            throw new RouteRefusedException(
                    new RouteProblem(source.file(), 0, 0, "the file is empty or cannot be read", ""));
        }
        try {
            Resource resource = ResourceHelper.fromString(source.file(), source.text());
            Collection<RoutesBuilder> builders =
                    PluginHelper.getRoutesLoader(context).findRoutesBuilders(List.of(resource));
            return new ParsedFile(
                    source, (RouteConfigurationBuilder) builders.iterator().next());
        } catch (Exception e) {
            throw Diagnosis.refuse(context, source, e);
        }
    }

    /** Adds the file's route configurations to the context. */
    void addConfigurations(CamelContext context) throws RouteRefusedException {
        try {
            builder.addRouteConfigurationsToCamelContext(context);
        } catch (Exception e) {
            throw Diagnosis.refuse(context, source, e);
        }
    }

    /** Reads the steps of every route; nothing is added to the context yet. */
    void readRoutes(CamelContext context) throws RouteRefusedException {
        try {
            builder.configureRoutes(context);
        } catch (Exception e) {
            throw Diagnosis.refuse(context, source, e);
        }
        if (!builder.getRestCollection().getRests().isEmpty()) {
            throw refusal("rest:", "rest: is not available here; write a route from platform-http:");
        }
        for (RouteDefinition route : routes()) {
            requireId(route, route.getId(), "route");
        }
        for (RouteTemplateDefinition template : templates()) {
            requireId(template, template.getId(), "routeTemplate");
        }
        Set<String> ids = new HashSet<>();
        for (RouteDefinition route : routes()) {
            requireUnique(ids, route.getId());
        }
        for (TemplatedRouteDefinition route : templatedRoutes()) {
            if (route.getRouteId() == null) {
                throw refusal("templatedRoute", "templatedRoute needs a routeId");
            }
            requireUnique(ids, route.getRouteId());
        }
    }

    private void requireId(OptionalIdentifiedDefinition<?> definition, @Nullable String id, String kind)
            throws RouteRefusedException {
        if (id == null) {
            throw new RouteRefusedException(new RouteProblem(
                    source.file(), Math.max(0, definition.getLineNumber()), 0, "this " + kind + " needs an id", ""));
        }
    }

    private void requireUnique(Set<String> ids, String id) throws RouteRefusedException {
        if (!ids.add(id)) {
            throw refusal(id, "the id \"" + id + "\" is used twice in this file");
        }
    }

    /** A refusal at the last place where a word stands in the file. */
    RouteRefusedException refusal(String word, String message) {
        return new RouteRefusedException(Place.lastOf(source.text(), word).problem(source.file(), message, ""));
    }

    RouteText source() {
        return source;
    }

    List<RouteConfigurationDefinition> configurations() {
        return builder.getRouteConfigurationCollection().getRouteConfigurations();
    }

    List<RouteTemplateDefinition> templates() {
        return builder.getRouteTemplateCollection().getRouteTemplates();
    }

    List<RouteDefinition> routes() {
        return builder.getRouteCollection().getRoutes();
    }

    List<TemplatedRouteDefinition> templatedRoutes() {
        return builder.getTemplatedRouteCollection().getTemplatedRoutes();
    }
}
