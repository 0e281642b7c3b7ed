package dev.caravan.provider.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.BadRequestException;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.ContainerNetwork;
import com.github.dockerjava.api.model.ContainerPort;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Volume;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.ProviderException.Code;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine, in the few words that are needed here. Everything blocks; what fails is a {@link ProviderException} in one
 * readable line: {@code INVALID} for what the engine refuses, {@code UNAVAILABLE} when it does not answer.
 */
final class Engine implements AutoCloseable {

    /** Longer than any single answer takes, the stop of a container included. */
    private static final Duration ANSWER = Duration.ofSeconds(90);

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration PULL = Duration.ofMinutes(15);
    private static final int CONNECTIONS = 100;

    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    private final DockerPlace place;
    private final DefaultDockerClientConfig configuration;

    /** For questions that are answered at once; and for answers that go on as long as a container runs. */
    private final DockerClient asks;

    private final DockerClient listens;

    Engine(DockerPlace place) {
        this.place = place;
        var builder = DefaultDockerClientConfig.createDefaultConfigBuilder();
        if (!place.host().isEmpty()) {
            builder.withDockerHost(place.host());
        }
        this.configuration = builder.build();
        this.asks = client(ANSWER);
        this.listens = client(Duration.ZERO);
    }

    private DockerClient client(Duration answer) {
        var http = new ZerodepDockerHttpClient.Builder()
                .dockerHost(configuration.getDockerHost())
                .sslConfig(configuration.getSSLConfig())
                .maxConnections(CONNECTIONS)
                .connectionTimeout(CONNECT);
        if (!answer.isZero()) {
            http.responseTimeout(answer);
        }
        return DockerClientImpl.getInstance(configuration, http.build());
    }

    /** Its version, e.g. {@code 20.10.24}. */
    String version() {
        return ask("tell its version", () -> asks.versionCmd().exec().getVersion());
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
                    .filter(port -> Integer.valueOf(ContainerPlan.PORT).equals(port.getPrivatePort()))
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
                .map(address -> URI.create("http://" + address + ":" + ContainerPlan.PORT));
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
            var credentials = configuration.effectiveAuthConfig(image);
            if (credentials != null) {
                pull.withAuthConfig(credentials);
            }
            if (!pull.start().awaitCompletion(PULL.toSeconds(), TimeUnit.SECONDS)) {
                throw new ProviderException(
                        Code.UNAVAILABLE, "image \"" + image + "\" was not pulled within " + PULL.toMinutes() + " min");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProviderException(Code.UNAVAILABLE, "image \"" + image + "\" was not pulled: interrupted", e);
        } catch (RuntimeException e) {
            if (isAway(e)) {
                throw away("pull image " + image, e);
            }
            throw new ProviderException(Code.INVALID, "cannot pull image \"" + image + "\": " + line(e), e);
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
                    .withEnv(plan.environment())
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
                            .withBinds(new Bind(plan.volume(), new Volume(ContainerPlan.SECRETS), AccessMode.rw)))
                    .exec()
                    .getId();
            try {
                asks.copyArchiveToContainerCmd(porter)
                        .withRemotePath(ContainerPlan.SECRETS)
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
        var callback = new ResultCallback.Adapter<Event>() {
            @Override
            public void onNext(Event event) {
                happened.accept(event);
            }

            @Override
            public void onError(Throwable error) {
                LOG.debug("the engine tells no more events", error);
                super.onError(error);
                ended.run();
            }

            @Override
            public void onComplete() {
                super.onComplete();
                ended.run();
            }
        };
        listens.eventsCmd()
                .withLabelFilter(ours())
                .withEventFilter("start", "die", "oom", "destroy")
                .exec(callback);
        return callback;
    }

    /** What is ours is marked so. */
    Map<String, String> ours() {
        return Map.of(Revision.PROJECT, place.project());
    }

    /** For questions that are answered at once. */
    DockerClient client() {
        return asks;
    }

    /** For those whose answers take their time. */
    DockerClient patientClient() {
        return listens;
    }

    void run(String what, Runnable request) {
        ask(what, () -> {
            request.run();
            return true;
        });
    }

    <T> T ask(String what, Supplier<T> request) {
        try {
            return request.get();
        } catch (BadRequestException | NotFoundException | ConflictException e) {
            throw new ProviderException(Code.INVALID, "the engine does not " + what + ": " + line(e), e);
        } catch (DockerException e) {
            throw new ProviderException(Code.UNAVAILABLE, "the engine cannot " + what + ": " + line(e), e);
        } catch (RuntimeException e) {
            throw away(what, e);
        }
    }

    private ProviderException away(String what, RuntimeException e) {
        LOG.debug("the engine at {} does not answer", configuration.getDockerHost(), e);
        return new ProviderException(
                Code.UNAVAILABLE,
                "the container engine at " + configuration.getDockerHost() + " does not answer (asked to " + what + ")",
                e);
    }

    private static boolean isAway(RuntimeException e) {
        return !(e instanceof DockerException) && e.getCause() instanceof IOException;
    }

    /** The engine's own words, which are JSON in an exception's. */
    static String line(RuntimeException e) {
        String text = String.valueOf(e.getMessage());
        int from = text.indexOf("\"message\":\"");
        String plain = from < 0 ? text : text.substring(from + 11).replaceAll("\"\\s*}\\s*$", "");
        String one = plain.replaceAll("\\s+", " ").strip();
        return one.length() <= 300 ? one : one.substring(0, 300) + "…";
    }

    @Override
    public void close() {
        for (DockerClient client : List.of(listens, asks)) {
            try {
                client.close();
            } catch (IOException e) {
                LOG.debug("closing a client failed", e);
            }
        }
    }

    /** Cuts what comes in pieces into lines. */
    private static final class LineReader extends ResultCallback.Adapter<Frame> {

        private static final int LONGEST = 16 << 10;

        private final Consumer<String> lines;
        private final Runnable ended;
        private final StringBuilder partial = new StringBuilder();

        LineReader(Consumer<String> lines, Runnable ended) {
            this.lines = lines;
            this.ended = ended;
        }

        @Override
        public void onNext(@Nullable Frame frame) {
            if (frame == null || frame.getPayload() == null) {
                return;
            }
            for (char letter : new String(frame.getPayload(), StandardCharsets.UTF_8).toCharArray()) {
                if (letter == '\n') {
                    flush();
                } else if (letter != '\r' && partial.length() < LONGEST) {
                    partial.append(letter);
                }
            }
        }

        private void flush() {
            lines.accept(partial.toString());
            partial.setLength(0);
        }

        @Override
        public void onError(Throwable error) {
            LOG.debug("a container's output cannot be read on", error);
            super.onError(error);
            over();
        }

        @Override
        public void onComplete() {
            super.onComplete();
            over();
        }

        private void over() {
            if (partial.length() > 0) {
                flush();
            }
            ended.run();
        }
    }
}
