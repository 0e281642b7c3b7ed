package dev.caravan.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which functions are deployed at start, and where they run. */
public record FunctionSettings(Provider provider, String stackText, String namespace) {

    /** What runs the replicas. */
    public enum Provider {
        /** Processes of this machine under the embedded watchdog; for trusted code. */
        PROCESS,
        /** Containers of one Docker engine. */
        DOCKER,
        /** Services of a Docker Swarm. */
        SWARM,
        /** Containers when an engine answers at the start, services when it manages a Swarm, else processes. */
        AUTO
    }

    static final Setting<Provider> PROVIDER = Setting.choice(
            "CARAVAN_PROVIDER",
            Provider.PROCESS,
            Provider.class,
            "What runs the functions: `process`, of this machine; `docker`, containers of one engine; `swarm`, services of a Docker Swarm; `auto`, `docker` when an engine answers at the start, `swarm` when it manages one, else `process`.");
    static final Setting<String> STACK = Setting.text(
            "CARAVAN_STACK",
            "./functions/stack.yaml",
            "OpenFaaS stack file; an entry is applied at start only when it changed since it was last applied; empty for none.");
    static final Setting<String> NAMESPACE = Setting.text(
            "CARAVAN_NAMESPACE", "openfaas-fn", "Namespace of functions whose name says none; always there.");

    static final List<Setting<?>> ALL = List.of(PROVIDER, STACK, NAMESPACE);

    static FunctionSettings from(Map<String, String> environment) {
        return new FunctionSettings(PROVIDER.in(environment), STACK.in(environment), NAMESPACE.in(environment));
    }

    /** The stack file; empty when nothing is deployed at start. */
    public Optional<Path> stack() {
        return stackText.isEmpty()
                ? Optional.empty()
                : Optional.of(Path.of(stackText).toAbsolutePath().normalize());
    }
}
