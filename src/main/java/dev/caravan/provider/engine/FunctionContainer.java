package dev.caravan.provider.engine;

import dev.caravan.function.FunctionDeployment;
import java.util.LinkedHashMap;
import java.util.List;

/** What every container of a function is given, and what it may be. */
public final class FunctionContainer {

    /** Where every function listens. */
    public static final int PORT = 8080;

    /** Where a function finds its secrets. */
    public static final String SECRETS = "/var/openfaas/secrets";

    /** Processes in one container. */
    public static final long MOST_PROCESSES = 1_024;

    private FunctionContainer() {}

    /** @throws IllegalArgumentException when it can never run; the message is one readable line */
    public static void check(FunctionDeployment deployment) {
        if (deployment.image().isBlank()) {
            throw new IllegalArgumentException("image is missing");
        }
        deployment.envVars().forEach((name, value) -> {
            if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0 || value.indexOf('\0') >= 0) {
                throw new IllegalArgumentException(
                        "environment variable \"" + name + "\" cannot be set: no '=' in a name, no NUL anywhere");
            }
        });
    }

    /** {@code NAME=VALUE} each. */
    public static List<String> environment(FunctionDeployment deployment) {
        var variables = new LinkedHashMap<>(deployment.envVars());
        if (deployment.envProcess() != null) {
            variables.put("fprocess", deployment.envProcess());
        }
        variables.put("OPENFAAS_NAME", deployment.service());
        variables.put("OPENFAAS_NAMESPACE", deployment.namespace());
        return variables.entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .toList();
    }
}
