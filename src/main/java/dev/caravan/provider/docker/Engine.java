package dev.caravan.provider.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.ContainerNetwork;
import com.github.dockerjava.api.model.ContainerPort;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Volume;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.ProviderException.Code;
import dev.caravan.provider.engine.DockerPlace;
import dev.caravan.provider.engine.EngineConnection;
import dev.caravan.provider.engine.FunctionContainer;
import dev.caravan.provider.engine.LineReader;
import dev.caravan.provider.engine.Revision;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Containers, in the few words that are needed here. Everything blocks and fails as {@link EngineConnection} says.
 */
final class Engine {

    private static final Duration PULL = Duration.ofMinutes(15);

    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    private final EngineConnection connection;
    private final DockerPlace place;
    private final DockerClient asks;
    private final DockerClient listens;

    Engine(EngineConnection connection, DockerPlace place) {
        this.connection = connection;
        this.place = place;
        this.asks = connection.asks();
        this.listens = connection.listens();
    }

    /** Makes the project's network when it is not there. */
    void openNetwork() {
        run("make the network " + place.project(), () -> {
            boolean there = asks.listNetworksCmd().withNameFilter(place.project()).exec().stream()
                    .anyMatch(network -> network.getName().equals(place.project()));
            if (!there) {
                asks.createNetworkCmd()
                        .withName(place.project())
                        .withDriver("bridge")
                        .withCheckDuplicate(true)
                        .withAttachable(true)
                        .withLabels(ours())
                        .exec();
            }
        });
    }

    /** All of the project's replicas, whatever their state. */
    List<SeenContainer> replicas() {
        return ask(
                "list its containers",
                () -> asks.listContainersCmd().withShowAll(true).withLabelFilter(ours()).exec().stream()
                        .flatMap(container -> seen(container).stream())
                        .toList());
    }

    private Optional<SeenContainer> seen(Container container) {
        String name =
                container.getNames().length == 0 ? container.getId() : container.getNames()[0];
        String state = String.valueOf(container.getState());
        boolean running = state.equals("running");
        return Revision.in(container.getLabels(), name)
                .map(revision -> new SeenContainer(
                        container.getId(),
                        ContainerName.parse(name),
                        revision,
                        running,
                        state.equals("restarting"),
                        running ? address(container) : Optional.empty()));
    }

    private Optional<URI> address(Container container) {
        if (place.published()) {
            return Arrays.stream(container.getPorts())
                    .filter(port -> Integer.valueOf(FunctionContainer.PORT).equals(port.getPrivatePort()))
                    .map(ContainerPort::getPublicPort)
                    .filter(port -> port != null && port > 0)
                    .findFirst()
                    .map(port -> URI.create("http://127.0.0.1:" + port));
        }
        if (container.getNetworkSettings() == null) {
            return Optional.empty();
        }
        ContainerNetwork network = container.getNetworkSettings().getNetworks().get(place.project());
        return Optional.ofNullable(network)
                .map(ContainerNetwork::getIpAddress)
                .filter(address -> !address.isEmpty())
                .map(address -> URI.create("http://" + address + ":" + FunctionContainer.PORT));
    }

    /**
     * Has an image ready to be run, pulling it when it is not there; with the credentials of Docker's own configuration.
     *
     * @throws ProviderException {@code INVALID} when there is no such image
     */
    void provideImage(String image) {
        if (hasImage(image)) {
            return;
        }
        LOG.info("image is pulled image={}", image);
        try {
            var pull = asks.pullImageCmd(image);
            connection.credentials(image).ifPresent(pull::withAuthConfig);
            if (!pull.start().awaitCompletion(PULL.toSeconds(), TimeUnit.SECONDS)) {
                throw new ProviderException(
                        Code.UNAVAILABLE, "image \"" + image + "\" was not pulled within " + PULL.toMinutes() + " min");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProviderException(Code.UNAVAILABLE, "image \"" + image + "\" was not pulled: interrupted", e);
        } catch (RuntimeException e) {
            throw connection
                    .whenAway("pull image " + image, e)
                    .orElseGet(() -> new ProviderException(
                            Code.INVALID, "cannot pull image \"" + image + "\": " + EngineConnection.line(e), e));
        }
    }

    private boolean hasImage(String image) {
        return ask("look for image " + image, () -> {
            try {
                asks.inspectImageCmd(image).exec();
                return true;
            } catch (NotFoundException e) {
                return false;
            }
        });
    }

    /** Makes a replica's container; it does not run yet. */
    SeenContainer create(ContainerPlan plan, ContainerName name) {
        Revision revision = plan.revision();
        return ask("make a container of image \"" + revision.deployment().image() + "\"", () -> {
            CreateContainerCmd command = asks.createContainerCmd(
                            revision.deployment().image())
                    .withName(name.toString())
                    .withHostName(hostName(name))
                    .withLabels(revision.labels(place.project()))
                    .withEnv(FunctionContainer.environment(revision.deployment()))
                    .withExposedPorts(plan.port())
                    .withHostConfig(plan.hostConfig());
            return new SeenContainer(command.exec().getId(), name, revision, false, false, Optional.empty());
        });
    }

    /** At most 63 letters, as DNS demands. */
    private static String hostName(ContainerName name) {
        String instance = name.instance();
        return instance.substring(Math.max(0, instance.length() - 63));
    }

    void start(String container) {
        run("start a container", () -> {
            try {
                asks.startContainerCmd(container).exec();
            } catch (NotModifiedException e) {
                LOG.debug("container {} runs already", container, e);
            }
        });
    }

    /** Asks it to end, and ends it after {@code grace}. */
    void stop(String container, Duration grace) {
        run("stop a container", () -> {
            try {
                asks.stopContainerCmd(container)
                        .withTimeout((int) grace.toSeconds())
                        .exec();
            } catch (NotModifiedException | NotFoundException e) {
                LOG.debug("container {} has ended already", container, e);
            }
        });
    }

    /** Whatever it does. */
    void remove(String container) {
        run("remove a container", () -> {
            try {
                asks.removeContainerCmd(container).withForce(true).exec();
            } catch (NotFoundException | ConflictException e) {
                LOG.debug("container {} is gone or on its way", container, e);
            }
        });
    }

    void rename(String container, ContainerName name) {
        run(
                "rename a container",
                () -> asks.renameContainerCmd(container)
                        .withName(name.toString())
                        .exec());
    }

    /**
     * Puts files into the secrets' volume of a revision, in the place of those of equal names. Files come into a volume
     * only through a container: one of the function's image that is never started.
     *
     * @param tar names relative to the volume
     */
    void fill(ContainerPlan plan, byte[] tar) {
        run("keep secrets in the volume " + plan.volume(), () -> {
            asks.createVolumeCmd().withName(plan.volume()).withLabels(ours()).exec();
            String porter = asks.createContainerCmd(plan.revision().deployment().image())
                    .withLabels(porter())
                    // Some images name no command, without which the engine makes no container.
                    .withCmd("never-started")
                    .withHostConfig(HostConfig.newHostConfig()
                            .withNetworkMode("none")
                            .withBinds(new Bind(plan.volume(), new Volume(FunctionContainer.SECRETS), AccessMode.rw)))
                    .exec()
                    .getId();
            try {
                asks.copyArchiveToContainerCmd(porter)
                        .withRemotePath(FunctionContainer.SECRETS)
                        .withTarInputStream(new ByteArrayInputStream(tar))
                        .exec();
            } finally {
                asks.removeContainerCmd(porter).withForce(true).exec();
            }
        });
    }

    /** Removes what a crash in the middle of {@link #fill} has left. */
    void removePorters() {
        run(
                "remove containers that only carried secrets",
                () -> asks.listContainersCmd()
                        .withShowAll(true)
                        .withLabelFilter(porter())
                        .exec()
                        .forEach(container -> remove(container.getId())));
    }

    private Map<String, String> porter() {
        return Map.of("dev.caravan.porter", place.project());
    }

    /** Nothing happens while a container has it. */
    void removeVolume(String volume) {
        run("remove the volume " + volume, () -> {
            try {
                asks.removeVolumeCmd(volume).exec();
            } catch (NotFoundException | ConflictException e) {
                LOG.debug("volume {} stays: {}", volume, e.getMessage());
            }
        });
    }

    /**
     * Reads what a container writes from now on, and the last lines before.
     *
     * @param lines each with the time at which it was written before it, as the engine puts it (RFC 3339), and a space
     * @param ended told once when nothing more comes
     */
    Closeable follow(String container, int tail, Consumer<String> lines, Runnable ended) {
        var reader = new LineReader(lines, ended);
        listens.logContainerCmd(container)
                .withStdOut(true)
                .withStdErr(true)
                .withFollowStream(true)
                .withTimestamps(true)
                .withTail(tail)
                .exec(reader);
        return reader;
    }

    /** Tells when something has happened to one of our containers. @param ended told once when nothing more comes */
    Closeable watch(Consumer<Event> happened, Runnable ended) {
        return connection.watch(ours(), happened, ended);
    }

    private Map<String, String> ours() {
        return Map.of(Revision.PROJECT, place.project());
    }

    private void run(String what, Runnable request) {
        connection.run(what, request);
    }

    private <T> T ask(String what, Supplier<T> request) {
        return connection.ask(what, request);
    }
}
