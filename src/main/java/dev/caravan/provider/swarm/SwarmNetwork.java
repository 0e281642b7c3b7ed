package dev.caravan.provider.swarm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.dockerjava.transport.DockerHttpClient.Request.Method;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.ProviderException.Code;
import dev.caravan.provider.engine.DockerPlace;
import dev.caravan.provider.engine.EngineConnection;
import dev.caravan.provider.engine.EngineConnection.Reply;
import dev.caravan.provider.engine.FunctionContainer;
import dev.caravan.provider.engine.Revision;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The overlay network that all functions of a project are in, and how calls get to them: by their addresses in it when
 * Caravan is in it too, else by ports of their nodes.
 */
final class SwarmNetwork {

    private static final Logger LOG = LoggerFactory.getLogger(SwarmNetwork.class);

    private final EngineConnection connection;
    private final DockerPlace place;
    private final SwarmNodes nodes;
    private volatile String id = "";
    private volatile boolean published;

    SwarmNetwork(EngineConnection connection, DockerPlace place, SwarmNodes nodes) {
        this.connection = connection;
        this.place = place;
        this.nodes = nodes;
    }

    /** Makes it when it is not there. */
    void open() {
        JsonNode network = find().orElseGet(this::create);
        if (!network.path("Scope").asText().equals("swarm")) {
            throw new ProviderException(
                    Code.UNAVAILABLE,
                    "the network " + place.project() + " is of one engine only; remove it, or name another project");
        }
        id = network.path("Id").asText();
        published = switch (place.address()) {
            case CONTAINER -> false;
            case PUBLISHED -> true;
            case AUTO -> !isWithin(network);
        };
        LOG.info("functions are reached by {}", published ? "ports of their nodes" : "their own addresses");
    }

    String id() {
        return id;
    }

    /** Whether each replica publishes a port of its node. */
    boolean published() {
        return published;
    }

    private Optional<JsonNode> find() {
        Reply reply = connection.send(Method.GET, "/networks/" + place.project(), null, null);
        return reply.status() == 200 ? Optional.of(reply.json()) : Optional.empty();
    }

    private JsonNode create() {
        ObjectNode network = JsonNodeFactory.instance.objectNode();
        network.put("Name", place.project()).put("Driver", "overlay").put("Attachable", true);
        network.putObject("Labels").put(Revision.PROJECT, place.project());
        Reply reply = connection.send(Method.POST, "/networks/create", network, null);
        return find().orElseThrow(() -> new ProviderException(
                Code.UNAVAILABLE, "the Swarm cannot make the network " + place.project() + ": " + reply.message()));
    }

    private static boolean isWithin(JsonNode network) {
        for (JsonNode range : network.path("IPAM").path("Config")) {
            if (ownAddresses().stream()
                    .anyMatch(address -> contains(range.path("Subnet").asText(), address))) {
                return true;
            }
        }
        return false;
    }

    private static List<InetAddress> ownAddresses() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .toList();
        } catch (SocketException e) {
            LOG.debug("this machine's addresses are not known", e);
            return List.of();
        }
    }

    /** @param subnet such as {@code 10.0.1.0/24} */
    static boolean contains(String subnet, InetAddress address) {
        int slash = subnet.indexOf('/');
        try {
            byte[] base = InetAddress.getByName(subnet.substring(0, Math.max(0, slash)))
                    .getAddress();
            byte[] asked = address.getAddress();
            int host = 8 * base.length - Integer.parseInt(subnet.substring(slash + 1));
            return slash > 0
                    && base.length == asked.length
                    && new BigInteger(1, base).shiftRight(host).equals(new BigInteger(1, asked).shiftRight(host));
        } catch (UnknownHostException | NumberFormatException e) {
            LOG.debug("{} is no subnet", subnet, e);
            return false;
        }
    }

    /** Where a task takes calls; empty while nobody can tell. */
    Optional<URI> address(JsonNode task, String node) {
        return published ? ofNode(task, node) : ofItsOwn(task);
    }

    private Optional<URI> ofNode(JsonNode task, String node) {
        for (JsonNode port : task.path("Status").path("PortStatus").path("Ports")) {
            int number = port.path("PublishedPort").asInt(0);
            if (port.path("TargetPort").asInt(0) == FunctionContainer.PORT && number > 0) {
                return nodes.host(node).map(host -> URI.create("http://" + host + ":" + number));
            }
        }
        return Optional.empty();
    }

    private Optional<URI> ofItsOwn(JsonNode task) {
        for (JsonNode attachment : task.path("NetworksAttachments")) {
            String address = attachment.path("Addresses").path(0).asText("");
            if (attachment.path("Network").path("ID").asText().equals(id) && !address.isEmpty()) {
                String host = address.replaceAll("/.*", "");
                return Optional.of(URI.create("http://" + host + ":" + FunctionContainer.PORT));
            }
        }
        return Optional.empty();
    }
}
