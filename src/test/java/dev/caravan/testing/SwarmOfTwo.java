package dev.caravan.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A Swarm of a manager and a worker, as far as one machine can have it: each is an engine in a network namespace of its
 * own, and a bridge joins the two and this machine. Nothing leads from there to a registry.
 */
public final class SwarmOfTwo implements AutoCloseable {

    private static final Path IP = Path.of("/sbin/ip");

    private static final int HERE = 1;
    private static final int MANAGER = 2;
    private static final int WORKER = 3;

    private final int number = ThreadLocalRandom.current().nextInt(1 << 16);

    /** Names the bridge, which may have 15 letters. */
    private final String name = "cvt" + Integer.toHexString(number);

    /** Of the addresses that RFC 2544 sets apart for tests, those that {@link PrivateEngine} comes to last. */
    private final String network = "198.18." + (16 * (number % 16) + 15) + ".";

    private final List<EngineDaemon> nodes = new ArrayList<>();
    private final List<List<String>> undo = new ArrayList<>();

    /** Skips the test where there is no engine; fails it when {@code VERIFY_REQUIRE_ALL=true}. */
    public static SwarmOfTwo start() throws IOException, InterruptedException {
        Requirement.that(
                Files.isExecutable(IP),
                "SKIPPED: no ip, so there are no two nodes on this machine; Debian's package is iproute2");
        var swarm = new SwarmOfTwo();
        try {
            swarm.open();
            return swarm;
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            swarm.close();
            throw e;
        }
    }

    private void open() throws IOException, InterruptedException {
        ip("link", "add", name, "type", "bridge");
        undo.add(List.of("link", "delete", name));
        ip("address", "add", network + HERE + "/24", "dev", name);
        ip("link", "set", name, "up");
        EngineDaemon manager = node(MANAGER);
        EngineDaemon worker = node(WORKER);
        manager.ask("/swarm/init", """
                {"ListenAddr": "%s:2377", "AdvertiseAddr": "%s", "DefaultAddrPool": ["198.19.0.0/20"], "SubnetSize": 26}
                """.formatted(address(MANAGER), address(MANAGER)));
        String token =
                manager.ask("/swarm", "").path("JoinTokens").path("Worker").asText();
        worker.ask("/swarm/join", """
                {"ListenAddr": "%s:2377", "AdvertiseAddr": "%s", "RemoteAddrs": ["%s:2377"], "JoinToken": "%s"}
                """.formatted(address(WORKER), address(WORKER), address(MANAGER), token));
    }

    private EngineDaemon node(int node) throws IOException, InterruptedException {
        String space = name + "n" + node;
        ip("netns", "add", space);
        undo.add(List.of("netns", "delete", space));
        ip("link", "add", space, "type", "veth", "peer", "name", "eth0", "netns", space);
        ip("link", "set", space, "master", name, "up");
        ip("-n", space, "address", "add", address(node) + "/24", "dev", "eth0");
        ip("-n", space, "link", "set", "eth0", "up");
        ip("-n", space, "link", "set", "lo", "up");
        var daemon = new EngineDaemon(
                List.of("nsenter", "--net=" + Path.of("/run/netns", space)),
                "--host=tcp://" + address(node) + ":2375",
                "--tls=false");
        nodes.add(daemon);
        daemon.start();
        return daemon;
    }

    private String address(int node) {
        return network + node;
    }

    /** Where its manager is asked, from another machine. */
    public String host() {
        return "tcp://" + manager() + ":2375";
    }

    /** The manager's address. */
    public String manager() {
        return address(MANAGER);
    }

    /** The worker's address. */
    public String worker() {
        return address(WORKER);
    }

    /** The engines of both, the manager's first. */
    public List<EngineDaemon> nodes() {
        return List.copyOf(nodes);
    }

    private static void ip(String... words) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(IP.toString()));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
    }

    /** The last to come goes first. */
    @Override
    public void close() throws IOException, InterruptedException {
        for (int i = nodes.size() - 1; i >= 0; i--) {
            EngineDaemon node = nodes.get(i);
            if (node.runs()) {
                node.client().leaveSwarmCmd().withForceEnabled(true).exec();
                node.removeContainers(Map.of());
            }
            node.close();
        }
        for (int i = undo.size() - 1; i >= 0; i--) {
            ip(undo.get(i).toArray(String[]::new));
        }
    }
}
