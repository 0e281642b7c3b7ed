package dev.caravan.provider.docker;

import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports.Binding;
import com.github.dockerjava.api.model.RestartPolicy;
import com.github.dockerjava.api.model.Volume;
import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.Resources;
import dev.caravan.provider.engine.DockerPlace;
import dev.caravan.provider.engine.FunctionContainer;
import dev.caravan.provider.engine.Quantity;
import dev.caravan.provider.engine.Revision;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a replica's container is made of: the function's limits and environment, and as few rights as it can do with. It
 * has no capabilities, gains none, and may run 1,024 processes.
 */
record ContainerPlan(Revision revision, DockerPlace place) {

    private static final long SHARES_OF_A_PROCESSOR = 1_024;

    /** What a container wrote is kept by the engine only that long; readers have it from us. */
    private static final Map<String, String> SHORT_LOG = Map.of("max-size", "5m", "max-file", "2");

    ExposedPort port() {
        return ExposedPort.tcp(FunctionContainer.PORT);
    }

    /** Holds the function's secrets; one for each revision, since another may ask for others. */
    String volume() {
        return place.project() + "." + revision.deployment().namespace() + "."
                + revision.deployment().service() + "." + revision.number();
    }

    boolean hasSecrets() {
        return !revision.deployment().secrets().isEmpty();
    }

    HostConfig hostConfig() {
        FunctionDeployment deployment = revision.deployment();
        HostConfig host = HostConfig.newHostConfig()
                .withNetworkMode(place.project())
                // The engine starts it again after it ended by itself, later each time, and after a restart of its own.
                .withRestartPolicy(RestartPolicy.unlessStoppedRestart())
                .withCapDrop(Capability.ALL)
                .withSecurityOpts(List.of("no-new-privileges"))
                .withPidsLimit(FunctionContainer.MOST_PROCESSES)
                .withLogConfig(new LogConfig(LogConfig.LoggingType.JSON_FILE, SHORT_LOG));
        if (place.published()) {
            host.withPortBindings(new PortBinding(Binding.bindIp("127.0.0.1"), port()));
        }
        if (deployment.readOnlyRootFilesystem()) {
            host.withReadonlyRootfs(true).withTmpFs(Map.of("/tmp", "rw,nosuid,nodev"));
        }
        if (hasSecrets()) {
            host.withBinds(new Bind(volume(), new Volume(FunctionContainer.SECRETS), AccessMode.ro));
        }
        limit(host, deployment.limits());
        request(host, deployment.requests());
        return host;
    }

    private static void limit(HostConfig host, @Nullable Resources limits) {
        if (limits == null) {
            return;
        }
        if (limits.memory() != null) {
            long bytes = Quantity.memory(limits.memory());
            host.withMemory(bytes).withMemorySwap(bytes);
        }
        if (limits.cpu() != null) {
            host.withNanoCPUs(Quantity.nanoCpus(limits.cpu()));
        }
    }

    private static void request(HostConfig host, @Nullable Resources requests) {
        if (requests == null) {
            return;
        }
        if (requests.memory() != null) {
            host.withMemoryReservation(Quantity.memory(requests.memory()));
        }
        if (requests.cpu() != null) {
            long shares = Quantity.nanoCpus(requests.cpu()) * SHARES_OF_A_PROCESSOR / 1_000_000_000L;
            host.withCpuShares((int) Math.max(2, Math.min(262_144, shares)));
        }
    }
}
