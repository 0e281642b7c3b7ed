package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionStatus;
import dev.caravan.function.Resources;
import dev.caravan.function.Usage;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A function's status as the clients read it (contract section 1.2).
 *
 * <p>Three of its rules break a client's whole list when they are missed: {@code labels} and {@code annotations} are
 * always objects, replica counts are integers, and {@code createdAt} is RFC 3339 with a zone.
 */
final class FunctionStatusJson {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private FunctionStatusJson() {}

    /** @param usage null when nobody asked, or nothing is known */
    static ObjectNode of(FunctionStatus status, double invocations, @Nullable Usage usage) {
        FunctionDeployment deployment = status.deployment();
        ObjectNode json = NODES.objectNode();
        json.put("name", deployment.service());
        json.put("image", deployment.image());
        json.put("namespace", deployment.namespace());
        if (deployment.envProcess() != null) {
            json.put("envProcess", deployment.envProcess());
        }
        if (!deployment.envVars().isEmpty()) {
            json.set("envVars", texts(deployment.envVars()));
        }
        if (!deployment.constraints().isEmpty()) {
            json.set("constraints", texts(deployment.constraints()));
        }
        if (!deployment.secrets().isEmpty()) {
            json.set("secrets", texts(deployment.secrets()));
        }
        json.set("labels", texts(deployment.labels()));
        json.set("annotations", texts(deployment.annotations()));
        putResources(json, "limits", deployment.limits());
        putResources(json, "requests", deployment.requests());
        if (deployment.readOnlyRootFilesystem()) {
            json.put("readOnlyRootFilesystem", true);
        }
        // NaN and Infinity are no JSON numbers.
        json.put("invocationCount", Double.isFinite(invocations) ? invocations : 0.0);
        if (status.replicas() > 0) {
            json.put("replicas", status.replicas());
        }
        if (status.availableReplicas() > 0) {
            json.put("availableReplicas", status.availableReplicas());
        }
        json.put("createdAt", status.createdAt().toString());
        if (usage != null) {
            json.putObject("usage").put("cpu", usage.cpuMillicores()).put("totalMemoryBytes", usage.memoryBytes());
        }
        return json;
    }

    /** Sorted, so that the same deployment always reads the same. */
    private static ObjectNode texts(Map<String, String> map) {
        ObjectNode json = NODES.objectNode();
        new TreeMap<>(map).forEach(json::put);
        return json;
    }

    private static ArrayNode texts(List<String> list) {
        ArrayNode json = NODES.arrayNode();
        list.forEach(json::add);
        return json;
    }

    private static void putResources(ObjectNode json, String field, @Nullable Resources resources) {
        if (resources == null) {
            return;
        }
        ObjectNode inner = json.putObject(field);
        if (resources.memory() != null) {
            inner.put("memory", resources.memory());
        }
        if (resources.cpu() != null) {
            inner.put("cpu", resources.cpu());
        }
        resources.devices().forEach(inner::put);
    }
}
