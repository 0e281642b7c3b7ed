package dev.caravan.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A process of a Docker engine, with its data and its socket in a fresh folder, and a client of it. It needs root and
 * Debian's {@code docker.io} and {@code busybox-static}; without them a test is skipped, see {@link Requirement}.
 */
public final class EngineDaemon implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(60);
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final String host;
    private final List<String> command;
    private final DockerHttpClient http;
    private final DockerClient client;
    private @Nullable Process process;

    /**
     * One that was not started.
     *
     * @param before what stands before the program on the command line
     * @param options more of the program's own
     */
    EngineDaemon(List<String> before, String... options) {
        Optional<Path> program = program();
        boolean root = "root".equals(System.getProperty("user.name"));
        Requirement.that(
                program.isPresent() && Files.isExecutable(BUSYBOX) && root,
                "Containers are tested on an engine that root starts; install the packages docker.io and busybox-static");
        try {
            // The path of a socket has at most 108 letters.
            folder = Files.createTempDirectory("caravan-engine");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        host = "unix://" + folder.resolve("socket");
        command = new ArrayList<>(before);
        command.addAll(List.of(
                program.orElseThrow().toString(),
                "--data-root=" + folder.resolve("data"),
                "--exec-root=" + folder.resolve("exec"),
                "--pidfile=" + folder.resolve("pid"),
                "--host=" + host,
                "--bridge=none",
                // Engines share the machine's chains and addresses with others that start meanwhile.
                "--iptables=false"));
        command.addAll(List.of(options));
        var configuration = DefaultDockerClientConfig.createDefaultConfigBuilder()
                .withDockerHost(host)
                .withDockerTlsVerify(false)
                .build();
        http = new ZerodepDockerHttpClient.Builder()
                .dockerHost(configuration.getDockerHost())
                .build();
        client = DockerClientImpl.getInstance(configuration, http);
    }

    private static Optional<Path> program() {
        return Stream.concat(Arrays.stream(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/sbin"))
                .map(place -> Path.of(place, "dockerd"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** {@code unix:///…}. */
    public String host() {
        return host;
    }

    public DockerClient client() {
        return client;
    }

    Process process() {
        if (process == null) {
            throw new IllegalStateException("the engine does not run");
        }
        return process;
    }

    boolean runs() {
        return process != null && process.isAlive();
    }

    /** Starts it, again after {@link #stop} on what it had, and returns once it answers. */
    public void start() {
        try {
            Process started = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("log").toFile()))
                    .start();
            process = started;
            long deadline = System.nanoTime() + START.toNanos();
            while (!answers()) {
                if (!started.isAlive() || System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException(
                            "the engine did not start: " + Files.readString(folder.resolve("log")));
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private boolean answers() {
        try {
            client.pingCmd().exec();
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** Ends the engine, and with it what runs on it. */
    public void stop() throws InterruptedException {
        process().destroy();
        process().waitFor();
    }

    /** Asks for what the client has no words for. @param body JSON, or empty for a {@code GET} */
    JsonNode ask(String path, String body) throws IOException {
        var request = Request.builder()
                .method(body.isEmpty() ? Request.Method.GET : Request.Method.POST)
                .path(path);
        if (!body.isEmpty()) {
            request.putHeader("Content-Type", "application/json").bodyBytes(bytes(body));
        }
        try (DockerHttpClient.Response response = http.execute(request.build())) {
            String answer = new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8);
            if (response.getStatusCode() != 200) {
                throw new IllegalStateException("the engine refuses " + path + ": " + answer);
            }
            return JSON.readTree(answer);
        }
    }

    /**
     * Builds an image from nothing but busybox and files.
     *
     * @param files their paths and contents; all of them are executable
     * @param instructions of a Dockerfile, after {@code FROM scratch} and the copying of all
     */
    public void build(String tag, Map<String, String> files, String instructions) throws IOException {
        var archive = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(archive)) {
            add(tar, "Dockerfile", bytes("FROM scratch\nCOPY root/ /\n" + instructions + "\n"));
            add(tar, "root/bin/busybox", Files.readAllBytes(BUSYBOX));
            add(tar, "root/tmp/empty", new byte[0]);
            for (Map.Entry<String, String> file : files.entrySet()) {
                add(tar, "root" + file.getKey(), bytes(file.getValue()));
            }
        }
        client.buildImageCmd(new ByteArrayInputStream(archive.toByteArray()))
                .withTags(Set.of(tag))
                .start()
                .awaitImageId(60, TimeUnit.SECONDS);
    }

    private static void add(TarArchiveOutputStream tar, String name, byte[] content) throws IOException {
        var entry = new TarArchiveEntry(name);
        entry.setMode(0755);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    void removeContainers(Map<String, String> labels) {
        client.listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(labels)
                .exec()
                .forEach(container -> gone(() -> client.removeContainerCmd(container.getId())
                        .withForce(true)
                        .exec()));
    }

    /** Somebody else may have been quicker. */
    static void gone(Runnable removal) {
        try {
            removal.run();
        } catch (NotFoundException | ConflictException e) {
            // It is gone, or on its way.
        }
    }

    /** Ends it and deletes its folder. */
    @Override
    public void close() throws IOException, InterruptedException {
        Process running = process;
        if (running != null) {
            running.destroy();
            running.waitFor(30, TimeUnit.SECONDS);
        }
        client.close();
        // Overlay networks that were on their way out stay mounted.
        Path networks = folder.resolve("exec/netns");
        if (Files.isDirectory(networks)) {
            try (Stream<Path> left = Files.list(networks)) {
                for (Path network : left.toList()) {
                    run(ProcessBuilder.Redirect.DISCARD, "umount", "--lazy", network.toString());
                }
            }
        }
        run(ProcessBuilder.Redirect.INHERIT, "rm", "-rf", folder.toString());
    }

    private static void run(ProcessBuilder.Redirect said, String... command) throws IOException, InterruptedException {
        new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said)
                .start()
                .waitFor();
    }
}
