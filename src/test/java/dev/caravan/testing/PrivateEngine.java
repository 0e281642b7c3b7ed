package dev.caravan.testing;

import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import dev.caravan.provider.engine.Revision;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
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

    /** What a Swarm calls its way out of overlay networks. */
    private static final String GATEWAY = "docker_gwbridge";

    private @Nullable Running running;

    @Override
    public void beforeAll(ExtensionContext context) {
        running = context.getRoot()
                .getStore(Namespace.create(PrivateEngine.class))
                .getOrComputeIfAbsent(Running.class, first -> new Running(), Running.class);
    }

    /** {@code unix:///…}. */
    public String host() {
        return engine().daemon.host();
    }

    public DockerClient client() {
        return engine().daemon.client();
    }

    /** Ends the engine, and with it what runs on it. */
    public void stop() throws InterruptedException {
        engine().daemon.stop();
    }

    /** Starts it again after {@link #stop}. */
    public void restart() {
        engine().daemon.start();
    }

    /** Makes it a Swarm of one, when it is none yet. */
    public void swarm() throws IOException {
        engine().swarm();
    }

    /** Makes it an engine of its own again, when it is a Swarm. */
    public void leaveSwarm() {
        engine().leaveSwarm();
    }

    /** Removes what a project has on it: services, containers, and, once the last has left it, the network. */
    public void clean(String project) {
        engine().clean(project);
    }

    private Running engine() {
        if (running == null) {
            throw new IllegalStateException("no test has begun");
        }
        return running;
    }

    EngineDaemon daemon() {
        return engine().daemon;
    }

    private static final class Running implements ExtensionContext.Store.CloseableResource {

        /** Makes addresses and names of engines differ that run at once. */
        private final int number = ThreadLocalRandom.current().nextInt(16);

        /** Its addresses are of those that RFC 2544 sets apart for tests. */
        private final EngineDaemon daemon =
                new EngineDaemon(List.of(), "--default-address-pool=base=198.18." + 16 * number + ".0/20,size=26");

        private final DockerClient client = daemon.client();
        private boolean swarm;

        Running() {
            daemon.start();
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
                            bridge(),
                            "com.docker.network.bridge.enable_icc",
                            "false"))
                    .exec();
            // Its ports are the same, too, so that each has an address of its own.
            String self = "127.18." + number + "." + (1 + daemon.process().pid() % 250);
            // A machine has an overlay network's number once at each port.
            long dataPort = 5_000 + daemon.process().pid() % 10_000;
            daemon.ask("/swarm/init", """
                    {"ListenAddr": "%s:2377", "AdvertiseAddr": "%s", "DataPathPort": %d,
                     "DefaultAddrPool": ["198.19.%d.0/20"], "SubnetSize": 26}
                    """.formatted(self, self, dataPort, 16 * number));
            swarm = true;
        }

        synchronized void leaveSwarm() {
            if (!swarm) {
                return;
            }
            client.leaveSwarmCmd().withForceEnabled(true).exec();
            removeNetwork(GATEWAY);
            swarm = false;
        }

        void clean(String project) {
            Map<String, String> ours = Map.of(Revision.PROJECT, project);
            if (swarm) {
                client.listServicesCmd()
                        .withLabelFilter(ours)
                        .exec()
                        .forEach(service -> EngineDaemon.gone(
                                () -> client.removeServiceCmd(service.getId()).exec()));
            }
            daemon.removeContainers(ours);
            removeNetwork(project);
        }

        /** It goes when the last container has left it: those of a Swarm that was left, only a little later. */
        private void removeNetwork(String name) {
            await().atMost(Duration.ofMinutes(1))
                    .ignoreExceptionsInstanceOf(DockerException.class)
                    .until(() -> {
                        client.listNetworksCmd().withNameFilter(name).exec().stream()
                                .filter(network -> network.getName().equals(name))
                                .forEach(network ->
                                        client.removeNetworkCmd(network.getId()).exec());
                        return true;
                    });
        }

        /** On the machine, where it is nobody else's. */
        private String bridge() {
            return "cvgw" + number + "x" + daemon.process().pid();
        }

        /** Leaves the gateway to the end: an engine may believe for ever that something is still in it. */
        @Override
        public void close() throws Exception {
            try {
                if (daemon.runs()) {
                    clear();
                }
            } finally {
                daemon.close();
                if (swarm) {
                    new ProcessBuilder("ip", "link", "delete", bridge())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor();
                }
            }
        }

        private void clear() {
            if (swarm) {
                client.leaveSwarmCmd().withForceEnabled(true).exec();
            }
            daemon.removeContainers(Map.of());
            client.listNetworksCmd().exec().stream()
                    .filter(network -> network.getName().startsWith("caravan"))
                    .forEach(network -> removeNetwork(network.getName()));
        }
    }
}
