package dev.caravan.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.function.FunctionAccess;
import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionStatus;
import dev.caravan.function.Resources;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.ProviderException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * The bean behind {@code /system/functions}, {@code /system/function/NAME}, {@code /system/scale-function/NAME},
 * {@code /system/info} and {@code /healthz} (contract sections 1.2, 1.5 to 1.7 and 1.11).
 *
 * <p>Each public method answers one kind of request: it reads the exchange's body (bytes) and the headers {@code name}
 * and {@code namespace} (path and query parameters), and leaves body, {@code Content-Type} and status. What a client did
 * wrong is answered as one plain-text line, since {@code faas-cli} prints it; only our own faults are thrown. Methods
 * may be called from any thread; all but {@link #list}, {@link #describe} and {@link #info} may block on the provider.
 */
public final class FunctionsApi {

    /** As many as {@code com.openfaas.scale.min} can say; a provider may hold fewer. */
    private static final int MAX_REPLICAS = 9_999;

    private final FunctionProvider provider;
    private final String defaultNamespace;
    private final Function<FunctionName, Double> invocationCount;
    private final String version;
    private final String commit;

    /**
     * @param defaultNamespace where a function lives whose deployment names no namespace
     * @param invocationCount how often a function was called, kept by us so that a list never waits for a metrics store
     * @param version Caravan's release; {@code dev} when empty
     * @param commit what it was built from; {@code unknown} when empty
     */
    public FunctionsApi(
            FunctionProvider provider,
            String defaultNamespace,
            Function<FunctionName, Double> invocationCount,
            String version,
            String commit) {
        this.provider = provider;
        this.defaultNamespace = defaultNamespace;
        this.invocationCount = invocationCount;
        this.version = version.isEmpty() ? "dev" : version;
        this.commit = commit.isEmpty() ? "unknown" : commit;
    }

    /**
     * The functions of {@code ?namespace=}, or of the default namespace.
     *
     * <p>A namespace needs no creation here, it is there as soon as somebody deploys into it; so one without functions
     * is an empty list, and only an impossible name is refused (400).
     */
    public void list(Exchange exchange) {
        answer(exchange, request -> {
            String namespace = query(request, "namespace").orElse(defaultNamespace);
            if (!FunctionName.isLabel(namespace)) {
                throw JsonRequest.invalid(
                        "namespace must be a DNS label (a-z, 0-9, -; at most 63): \"" + shortened(namespace) + "\"");
            }
            ArrayNode functions = JsonNodeFactory.instance.arrayNode();
            provider.list(namespace).forEach(status -> functions.add(json(status)));
            return Answer.json(functions);
        });
    }

    /** Creates a function: 202; 400 when the name is taken. */
    public void deploy(Exchange exchange) {
        answer(exchange, request -> {
            provider.deploy(deployment(JsonRequest.read(body(request))));
            return Answer.ACCEPTED;
        });
    }

    /** Replaces a function: 202; exactly 404 when it is not there, on which {@code faas-cli} creates it. */
    public void update(Exchange exchange) {
        answer(exchange, request -> {
            provider.update(deployment(JsonRequest.read(body(request))));
            return Answer.ACCEPTED;
        });
    }

    /** Removes {@code functionName}; the namespace may stand in the body or in the query, the body wins. */
    public void delete(Exchange exchange) {
        answer(exchange, request -> {
            JsonRequest body = JsonRequest.read(body(request));
            provider.delete(function(body.text("functionName"), namespace(body, request), "functionName"));
            return Answer.ACCEPTED;
        });
    }

    /** One function's status: {@code NAME.NAMESPACE} in the path, or {@code NAME} and {@code ?namespace=}. */
    public void describe(Exchange exchange) {
        answer(exchange, request -> {
            FunctionName function = inPath(request, query(request, "namespace").orElse(defaultNamespace));
            return provider.status(function)
                    .map(status -> Answer.json(json(status)))
                    .orElseGet(() -> Answer.text(404, "function \"" + function + "\" not found"));
        });
    }

    /**
     * Sets the number of replicas, 0 included. The function is {@code serviceName} or, without one, the path's; when
     * both are there they must agree.
     */
    public void scale(Exchange exchange) {
        answer(exchange, request -> {
            JsonRequest body = JsonRequest.read(body(request));
            String namespace = namespace(body, request);
            FunctionName function = inPath(request, namespace);
            Optional<String> service = body.optionalText("serviceName");
            if (service.isPresent()) {
                FunctionName named = FunctionName.parse(service.get(), namespace)
                        .orElseThrow(() -> notAName("field \"serviceName\"", service.get()));
                if (!named.equals(function)) {
                    throw JsonRequest.invalid(
                            "the path names \"" + function + "\", field \"serviceName\" names \"" + named + "\"");
                }
            }
            provider.scale(function, body.wholeNumber("replicas", 0, MAX_REPLICAS));
            return Answer.ACCEPTED;
        });
    }

    /** What answers here. Both versions always have a release and a sha: {@code faas-cli version} reads them unasked. */
    public void info(Exchange exchange) {
        answer(exchange, request -> {
            FunctionProvider.Identity identity = provider.identity();
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.putObject("provider")
                    .put("provider", identity.provider())
                    .put("orchestration", identity.orchestration())
                    .set("version", version(identity.release().isEmpty() ? version : identity.release()));
            json.set("version", version(version));
            json.put("arch", architecture(System.getProperty("os.arch", "unknown")));
            return Answer.json(json);
        });
    }

    /** 200 while the provider is there, else 503 and why. */
    public void health(Exchange exchange) {
        answer(exchange, request -> {
            FunctionProvider.Health health = provider.check();
            return health.up() ? Answer.EMPTY_OK : Answer.text(503, health.detail());
        });
    }

    private FunctionDeployment deployment(JsonRequest body) {
        FunctionName function =
                function(body.text("service"), body.optionalText("namespace").orElse(defaultNamespace), "service");
        var deployment = new FunctionDeployment(
                function.name(),
                body.text("image"),
                function.namespace(),
                body.optionalText("envProcess").orElse(null),
                body.textMap("envVars"),
                body.texts("constraints"),
                body.texts("secrets"),
                body.textMap("labels"),
                body.textMap("annotations"),
                resources(body, "limits"),
                resources(body, "requests"),
                body.flag("readOnlyRootFilesystem"));
        try {
            FunctionAccess.check(deployment);
        } catch (IllegalArgumentException e) {
            throw JsonRequest.invalid(String.valueOf(e.getMessage()));
        }
        return deployment;
    }

    private static @Nullable Resources resources(JsonRequest body, String field) {
        return body.object(field)
                .map(inner -> new Resources(
                        inner.optionalText("memory").orElse(null),
                        inner.optionalText("cpu").orElse(null)))
                .orElse(null);
    }

    private String namespace(JsonRequest body, Message request) {
        return body.optionalText("namespace")
                .or(() -> query(request, "namespace"))
                .orElse(defaultNamespace);
    }

    private static FunctionName function(String name, String namespace, String field) {
        try {
            return new FunctionName(name, namespace);
        } catch (IllegalArgumentException e) {
            // The message says which of the two is wrong and what is allowed.
            String where = FunctionName.isLabel(name) ? "field \"namespace\": " : "field \"" + field + "\": ";
            throw new ProviderException(ProviderException.Code.INVALID, where + e.getMessage(), e);
        }
    }

    private static FunctionName inPath(Message request, String namespace) {
        String name = query(request, "name").orElse("");
        return FunctionName.parse(name, namespace).orElseThrow(() -> notAName("the path", name));
    }

    private static ProviderException notAName(String where, String text) {
        return JsonRequest.invalid(
                where + " must name a function (NAME or NAME.NAMESPACE, each a-z, 0-9, -; at most 63),"
                        + " and the namespace likewise: \"" + shortened(text) + "\"");
    }

    private static Optional<String> query(Message request, String parameter) {
        return Optional.ofNullable(request.getHeader(parameter, String.class)).filter(text -> !text.isEmpty());
    }

    private static byte @Nullable [] body(Message request) {
        return request.getBody(byte[].class);
    }

    private JsonNode json(FunctionStatus status) {
        return FunctionStatusJson.of(
                status, invocationCount.apply(status.deployment().function()));
    }

    private ObjectNode version(String release) {
        return JsonNodeFactory.instance.objectNode().put("release", release).put("sha", commit);
    }

    /** The name that clients know, as {@code uname -m} says it. */
    private static String architecture(String jvmName) {
        return jvmName.equals("amd64") ? "x86_64" : jvmName;
    }

    private static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }

    private static void answer(Exchange exchange, Function<Message, Answer> action) {
        Answer answer;
        try {
            answer = action.apply(exchange.getMessage());
        } catch (ProviderException e) {
            answer = Answer.text(e.code().status(), String.valueOf(e.getMessage()));
        }
        answer.writeTo(exchange.getMessage());
    }

    private record Answer(int status, @Nullable String contentType, String body) {

        static final Answer ACCEPTED = new Answer(202, null, "");
        static final Answer EMPTY_OK = new Answer(200, null, "");

        static Answer json(JsonNode json) {
            return new Answer(200, "application/json", json.toString());
        }

        static Answer text(int status, String line) {
            return new Answer(status, "text/plain; charset=utf-8", line.replaceAll("\\R", " ") + "\n");
        }

        void writeTo(Message message) {
            // The request's own type must not describe the answer.
            message.removeHeader(Exchange.CONTENT_TYPE);
            if (contentType != null) {
                message.setHeader(Exchange.CONTENT_TYPE, contentType);
                message.setHeader("X-Content-Type-Options", "nosniff");
            }
            message.setHeader(Exchange.HTTP_RESPONSE_CODE, status);
            message.setBody(body.getBytes(StandardCharsets.UTF_8));
        }
    }
}
