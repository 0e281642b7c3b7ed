package dev.caravan.config;

import java.util.List;
import java.util.Map;

/**
 * The container engine, where functions are containers.
 *
 * @param host where it listens; empty for what {@code DOCKER_HOST} says
 */
public record DockerSettings(String host, String project, Address address) {

    /** How calls get to a container. */
    public enum Address {
        /** By its own address on Linux, else by a published port; on a Swarm by the first only from within its network. */
        AUTO,
        /** By its own address. */
        CONTAINER,
        /** By a port of 127.0.0.1. */
        PUBLISHED
    }

    static final Setting<String> HOST = Setting.text(
            "CARAVAN_DOCKER_HOST",
            "",
            "The engine, `unix:///var/run/docker.sock` or `tcp://host:port`; when unset as `DOCKER_HOST`, `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH` say.");
    static final Setting<String> PROJECT = Setting.text(
            "CARAVAN_DOCKER_PROJECT",
            "caravan",
            "Marks our containers, services, volumes and secrets, and names the network they are in; another name for each Caravan on one engine.");
    static final Setting<Address> ADDRESS = Setting.choice(
            "CARAVAN_DOCKER_ADDRESS",
            Address.AUTO,
            Address.class,
            "How calls get to a container: `container`, by its own address; `published`, by a port of 127.0.0.1, or of its node on a Swarm; `auto`, by the first on Linux, on a Swarm when Caravan is in its network, else by the second.");

    static final List<Setting<?>> ALL = List.of(HOST, PROJECT, ADDRESS);

    static DockerSettings from(Map<String, String> environment) {
        String project = PROJECT.in(environment);
        if (!project.matches("[a-z0-9][a-z0-9_-]{0,40}")) {
            throw new SettingsException(
                    "CARAVAN_DOCKER_PROJECT must be a short name of a-z, 0-9, - and _, got: " + project);
        }
        return new DockerSettings(HOST.in(environment), project, ADDRESS.in(environment));
    }
}
