package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.function.FunctionNamespace;
import dev.caravan.provider.Namespaces;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * The bean behind {@code /system/namespaces} and {@code /system/namespace/NAMESPACE} (contract section 1.10).
 *
 * <p>Where other providers want a label {@code openfaas} on what they may touch, and clients send it as label,
 * annotation or not at all, all of them are taken and kept as they came. Methods may be called from any thread; changes
 * may block on the provider.
 */
public final class NamespacesApi {

    private final Namespaces namespaces;

    public NamespacesApi(Namespaces namespaces) {
        this.namespaces = namespaces;
    }

    /** 200 with an array of names, the default first. */
    public void list(Exchange exchange) {
        Answer.to(exchange, request -> {
            ArrayNode names = JsonNodeFactory.instance.arrayNode();
            namespaces.list().stream()
                    .map(FunctionNamespace::name)
                    .filter(Asking.functions(exchange)::reaches)
                    .forEach(names::add);
            return Answer.json(names);
        });
    }

    /** 201; 409 when it is there. */
    public void create(Exchange exchange) {
        Answer.to(exchange, request -> {
            JsonRequest body = JsonRequest.read(Answer.body(request));
            String name = required(body.text("name"));
            Audit.subject(exchange, name);
            namespaces.create(namespace(name, body));
            return Answer.CREATED;
        });
    }

    /** 200 {@code {name, labels, annotations}}; 404. */
    public void show(Exchange exchange) {
        Answer.to(exchange, request -> {
            String name = inPath(request, null);
            return namespaces
                    .get(name)
                    .filter(namespace -> Asking.functions(exchange).reaches(name))
                    .map(namespace -> Answer.json(json(namespace)))
                    .orElseGet(() -> Answer.text(404, "namespace \"" + name + "\" not found"));
        });
    }

    /** 202; labels and annotations that the body does not have are gone; 404. */
    public void replace(Exchange exchange) {
        Answer.to(exchange, request -> {
            JsonRequest body = JsonRequest.read(Answer.body(request));
            namespaces.replace(namespace(inPath(request, body), body));
            return Answer.ACCEPTED;
        });
    }

    /** 202; 404; 409 while something is in it. A body is not needed, but when it has a name it must be the path's. */
    public void delete(Exchange exchange) {
        Answer.to(exchange, request -> {
            byte[] body = Answer.body(request);
            boolean empty = body == null || body.length == 0;
            namespaces.delete(inPath(request, empty ? null : JsonRequest.read(body)));
            return Answer.ACCEPTED;
        });
    }

    private static String inPath(Message request, @Nullable JsonRequest body) {
        String name = required(Answer.parameter(request, "name").orElse(""));
        if (body != null && !body.optionalText("name").orElse(name).equals(name)) {
            throw JsonRequest.invalid("the path names \"" + name + "\", field \"name\" another namespace");
        }
        return name;
    }

    private static String required(String name) {
        try {
            FunctionNamespace.requireName(name);
            return name;
        } catch (IllegalArgumentException e) {
            throw JsonRequest.invalid(String.valueOf(e.getMessage()));
        }
    }

    private static FunctionNamespace namespace(String name, JsonRequest body) {
        return new FunctionNamespace(name, body.textMap("labels"), body.textMap("annotations"));
    }

    private static ObjectNode json(FunctionNamespace namespace) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("name", namespace.name());
        put(json.putObject("annotations"), namespace.annotations());
        put(json.putObject("labels"), namespace.labels());
        return json;
    }

    private static void put(ObjectNode json, Map<String, String> texts) {
        new TreeMap<>(texts).forEach(json::put);
    }
}
