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
import dev.caravan.function.Usage;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.Namespaces;
import dev.caravan.provider.ProviderException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
     * <p>400 for a namespace that does not exist.
     */
    public void list(Exchange exchange) {
        Answer.to(exchange, request -> {
            String namespace = Answer.parameter(request, "namespace").orElse(defaultNamespace);
            if (Asking.functions(exchange).reaches(namespace)) {
                provider.namespaces().require(namespace);
            } else {
                throw Namespaces.missing(namespace);
            }
            ArrayNode functions = JsonNodeFactory.instance.arrayNode();
            List<FunctionStatus> list = provider.list(namespace).stream()
                    .filter(status -> Asking.sees(exchange, status.deployment().function()))
                    .toList();
            Map<FunctionName, Usage> usage = usage(request, list);
            list.forEach(status -> functions.add(json(status, usage)));
            return Answer.json(functions);
        });
    }

    /** Creates a function: 202; 400 when the name is taken. */
    public void deploy(Exchange exchange) {
        Answer.to(exchange, request -> {
            FunctionDeployment deployment = deployment(JsonRequest.read(Answer.body(request)));
            Audit.subject(exchange, deployment.function().toString());
            provider.deploy(deployment);
            return Answer.ACCEPTED;
        });
    }

    /** Replaces a function: 202; exactly 404 when it is not there, on which {@code faas-cli} creates it. */
    public void update(Exchange exchange) {
        Answer.to(exchange, request -> {
            FunctionDeployment deployment = deployment(JsonRequest.read(Answer.body(request)));
            Audit.subject(exchange, deployment.function().toString());
            provider.status(deployment.function())
                    .ifPresent(before ->
                            Audit.changed(exchange, before.deployment().image(), deployment.image()));
            provider.update(deployment);
            return Answer.ACCEPTED;
        });
    }

    /** Removes {@code functionName}; the namespace may stand in the body or in the query, the body wins. */
    public void delete(Exchange exchange) {
        Answer.to(exchange, request -> {
            JsonRequest body = JsonRequest.read(Answer.body(request));
            FunctionName function = function(body.text("functionName"), namespace(body, request), "functionName");
            Audit.subject(exchange, function.toString());
            provider.delete(function);
            return Answer.ACCEPTED;
        });
    }

    /** One function's status: {@code NAME.NAMESPACE} in the path, or {@code NAME} and {@code ?namespace=}. */
    public void describe(Exchange exchange) {
        Answer.to(exchange, request -> {
            FunctionName function =
                    inPath(request, Answer.parameter(request, "namespace").orElse(defaultNamespace));
            return provider.status(function)
                    .filter(status -> Asking.sees(exchange, function))
                    .map(status -> Answer.json(json(status, usage(request, List.of(status)))))
                    .orElseGet(() -> Answer.text(404, "function \"" + function + "\" not found"));
        });
    }

    /**
     * Sets the number of replicas, 0 included. The function is {@code serviceName} or, without one, the path's; when
     * both are there they must agree.
     */
    public void scale(Exchange exchange) {
        Answer.to(exchange, request -> {
            JsonRequest body = JsonRequest.read(Answer.body(request));
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
            int replicas = body.wholeNumber("replicas", 0, MAX_REPLICAS);
            Audit.subject(exchange, function.toString());
            provider.status(function)
                    .ifPresent(before -> Audit.changed(exchange, replicas(before.replicas()), replicas(replicas)));
            provider.scale(function, replicas);
            return Answer.ACCEPTED;
        });
    }

    private static String replicas(int count) {
        return count == 1 ? "1 replica" : count + " replicas";
    }

    /** What answers here. Both versions always have a release and a sha: {@code faas-cli version} reads them unasked. */
    public void info(Exchange exchange) {
        Answer.to(exchange, request -> {
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
        Answer.to(exchange, request -> {
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
                .map(inner -> {
                    var devices = new HashMap<String, String>();
                    Resources.DEVICES.forEach(
                            device -> inner.optionalText(device).ifPresent(count -> devices.put(device, count)));
                    return new Resources(
                            inner.optionalText("memory").orElse(null),
                            inner.optionalText("cpu").orElse(null),
                            devices);
                })
                .orElse(null);
    }

    private String namespace(JsonRequest body, Message request) {
        return body.optionalText("namespace")
                .or(() -> Answer.parameter(request, "namespace"))
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
        String name = Answer.parameter(request, "name").orElse("");
        return FunctionName.parse(name, namespace).orElseThrow(() -> notAName("the path", name));
    }

    private static ProviderException notAName(String where, String text) {
        return JsonRequest.invalid(
                where + " must name a function (NAME or NAME.NAMESPACE, each a-z, 0-9, -; at most 63),"
                        + " and the namespace likewise: \"" + shortened(text) + "\"");
    }

    /** Of those who are listed, when the request asks for it; as Go's clients write a flag. */
    private Map<FunctionName, Usage> usage(Message request, List<FunctionStatus> list) {
        return Answer.parameter(request, "usage").orElse("").matches("1|t|T|true|True|TRUE")
                ? provider.usage(list.stream()
                        .map(status -> status.deployment().function())
                        .toList())
                : Map.of();
    }

    private JsonNode json(FunctionStatus status, Map<FunctionName, Usage> usage) {
        FunctionName function = status.deployment().function();
        return FunctionStatusJson.of(status, invocationCount.apply(function), usage.get(function));
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
}
