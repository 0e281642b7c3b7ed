package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.RequestHead;
import dev.caravan.component.routes.LoadedRoute;
import dev.caravan.component.routes.RefusedEdit;
import dev.caravan.component.routes.RouteEdit;
import dev.caravan.component.routes.RouteFiles;
import dev.caravan.component.routes.RouteProblem;
import dev.caravan.component.routes.RouteSource;
import dev.caravan.component.routes.RouteStep;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bean {@code routes} behind {@code /system/routes}: lists the routes of this node, shows what each does, starts and
 * stops them, and changes their files.
 */
public final class RoutesApi {

    private static final Logger LOG = LoggerFactory.getLogger(RoutesApi.class);

    private static final int LONGEST_TEXT = 1 << 20;
    private static final String UNSAVED = "unsaved.camel.yaml";

    /** What one would need to start a route again. */
    private static final String LIFELINE = "platform-http:/system/routes";

    private final Supplier<RouteFiles> routes;

    /** @param routes asked when a request comes: by then they are loaded */
    public RoutesApi(Supplier<RouteFiles> routes) {
        this.routes = routes;
    }

    /** An array of the routes in the order of loading, and of the files of which nothing runs. */
    public void list(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            Map<String, RefusedEdit> refused = refused();
            ArrayNode all = JsonAnswer.object().putArray("routes");
            for (LoadedRoute route : routes.get().routes()) {
                all.add(json(route, refused.get(route.file())));
            }
            refused.values().stream().filter(edit -> !edit.lastGoodRuns()).forEach(edit -> all.add(notLoaded(edit)));
            return new JsonAnswer(200, all);
        });
    }

    /** One route with its {@code steps}. */
    public void show(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            LoadedRoute route = route(exchange);
            ObjectNode json = json(route, refused().get(route.file()));
            add(json.putArray("steps"), routes.get().steps(route.id()));
            return new JsonAnswer(200, json);
        });
    }

    /** It takes messages again; 200 with the route as it is then. */
    public void start(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            LoadedRoute before = route(exchange);
            String id = before.id();
            try {
                routes.get().startRoute(id);
            } catch (Exception e) {
                LOG.warn("cannot start route={}", id, e);
                throw new HttpFailure(409, "route \"" + id + "\" cannot be started: the log says why");
            }
            LOG.info("route started route={}", id);
            return turned(exchange, before);
        });
    }

    /** It takes nothing more, and what runs in it has finished; 200 with the route as it is then. */
    public void stop(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            LoadedRoute route = route(exchange);
            if (route.from().startsWith(LIFELINE) || route.from().startsWith(LIFELINE.replace(":", "://"))) {
                throw new HttpFailure(
                        409, "route \"" + route.id() + "\" serves /system/routes, by which it would be started again");
            }
            try {
                routes.get().stopRoute(route.id());
            } catch (Exception e) {
                LOG.warn("cannot stop route={}", route.id(), e);
                throw new HttpFailure(409, "route \"" + route.id() + "\" cannot be stopped: the log says why");
            }
            LOG.info("route stopped route={}", route.id());
            return turned(exchange, route);
        });
    }

    private JsonAnswer turned(Exchange exchange, LoadedRoute before) {
        LoadedRoute now = route(exchange);
        Audit.changed(exchange, before.state(), now.state());
        return new JsonAnswer(200, json(now, null));
    }

    /** The text of its file as it stands on disk, with its entity tag. */
    public void source(Exchange exchange) {
        JsonAnswer.orProblem(exchange, () -> {
            RouteSource source = requireSource(exchange);
            exchange.getMessage().removeHeaders("*");
            exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/yaml");
            exchange.getMessage().setHeader("X-Content-Type-Options", "nosniff");
            exchange.getMessage().setHeader("ETag", tag(source));
            exchange.getMessage().setBody(source.text());
        });
    }

    /**
     * Replaces its file: 200 with the new entity tag when it runs; 422 with what is wrong otherwise, and nothing has
     * changed; 412 when the file is not what {@code If-Match} says, 428 when nothing is said; 409 when it cannot be
     * written.
     */
    public void save(Exchange exchange) {
        JsonAnswer.orProblem(exchange, () -> {
            RouteSource before = requireSource(exchange);
            Audit.subject(exchange, before.file());
            Optional<String> tag = wanted(exchange, before);
            String text = text(exchange);
            edit(id(exchange), tag, text)
                    .<Runnable>fold(
                            saved -> () -> saved(exchange, before, saved),
                            problems -> () -> refused(exchange, problems),
                            () -> () -> {
                                throw stale();
                            },
                            why -> () -> {
                                throw new HttpFailure(409, why);
                            })
                    .run();
        });
    }

    /** What would be wrong with a text, as the file that {@code ?file=} names; an empty array when it would run. */
    public void validate(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            String file = QueryParameters.of(exchange).text("file").orElse(UNSAVED);
            ArrayNode problems = JsonAnswer.object().putArray("problems");
            routes.get().check(file, text(exchange)).ifPresent(problem -> problems.add(json(problem)));
            return new JsonAnswer(200, problems);
        });
    }

    private RouteEdit edit(String id, Optional<String> tag, String text) {
        try {
            return routes.get().save(id, tag, text);
        } catch (IOException e) {
            throw new HttpFailure(409, String.valueOf(e.getMessage()));
        }
    }

    private static void saved(Exchange exchange, RouteSource before, RouteSource source) {
        Audit.changed(exchange, version(before), version(source));
        LOG.info("route saved file={}", source.file());
        new JsonAnswer(200, JsonAnswer.object().put("file", source.file()))
                .with("ETag", List.of(tag(source)))
                .writeTo(exchange.getMessage());
    }

    /** Enough to tell one text from another; what stands in it may be somebody's business. */
    private static String version(RouteSource source) {
        return source.text().lines().count() + " lines, ETag " + source.tag();
    }

    private static void refused(Exchange exchange, List<RouteProblem> problems) {
        JsonAnswer.problem(
                exchange,
                new HttpFailure(422, "it would not run: " + problems.get(0)),
                Map.of("problems", array(problems)));
    }

    private static HttpFailure stale() {
        return new HttpFailure(
                412, "somebody else has changed the file meanwhile: get it again, and make your changes there");
    }

    /** Empty for {@code *}. */
    private static Optional<String> wanted(Exchange exchange, RouteSource before) {
        RequestHead head = exchange.getProperty(CaravanHeaders.REQUEST_HEAD, RequestHead.class);
        String match = head == null ? null : head.headers().get("If-Match");
        if (match == null) {
            throw new HttpFailure(
                    428,
                    "the header If-Match is missing: the ETag that the text came with, so that no other edit is lost");
        }
        if (match.strip().equals("*")) {
            return Optional.empty();
        }
        if (!match.strip().equals(tag(before))) {
            throw stale();
        }
        return Optional.of(before.tag());
    }

    private static String tag(RouteSource source) {
        return "\"" + source.tag() + "\"";
    }

    private static String text(Exchange exchange) {
        byte[] body = Answer.body(exchange.getMessage());
        if (body == null) {
            return "";
        }
        if (body.length > LONGEST_TEXT) {
            throw new HttpFailure(400, "a route file has at most 1 MiB");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new HttpFailure(400, "the body is not UTF-8 text");
        }
    }

    private static String id(Exchange exchange) {
        return exchange.getMessage().getHeader("id", "", String.class);
    }

    private LoadedRoute route(Exchange exchange) {
        return routes.get().route(id(exchange)).orElseThrow(RoutesApi::unknown);
    }

    private RouteSource requireSource(Exchange exchange) {
        try {
            return routes.get()
                    .source(id(exchange))
                    .orElseThrow(() -> routes.get().route(id(exchange)).isPresent()
                            ? new HttpFailure(404, "no file holds this route: it was made on demand")
                            : unknown());
        } catch (IOException e) {
            LOG.warn("cannot read the routes folder reason=\"{}\"", e.toString());
            throw HttpFailure.busy("the routes folder cannot be read now");
        }
    }

    private static HttpFailure unknown() {
        return new HttpFailure(404, "there is no route with that id");
    }

    private Map<String, RefusedEdit> refused() {
        return routes.get().refused().stream().collect(Collectors.toMap(RefusedEdit::file, Function.identity()));
    }

    private static ObjectNode json(LoadedRoute route, @Nullable RefusedEdit refused) {
        ObjectNode json = JsonAnswer.object()
                .put("id", route.id())
                .put("description", route.description())
                .put("file", route.file())
                .put("state", route.state())
                .put("from", route.from());
        ArrayNode to = json.putArray("to");
        route.to().forEach(to::add);
        json.put("exchanges", route.exchanges())
                .put("failures", route.failures())
                .put("meanMillis", route.meanMillis());
        if (refused != null) {
            json.set("refused", json(refused));
        }
        return json;
    }

    /** The file's name stands for the routes that are not there. */
    private static ObjectNode notLoaded(RefusedEdit refused) {
        String name = refused.file().replaceFirst(".*/", "").replaceFirst("\\.camel\\.yaml$", "");
        ObjectNode json = JsonAnswer.object()
                .put("id", name)
                .put("description", "")
                .put("file", refused.file())
                .put("state", "refused")
                .put("from", "");
        json.putArray("to");
        json.put("exchanges", 0).put("failures", 0).put("meanMillis", 0);
        json.set("refused", json(refused));
        return json;
    }

    private static ObjectNode json(RefusedEdit refused) {
        return json(new RouteProblem(
                        refused.file(), refused.line(), refused.column(), refused.reason(), refused.suggestion()))
                .put("since", refused.since().toString());
    }

    private static ArrayNode array(Collection<RouteProblem> problems) {
        ArrayNode array = JsonAnswer.object().putArray("problems");
        problems.forEach(problem -> array.add(json(problem)));
        return array;
    }

    private static ObjectNode json(RouteProblem problem) {
        ObjectNode json = JsonAnswer.object()
                .put("file", problem.file())
                .put("line", problem.line())
                .put("column", problem.column())
                .put("message", problem.message());
        if (!problem.suggestion().isEmpty()) {
            json.put("suggestion", problem.suggestion());
        }
        return json;
    }

    private static void add(ArrayNode to, List<RouteStep> steps) {
        for (RouteStep step : steps) {
            ObjectNode json =
                    to.addObject().put("id", step.id()).put("kind", step.kind()).put("label", step.label());
            if (step.exchanges() >= 0) {
                json.put("exchanges", step.exchanges()).put("failures", step.failures());
            }
            add(json.putArray("children"), step.children());
        }
    }
}
