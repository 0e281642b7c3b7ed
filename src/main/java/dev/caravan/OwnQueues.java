package dev.caravan;

import dev.caravan.component.routes.LoadedRoute;
import dev.caravan.component.routes.RouteFiles;
import dev.caravan.component.routes.RouteProblem;
import dev.caravan.ledger.Ledger;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.queue.QueueNames;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Queues of functions' own: one that a function names by {@code com.openfaas.queue}, or that still has unfinished calls,
 * and that no route of the folder consumes, gets a route from the template {@code run-call}; it goes when neither holds
 * any more. Such a route stands beside the files of the folder like one of them, so an edited template makes it anew.
 *
 * <p>Not thread-safe: one thread looks.
 */
final class OwnQueues {

    /** The annotation by which a function chooses its logical queue (contract section 3.2). */
    private static final String ANNOTATION = "com.openfaas.queue";

    /** How often the provider is asked; a call that was accepted for a queue is seen sooner. */
    private static final Duration SELDOM = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(OwnQueues.class);
    private static final String FOLDER = "queues-on-demand/";
    private static final Pattern CONSUMED =
            Pattern.compile("(?:activemq|jms):(?://)?(?:queue:)?([a-z0-9_-]+)\\.(?:>|%3E).*");

    /** Their routes are in the folder, and it is for an operator to take them out. */
    private static final Set<String> SHIPPED = Set.of(QueueNames.DEFAULT_QUEUE, QueueNames.CALLBACK_QUEUE);

    private final FunctionProvider provider;
    private final Ledger ledger;
    private final RouteFiles routes;
    private final Set<String> made = new HashSet<>();
    private final Map<String, String> failed = new HashMap<>();
    private Set<String> named = Set.of();
    private long namedAt = System.nanoTime() - SELDOM.toNanos();

    OwnQueues(FunctionProvider provider, Ledger ledger, RouteFiles routes) {
        this.provider = provider;
        this.ledger = ledger;
        this.routes = routes;
    }

    /** Makes the routes that are missing and removes those that nobody needs. */
    void look() {
        Set<String> wanted = wanted();
        if (wanted.isEmpty() && made.isEmpty()) {
            return;
        }
        wanted.removeAll(consumedByFolder());
        for (String queue : wanted) {
            if (!made.contains(queue) && done(queue, routes.add(file(queue), route(queue)))) {
                LOG.info("queue made queue={}", queue);
                made.add(queue);
            }
        }
        for (String queue : Set.copyOf(made)) {
            if (!wanted.contains(queue) && done(queue, routes.remove(file(queue)))) {
                LOG.info("queue removed queue={}", queue);
                made.remove(queue);
            }
        }
    }

    private Set<String> wanted() {
        if (System.nanoTime() - namedAt >= SELDOM.toNanos()) {
            named = named();
            namedAt = System.nanoTime();
        }
        var queues = new TreeSet<>(named);
        ledger.counts().keySet().stream()
                .filter(key -> !key.state().terminal())
                .forEach(key -> queues.add(key.queue()));
        queues.removeAll(SHIPPED);
        return queues;
    }

    private Set<String> named() {
        return provider.namespaces().list().stream()
                .flatMap(namespace -> provider.list(namespace.name()).stream())
                .flatMap(status -> status.deployment().annotation(ANNOTATION).stream())
                .filter(QueueNames::isLogical)
                .collect(Collectors.toSet());
    }

    /** Whether their routes are started or not. */
    private Set<String> consumedByFolder() {
        return routes.routes().stream()
                .filter(route -> !route.file().startsWith(FOLDER))
                .map(LoadedRoute::from)
                .map(CONSUMED::matcher)
                .filter(Matcher::matches)
                .map(matcher -> matcher.group(1))
                .collect(Collectors.toSet());
    }

    /** Says what is in the way, once. */
    private boolean done(String queue, Optional<RouteProblem> problem) {
        if (problem.isEmpty()) {
            failed.remove(queue);
            return true;
        }
        String reason = problem.get().toString();
        if (!reason.equals(failed.put(queue, reason))) {
            LOG.warn("the route of a queue cannot be changed queue={} reason=\"{}\"", queue, reason);
        }
        return false;
    }

    private static String file(String queue) {
        return FOLDER + queue + ".camel.yaml";
    }

    /** As a line at the end of {@code run-call.camel.yaml} would be; a queue's name needs no quotes inside these. */
    private static String route(String queue) {
        return """
                - templatedRoute:
                    routeTemplateRef: run-call
                    routeId: run-%1$s-on-demand
                    parameters:
                      - name: queue
                        value: "%1$s"
                """.formatted(queue);
    }
}
