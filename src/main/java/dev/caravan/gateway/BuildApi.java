package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.build.BuildOrder;
import dev.caravan.build.FunctionBuilder;
import dev.caravan.function.BuiltFunction;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionStatus;
import dev.caravan.function.Resources;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.ProviderException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * The bean behind {@code /function}: lists functions, builds one from source, deletes one. Every answer is JSON with a
 * {@code message}, or with a {@code function_error} of one line when it did not work.
 *
 * <p>Who says {@code Accept: application/x-ndjson} to a build gets its log as it is written, a line of JSON each, and how
 * it ended in the last one; all others get one answer at its end. A client that leaves ends no build.
 */
public final class BuildApi {

    private static final String NDJSON = "application/x-ndjson";
    private static final int MOST_VERBS = 7;

    private final FunctionBuilder builder;
    private final FunctionProvider provider;
    private final String defaultNamespace;
    private final Executor background;

    /** @param background runs builds that are followed */
    public BuildApi(FunctionBuilder builder, FunctionProvider provider, String defaultNamespace, Executor background) {
        this.builder = builder;
        this.provider = provider;
        this.defaultNamespace = defaultNamespace;
        this.background = background;
    }

    /** The functions of {@code ?namespace=}, as a page with links or, when {@code Accept} says so, as JSON. */
    public void list(Exchange exchange) {
        answer(exchange, request -> {
            String namespace = Answer.parameter(request, "namespace").orElse(defaultNamespace);
            provider.namespaces().require(namespace);
            List<FunctionStatus> functions = provider.list(namespace).stream()
                    .filter(function ->
                            Asking.sees(exchange, function.deployment().function()))
                    .toList();
            String accept = String.valueOf(request.getHeader("Accept", "", String.class));
            boolean json = accept.contains("json") && !accept.contains("text/html");
            request.setHeader("Vary", "Accept");
            if (json) {
                ArrayNode array = JsonNodeFactory.instance.arrayNode();
                functions.forEach(function -> array.add(described(function)));
                return Answer.json(array);
            }
            request.setHeader("Content-Security-Policy", "default-src 'none'");
            String page = FunctionPage.of(functions.stream()
                    .map(function -> new FunctionPage.Row(
                            function.deployment().service(), url(function), language(function), function))
                    .toList());
            return new Answer(200, "text/html; charset=utf-8", page);
        });
    }

    /** Builds and deploys {@code {name, language, source, method, path, cpu, memory}}. */
    public void build(Exchange exchange) {
        if (String.valueOf(exchange.getMessage().getHeader("Accept", "", String.class))
                .contains(NDJSON)) {
            follow(exchange);
            return;
        }
        var log = new BuildLog();
        answer(
                exchange,
                request -> {
                    BuildOrder order = order(JsonRequest.read(Answer.body(request)));
                    Audit.subject(exchange, order.function().toString());
                    return Answer.json(built(builder.build(order, log::add)));
                },
                log);
    }

    private void follow(Exchange exchange) {
        BuildOrder order;
        try {
            order = order(JsonRequest.read(Answer.body(exchange.getMessage())));
        } catch (ProviderException e) {
            answer(exchange, request -> {
                throw e;
            });
            return;
        }
        Audit.subject(exchange, order.function().toString());
        var log = new BuildLog();
        background.execute(() -> {
            try {
                log.end(built(builder.build(order, log::add)));
            } catch (ProviderException e) {
                log.end(failed(e));
            } catch (RuntimeException e) {
                log.end(JsonNodeFactory.instance.objectNode().put("function_error", "internal error"));
                throw e;
            }
        });
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, NDJSON);
        exchange.getMessage().setHeader("X-Content-Type-Options", "nosniff");
        new PulledAnswer(log::next).to(exchange);
    }

    /** Deletes the function that {@code name} in the body or the query says, and some time later what was built for it. */
    public void delete(Exchange exchange) {
        answer(exchange, request -> {
            byte[] body = Answer.body(request);
            Optional<String> inQuery = Answer.parameter(request, "name");
            boolean empty = body == null || body.length == 0;
            FunctionName function;
            if (inQuery.isPresent() && empty) {
                function = name(
                        inQuery.get(), Answer.parameter(request, "namespace").orElse(defaultNamespace));
            } else {
                JsonRequest fields = JsonRequest.read(body);
                function = name(
                        fields.text("name"), fields.optionalText("namespace").orElse(defaultNamespace));
            }
            Audit.subject(exchange, function.toString());
            builder.delete(function);
            return Answer.json(message("function " + function + " is deleted"));
        });
    }

    private BuildOrder order(JsonRequest fields) {
        FunctionName function =
                name(fields.text("name"), fields.optionalText("namespace").orElse(defaultNamespace));
        String path = fields.optionalText("path").orElse(function.name());
        BuiltFunction built;
        try {
            built = new BuiltFunction(
                    fields.text("language"),
                    path.startsWith("/") ? path.substring(1) : path,
                    BuiltFunction.methods(fields.optionalText("method").orElse("")));
        } catch (IllegalArgumentException e) {
            throw JsonRequest.invalid("field " + e.getMessage());
        }
        if (built.methods().size() > MOST_VERBS) {
            throw JsonRequest.invalid("field \"method\" names too many");
        }
        return new BuildOrder(function, built, source(fields), limits(fields));
    }

    private static byte[] source(JsonRequest fields) {
        try {
            return Base64.getMimeDecoder().decode(checked(fields.text("source")));
        } catch (IllegalArgumentException e) {
            throw JsonRequest.invalid("field \"source\" must be a gzipped tar archive in base64");
        }
    }

    /** The decoder skips whatever is not base64; only line ends are meant. */
    private static String checked(String text) {
        if (text.chars()
                .anyMatch(letter -> !(letter >= 'A' && letter <= 'Z'
                        || letter >= 'a' && letter <= 'z'
                        || letter >= '0' && letter <= '9'
                        || letter == '+'
                        || letter == '/'
                        || letter == '='
                        || letter == '\r'
                        || letter == '\n'))) {
            throw new IllegalArgumentException("not base64");
        }
        return text;
    }

    private static @Nullable Resources limits(JsonRequest fields) {
        String memory = fields.optionalText("memory").orElse(null);
        String cpu = fields.optionalText("cpu").orElse(null);
        return memory == null && cpu == null ? null : new Resources(memory, cpu, Map.of());
    }

    private static FunctionName name(String name, String namespace) {
        try {
            return new FunctionName(name, namespace);
        } catch (IllegalArgumentException e) {
            throw JsonRequest.invalid(String.valueOf(e.getMessage()));
        }
    }

    private ObjectNode built(FunctionStatus function) {
        ObjectNode json = message("function " + function.deployment().function() + " is built and deployed");
        json.setAll(described(function));
        return json;
    }

    private ObjectNode described(FunctionStatus function) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("name", function.deployment().service())
                .put("namespace", function.deployment().namespace())
                .put("url", url(function))
                .put("image", function.deployment().image())
                .put("replicas", function.replicas())
                .put("availableReplicas", function.availableReplicas());
        BuiltFunction.of(function.deployment()).ifPresent(built -> {
            json.put("language", built.language()).put("path", built.path());
            if (!built.methods().isEmpty()) {
                json.put("method", String.join(",", new TreeSet<>(built.methods())));
            }
        });
        return json;
    }

    private String url(FunctionStatus function) {
        FunctionName name = function.deployment().function();
        if (!name.namespace().equals(defaultNamespace)) {
            return "/function/" + name.qualified();
        }
        return "/function/"
                + BuiltFunction.of(function.deployment())
                        .map(BuiltFunction::path)
                        .orElse(name.name());
    }

    private static String language(FunctionStatus function) {
        return BuiltFunction.of(function.deployment())
                .map(BuiltFunction::language)
                .orElse("");
    }

    private static ObjectNode message(String text) {
        return JsonNodeFactory.instance.objectNode().put("message", text);
    }

    private static ObjectNode failed(ProviderException e) {
        return JsonNodeFactory.instance.objectNode().put("function_error", String.valueOf(e.getMessage()));
    }

    private static void answer(Exchange exchange, Function<Message, Answer> action) {
        answer(exchange, action, null);
    }

    private static void answer(Exchange exchange, Function<Message, Answer> action, @Nullable BuildLog log) {
        Answer.to(exchange, request -> {
            try {
                return action.apply(request);
            } catch (ProviderException e) {
                if (e.code() == ProviderException.Code.UNAVAILABLE) {
                    throw e; // no fault of the function's: one line, as everywhere
                }
                ObjectNode json = failed(e);
                if (log != null && !log.last().isEmpty()) {
                    ArrayNode lines = json.putArray("log");
                    log.last().forEach(lines::add);
                }
                return new Answer(e.code().status(), "application/json", json.toString());
            }
        });
    }
}
