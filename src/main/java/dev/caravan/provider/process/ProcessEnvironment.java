package dev.caravan.provider.process;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.watchdog.BaseEnvironment;
import dev.caravan.watchdog.Watchdog;
import java.util.Map;

/** What a function's process is started with. */
record ProcessEnvironment(FunctionDeployment deployment) {

    /** Who speaks HTTP: the embedded watchdog, or the process itself. */
    enum Mode {
        WATCHDOG,
        HTTP
    }

    /** Names the folder in which a function that has secrets finds them. */
    static final String SECRETS_PATH = "SECRETS_PATH";

    /** @throws IllegalArgumentException when it can never run; the message is one readable line */
    void check() {
        String command = deployment.envProcess();
        if ((command == null || command.isBlank()) && !isStatic()) {
            throw new IllegalArgumentException(
                    "cannot run image \"" + deployment.image() + "\": set envProcess or use docker");
        }
        if (command != null && command.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("envProcess must not hold a NUL character");
        }
        deployment.envVars().forEach((name, value) -> {
            if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0 || value.indexOf('\0') >= 0) {
                throw new IllegalArgumentException(
                        "environment variable \"" + name + "\" cannot be set: no '=' in a name, no NUL anywhere");
            }
        });
        if (mode() == Mode.WATCHDOG) {
            Watchdog.check(variables());
        }
    }

    private boolean isStatic() {
        return "static".equals(deployment.envVars().get("mode"));
    }

    Mode mode() {
        String mode = deployment.envVars().getOrDefault("mode", "classic");
        return switch (mode) {
            case "", "classic", "streaming", "serializing", "static" -> Mode.WATCHDOG;
            case "http" -> Mode.HTTP;
            default ->
                throw new IllegalArgumentException("cannot run \"" + deployment.service() + "\" in mode \"" + mode
                        + "\": processes know classic, streaming, serializing, http and static; set the variable mode to one of"
                        + " them");
        };
    }

    String command() {
        String command = deployment.envProcess();
        if (command == null) {
            throw new IllegalStateException("check() comes first");
        }
        return command;
    }

    /** All of it: nothing else of ours reaches a function. */
    Map<String, String> variables(OwnerMark owner) {
        Map<String, String> variables = variables();
        variables.put(OwnerMark.VARIABLE, owner.text());
        return variables;
    }

    private Map<String, String> variables() {
        Map<String, String> variables = BaseEnvironment.inherited();
        variables.putAll(deployment.envVars());
        if (!isStatic()) {
            variables.put("fprocess", command());
        }
        variables.put("OPENFAAS_NAME", deployment.service());
        variables.put("OPENFAAS_NAMESPACE", deployment.namespace());
        return variables;
    }
}
