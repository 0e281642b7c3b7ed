package dev.caravan.function;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What somebody asked to run (contract section 5.1), kept exactly as it came so that it can be echoed.
 *
 * @param service the function's name
 * @param image the container image; an opaque label where functions are processes
 * @param namespace where it lives
 * @param envProcess the command that answers a request, {@code fprocess} inside the container
 * @param limits what a replica may use at most
 * @param requests what a replica asks to be kept for it
 */
public record FunctionDeployment(
        String service,
        String image,
        String namespace,
        @Nullable String envProcess,
        Map<String, String> envVars,
        List<String> constraints,
        List<String> secrets,
        Map<String, String> labels,
        Map<String, String> annotations,
        @Nullable Resources limits,
        @Nullable Resources requests,
        boolean readOnlyRootFilesystem) {

    public FunctionDeployment {
        envVars = Map.copyOf(envVars);
        constraints = List.copyOf(constraints);
        secrets = List.copyOf(secrets);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }

    /** @throws IllegalArgumentException when the name or namespace is not a DNS label */
    public FunctionName function() {
        return new FunctionName(service, namespace);
    }

    /** An annotation's value; annotations carry policy such as {@code com.openfaas.retry.attempts}. */
    public Optional<String> annotation(String key) {
        return Optional.ofNullable(annotations.get(key));
    }

    /** {@code com.openfaas.scale.min}: how many replicas a deployment starts with, 1 when unset or not a number. */
    public int minimumReplicas() {
        return ScaleLabels.of(labels).min();
    }
}
