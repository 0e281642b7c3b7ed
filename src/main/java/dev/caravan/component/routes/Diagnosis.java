package dev.caravan.component.routes;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.ExpressionIllegalSyntaxException;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.NoSuchBeanException;
import org.apache.camel.NoSuchEndpointException;
import org.apache.camel.ResolveEndpointFailedException;
import org.apache.camel.spi.EndpointUriFactory;
import org.apache.camel.util.StringHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/**
 * Turns what Camel throws into one sentence with a place.
 *
 * <p>Only the YAML parser knows where it is: its exceptions, and Camel's own for an unknown step or field, carry a
 * mark that counts from 0. What fails later, when the route is created, names a route and the thing that is wrong but
 * not where it stands ({@code FailedToCreateRouteException}'s location is that of the route), so the thing is looked
 * up in the text.
 */
final class Diagnosis {

    private static final Logger log = LoggerFactory.getLogger(Diagnosis.class);

    private static final Pattern UNKNOWN_OPTIONS = Pattern.compile("Unknown parameters=\\[\\{([^=}]+)=");
    private static final Pattern MISSING_PROPERTY = Pattern.compile("Property with key \\[([^]]+)]");
    private static final Pattern UNKNOWN_WORD = Pattern.compile("(?:Unknown node id|Unsupported field): (\\S+)");

    private final CamelContext context;
    private final RouteText source;

    private Diagnosis(CamelContext context, RouteText source) {
        this.context = context;
        this.source = source;
    }

    static RouteRefusedException refuse(CamelContext context, RouteText source, Exception failure) {
        if (failure instanceof RouteRefusedException already) {
            return already;
        }
        return new RouteRefusedException(new Diagnosis(context, source).problem(failure), failure);
    }

    private RouteProblem problem(Exception failure) {
        int routeLine = 0;
        String uri = "";
        for (Throwable cause = failure; cause != null && cause != cause.getCause(); cause = cause.getCause()) {
            if (cause instanceof MarkedYamlEngineException marked) {
                return syntax(marked);
            }
            if (cause instanceof FailedToCreateRouteException route) {
                routeLine = Place.firstOf(source.text(), String.valueOf(route.getRouteId()), 0)
                        .line();
            }
            if (cause instanceof ResolveEndpointFailedException endpoint) {
                uri = endpoint.getUri();
            }
            if (cause instanceof NoSuchBeanException bean) {
                return at(bean.getName(), routeLine, "no bean is called \"" + bean.getName() + "\"", beans());
            }
            if (cause instanceof ExpressionIllegalSyntaxException) {
                return expression((ExpressionIllegalSyntaxException) cause, routeLine);
            }
            if (cause instanceof NoSuchEndpointException missing) {
                return component(missing.getUri(), routeLine);
            }
        }
        Throwable root = root(failure);
        String message = String.valueOf(root.getMessage());
        Matcher property = MISSING_PROPERTY.matcher(message);
        if (property.find()) {
            String key = property.group(1);
            return at(key, routeLine, "nothing is given for {{" + key + "}}", Set.of());
        }
        if (!uri.isEmpty()) {
            return endpoint(uri, message, routeLine);
        }
        return new RouteProblem(source.file(), routeLine, 0, message, "");
    }

    private RouteProblem syntax(MarkedYamlEngineException marked) {
        int line = marked.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
        int column = marked.getProblemMark().map(mark -> mark.getColumn() + 1).orElse(0);
        String message = String.valueOf(marked.getProblem());
        Matcher unknown = UNKNOWN_WORD.matcher(message);
        if (!unknown.find()) {
            return new RouteProblem(source.file(), line, column, message, "");
        }
        // Camel marks the map that holds the word; the word itself stands on or below that line.
        String word = unknown.group(1);
        Place place = Place.firstOf(source.text(), word, line);
        return (place.equals(Place.UNKNOWN) ? new Place(line, column) : place)
                .problem(source.file(), message, Nearest.to(word, steps()));
    }

    private RouteProblem expression(ExpressionIllegalSyntaxException failure, int routeLine) {
        String expression = failure.getExpression();
        String firstLine = expression.lines().findFirst().orElse(expression).strip();
        int index = Math.max(source.text().indexOf(firstLine), 0);
        long line = source.text().substring(0, index).lines().count();
        Place place = index == 0
                ? new Place(routeLine, 0)
                : new Place((int) Math.max(line, 1), index - source.text().lastIndexOf('\n', index));
        String reason = String.valueOf(failure.getMessage());
        return place.problem(source.file(), "the expression cannot be read: " + reason, "");
    }

    private RouteProblem component(String uri, int routeLine) {
        String scheme = StringHelper.before(uri, ":", uri);
        return at(scheme, routeLine, "no component is called \"" + scheme + "\"", components());
    }

    private RouteProblem endpoint(String uri, String message, int routeLine) {
        String scheme = StringHelper.before(uri, ":", uri);
        Matcher unknown = UNKNOWN_OPTIONS.matcher(message);
        if (unknown.find()) {
            String option = unknown.group(1);
            return at(option, routeLine, scheme + ": has no option \"" + option + "\"", options(scheme));
        }
        if (context.hasComponent(scheme) == null && message.contains("No component found with scheme")) {
            return component(uri, routeLine);
        }
        return at(StringHelper.before(uri, "?", uri), routeLine, message, Set.of());
    }

    private RouteProblem at(String word, int routeLine, String message, Collection<String> known) {
        Place place = Place.firstOf(source.text(), word, routeLine);
        return (place.equals(Place.UNKNOWN) ? new Place(routeLine, 0) : place)
                .problem(source.file(), message, Nearest.to(word, known));
    }

    private Set<String> beans() {
        return context.getRegistry().findByTypeWithName(Object.class).keySet();
    }

    private Set<String> options(String scheme) {
        EndpointUriFactory factory = context.getCamelContextExtension().getEndpointUriFactory(scheme);
        return factory == null ? Set.of() : factory.propertyNames();
    }

    /** Every step of Camel's model: a file of bare names in the jar of the model. */
    private static Set<String> steps() {
        Set<String> words = new TreeSet<>();
        declared("model.properties").forEach(properties -> words.addAll(properties.stringPropertyNames()));
        return words;
    }

    /** What the jars on the class path declare, and what was added by hand. */
    private Set<String> components() {
        Set<String> words = new TreeSet<>(context.getComponentNames());
        declared("component.properties")
                .forEach(properties -> words.addAll(
                        List.of(properties.getProperty("components", "").split("\\s+"))));
        return words;
    }

    private static List<Properties> declared(String resource) {
        List<Properties> all = new ArrayList<>();
        try {
            String path = "META-INF/services/org/apache/camel/" + resource;
            for (URL url : Collections.list(Diagnosis.class.getClassLoader().getResources(path))) {
                Properties properties = new Properties();
                try (InputStream in = url.openStream()) {
                    properties.load(in);
                }
                all.add(properties);
            }
        } catch (IOException e) {
            // Only a suggestion is lost; the refusal itself must not be.
            log.debug("cannot read the known words resource={}", resource, e);
        }
        return all;
    }

    private static Throwable root(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return cause;
    }
}
