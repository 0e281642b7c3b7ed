package dev.caravan.provider.engine;

import java.util.Locale;

/**
 * Which engine, and what is ours on it.
 *
 * @param host {@code unix:///var/run/docker.sock} or {@code tcp://host:port}; empty for what {@code DOCKER_HOST} says, and
 *     TLS as {@code DOCKER_TLS_VERIFY} and {@code DOCKER_CERT_PATH} say
 * @param project marks our containers, services, volumes and secrets, and names our network: two Caravans on one engine have two
 * @param address how containers are reached
 */
public record DockerPlace(String host, String project, Address address) {

    /** How calls get to a container. */
    public enum Address {
        /** By its own address on Linux, else by a published port; on a Swarm by the first only from within its network. */
        AUTO,
        /** By its own address on the project's network: from the engine's host, or from a container of that network. */
        CONTAINER,
        /** By a port of 127.0.0.1 on the engine's host, where an engine runs in a virtual machine; on a Swarm of its node. */
        PUBLISHED
    }

    /** Whether containers of this very engine are reached by published ports. */
    public boolean published() {
        return switch (address) {
            case CONTAINER -> false;
            case PUBLISHED -> true;
            case AUTO ->
                !System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux");
        };
    }
}
