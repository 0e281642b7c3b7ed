package dev.caravan.provider.swarm;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.transport.DockerHttpClient.Request.Method;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.ProviderException.Code;
import dev.caravan.provider.engine.EngineConnection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The machines of a Swarm, and where published ports of theirs are reached. */
final class SwarmNodes {

    private static final String LOOPBACK = "127.0.0.1";

    private final EngineConnection connection;
    private final Map<String, String> hosts = new ConcurrentHashMap<>();
    private volatile String self = "";

    SwarmNodes(EngineConnection connection) {
        this.connection = connection;
    }

    /** @throws ProviderException {@code UNAVAILABLE} when the engine does not manage a Swarm */
    void open() {
        JsonNode swarm = connection.swarm();
        if (!swarm.path("ControlAvailable").asBoolean(false)) {
            throw new ProviderException(
                    Code.UNAVAILABLE,
                    "the container engine at " + connection.host()
                            + " manages no Swarm: \"docker swarm init\" makes one, and a worker cannot be asked");
        }
        self = swarm.path("NodeID").asText();
    }

    /** Whether it is the machine of the engine that is asked. */
    boolean isSelf(String node) {
        return node.equals(self);
    }

    /** Whether there is only one. */
    boolean isAlone() {
        return list().size() == 1;
    }

    /** Empty when nobody knows the node. */
    Optional<String> host(String node) {
        if (isSelf(node)) {
            String host = connection.host().getHost();
            return Optional.of(host == null ? LOOPBACK : bracketed(host));
        }
        if (!hosts.containsKey(node)) {
            list().forEach(each -> {
                String address = each.path("Status").path("Addr").asText("");
                if (!address.isEmpty()) {
                    hosts.put(each.path("ID").asText(), bracketed(address));
                }
            });
        }
        return Optional.ofNullable(hosts.get(node));
    }

    private static String bracketed(String address) {
        return address.indexOf(':') >= 0 && !address.startsWith("[") ? "[" + address + "]" : address;
    }

    private JsonNode list() {
        return connection.send(Method.GET, "/nodes", null, null).json();
    }
}
