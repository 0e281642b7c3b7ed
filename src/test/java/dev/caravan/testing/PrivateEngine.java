package dev.caravan.testing;

import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
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
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * A Docker engine of the tests' own, with its data and its socket in a fresh folder: nothing of the machine's engine is
 * touched. One serves all tests of a run. It needs root and Debian's {@code docker.io}; no image can be pulled, so tests
 * build theirs of {@code busybox-static}.
 */
public final class PrivateEngine implements BeforeAllCallback {

    private static final Duration START = Duration.ofSeconds(60);

    /** What a Swarm calls its way out of overlay networks. */
    private static final String GATEWAY = "docker_gwbridge";

    private static final Path BUSYBOX = Path.of("/bin/busybox");

    private @Nullable Running running;

    @Override
    public void beforeAll(ExtensionContext context) {
        running = context.getRoot()
                .getStore(Namespace.create(PrivateEngine.class))
                .getOrComputeIfAbsent(Running.class, first -> new Running(), Running.class);
    }

    /** {@code unix:///…}. */
    public String host() {
        return engine().host;
    }

    public DockerClient client() {
        return engine().client;
    }

    /** Ends the engine, and with it what runs on it. */
    public void stop() throws InterruptedException {
        engine().daemon().destroy();
        engine().daemon().waitFor();
    }

    /** Starts it again after {@link #stop}. */
    public void restart() {
        engine().start();
    }

    /** Makes it a Swarm of one, when it is none yet. */
    public void swarm() throws IOException {
        engine().swarm();
    }

    private Running engine() {
        if (running == null) {
            throw new IllegalStateException("no test has begun");
        }
        return running;
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
        client().buildImageCmd(new ByteArrayInputStream(archive.toByteArray()))
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

    private static final class Running implements ExtensionContext.Store.CloseableResource {

        private final Path folder;
        private final String host;
        /** Makes addresses and names of engines differ that run at once. */
        private final int number = ThreadLocalRandom.current().nextInt(16);

        /** Of the addresses that RFC 2544 sets apart for tests. */
        private final String pool = "198.18." + 16 * number + ".0";

        private boolean swarm;

        private final DockerHttpClient http;
        private final DockerClient client;
        private @Nullable Process daemon;

        Running() {
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
            var configuration = DefaultDockerClientConfig.createDefaultConfigBuilder()
                    .withDockerHost(host)
                    .withDockerTlsVerify(false)
                    .build();
            http = new ZerodepDockerHttpClient.Builder()
                    .dockerHost(configuration.getDockerHost())
                    .build();
            client = DockerClientImpl.getInstance(configuration, http);
            start();
        }

        private static Optional<Path> program() {
            return Stream.concat(Arrays.stream(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/sbin"))
                    .map(place -> Path.of(place, "dockerd"))
                    .filter(Files::isExecutable)
                    .findFirst();
        }

        Process daemon() {
            if (daemon == null) {
                throw new IllegalStateException("the engine does not run");
            }
            return daemon;
        }

        void start() {
            try {
                daemon = new ProcessBuilder(
                                program().orElseThrow().toString(),
                                "--data-root=" + folder.resolve("data"),
                                "--exec-root=" + folder.resolve("exec"),
                                "--pidfile=" + folder.resolve("pid"),
                                "--host=" + host,
                                "--bridge=none",
                                // Engines share the machine's chains and addresses with others that start meanwhile.
                                "--iptables=false",
                                "--default-address-pool=base=" + pool + "/20,size=26")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(
                                folder.resolve("log").toFile()))
                        .start();
                long deadline = System.nanoTime() + START.toNanos();
                while (!answers()) {
                    if (!daemon.isAlive() || System.nanoTime() - deadline > 0) {
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

        synchronized void swarm() throws IOException {
            if (swarm) {
                return;
            }
            // The bridge through which containers of overlay networks reach their host has the same name on all
            // engines.
            client.createNetworkCmd()
                    .withName(GATEWAY)
                    .withDriver("bridge")
                    .withOptions(Map.of(
                            "com.docker.network.bridge.name",
                            "cvgw" + number + "x" + daemon().pid(),
                            "com.docker.network.bridge.enable_icc",
                            "false"))
                    .exec();
            // Its ports are the same, too, so that each has an address of its own.
            String self = "127.18." + number + "." + (1 + daemon().pid() % 250);
            byte[] request = bytes("""
                    {"ListenAddr": "%s:2377", "AdvertiseAddr": "%s", "DefaultAddrPool": ["198.19.%d.0/20"], "SubnetSize": 26}
                    """.formatted(self, self, 16 * number));
            try (DockerHttpClient.Response response = http.execute(Request.builder()
                    .method(Request.Method.POST)
                    .path("/swarm/init")
                    .putHeader("Content-Type", "application/json")
                    .bodyBytes(request)
                    .build())) {
                if (response.getStatusCode() != 200) {
                    throw new IllegalStateException("the engine makes no Swarm: "
                            + new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8));
                }
            }
            swarm = true;
        }

        private boolean answers() {
            try {
                client.pingCmd().exec();
                return true;
            } catch (RuntimeException e) {
                return false;
            }
        }

        /** A Swarm that was left, and tasks that ended, are out of a network only a little later. */
        private void remove(String network) {
            await().atMost(START)
                    .ignoreExceptionsInstanceOf(DockerException.class)
                    .until(() -> {
                        try {
                            client.removeNetworkCmd(network).exec();
                        } catch (NotFoundException e) {
                            // It went by itself meanwhile.
                        }
                        return true;
                    });
        }

        @Override
        public void close() throws Exception {
            if (daemon().isAlive()) {
                if (swarm) {
                    client.leaveSwarmCmd().withForceEnabled(true).exec();
                }
                client.listContainersCmd().withShowAll(true).exec().forEach(container -> {
                    try {
                        client.removeContainerCmd(container.getId())
                                .withForce(true)
                                .exec();
                    } catch (NotFoundException e) {
                        // It went by itself meanwhile.
                    }
                });
                client.listNetworksCmd().exec().stream()
                        .filter(network -> network.getName().startsWith("caravan")
                                || network.getName().equals(GATEWAY))
                        .forEach(network -> remove(network.getId()));
                daemon().destroy();
                daemon().waitFor(30, TimeUnit.SECONDS);
            }
            client.close();
            new ProcessBuilder("rm", "-rf", folder.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
        }
    }
}
