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
import dev.caravan.provider.engine.LineReader;
import dev.caravan.provider.engine.Revision;
import dev.caravan.provider.swarm.ServicePlan.GivenFile;
import java.io.Closeable;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** A Swarm, in the few words that are needed here. Everything blocks and fails as {@link EngineConnection} says. */
final class Swarm {

    /** The engine's for a specification that somebody else has changed meanwhile. */
    private static final String OUT_OF_SEQUENCE = "out of sequence";

    /** States of what has ended because it was asked to. */
    private static final Set<String> TAKEN_OUT = Set.of("shutdown", "remove", "orphaned");

    private static final int TRIES = 5;

    private final EngineConnection connection;
    private final String project;
    private final SwarmNodes nodes;
    private final SwarmNetwork network;

    Swarm(EngineConnection connection, DockerPlace place) {
        this.connection = connection;
        this.project = place.project();
        this.nodes = new SwarmNodes(connection);
        this.network = new SwarmNetwork(connection, place, nodes);
    }

    /** @throws ProviderException {@code UNAVAILABLE} when the engine does not manage a Swarm */
    void open() {
        nodes.open();
        network.open();
    }

    /** All of the project's, those on their way out included. */
    List<SeenService> services() {
        List<SeenService> services = new ArrayList<>();
        for (JsonNode service : list("/services", ours())) {
            seen(service).ifPresent(services::add);
        }
        return services;
    }

    private static Optional<SeenService> seen(JsonNode service) {
        JsonNode spec = service.path("Spec");
        Map<String, String> labels = new HashMap<>();
        spec.path("Labels")
                .fields()
                .forEachRemaining(
                        label -> labels.put(label.getKey(), label.getValue().asText()));
        return Revision.in(labels, "service " + spec.path("Name").asText())
                .map(revision -> new SeenService(
                        service.path("ID").asText(),
                        service.path("Version").path("Index").asLong(),
                        revision,
                        spec));
    }

    /** The replicas that the Swarm wants, whether they run yet or not. */
    List<SeenTask> tasks() {
        ObjectNode filter = ours();
        filter.putArray("desired-state").add("running").add("ready").add("accepted");
        List<SeenTask> tasks = new ArrayList<>();
        list("/tasks", filter).forEach(task -> tasks.add(seenTask(task)));
        return tasks;
    }

    /** One that is wanted no more; empty when nobody remembers it. */
    Optional<SeenTask> task(String id) {
        Reply reply = connection.send(Method.GET, "/tasks/" + id, null, null);
        return reply.status() == 200 ? Optional.of(seenTask(reply.json())) : Optional.empty();
    }

    private SeenTask seenTask(JsonNode task) {
        JsonNode status = task.path("Status");
        String node = task.path("NodeID").asText();
        String state = status.path("State").asText();
        boolean running = state.equals("running");
        String error = TAKEN_OUT.contains(state) ? "" : status.path("Err").asText("");
        return new SeenTask(
                task.path("ID").asText(),
                task.path("ServiceID").asText(),
                status.path("ContainerStatus").path("ContainerID").asText(""),
                nodes.isSelf(node),
                running,
                error.isEmpty() ? Optional.empty() : Optional.of(error),
                running ? network.address(task, node) : Optional.empty());
    }

    /** Makes a service and has its replicas started. @throws ProviderException {@code INVALID} when it is refused */
    SeenService create(ServicePlan plan, int replicas) {
        String image = plan.revision().deployment().image();
        ObjectNode spec = plan.spec(
                pinned(image),
                replicas,
                network.id(),
                network.published(),
                plan.revision().deployment().secrets().isEmpty() ? List.of() : secrets(plan),
                configs(plan));
        Reply reply =
                request("make a service of image \"" + image + "\"", Method.POST, "/services/create", spec, image);
        return new SeenService(reply.json().path("ID").asText(), 0, plan.revision(), spec);
    }

    /**
     * An image that was built on the only node is named by its digest, since no registry can be asked for it: nodes ask
     * for all others each time.
     */
    private String pinned(String image) {
        Reply here = connection.send(Method.GET, "/images/" + path(image) + "/json", null, null);
        boolean built = here.status() == 200 && here.json().path("RepoDigests").isEmpty();
        return built && nodes.isAlone() ? here.json().path("Id").asText(image) : image;
    }

    private List<GivenFile> secrets(ServicePlan plan) {
        List<GivenFile> files = new ArrayList<>();
        for (JsonNode secret : list("/secrets", labels(plan.marks()))) {
            JsonNode spec = secret.path("Spec");
            files.add(new GivenFile(
                    secret.path("ID").asText(),
                    spec.path("Name").asText(),
                    spec.path("Labels").path(SecretNames.PATH).asText()));
        }
        return files;
    }

    private List<GivenFile> configs(ServicePlan plan) {
        Map<String, String> paths = plan.configs();
        if (paths.isEmpty()) {
            return List.of();
        }
        Map<String, String> ids = StreamSupport.stream(
                        list("/configs", JsonNodeFactory.instance.objectNode()).spliterator(), false)
                .collect(Collectors.toMap(
                        config -> config.path("Spec").path("Name").asText(),
                        config -> config.path("ID").asText()));
        List<GivenFile> files = new ArrayList<>();
        paths.forEach((name, path) -> {
            String id = ids.get(name);
            if (id == null) {
                throw new ProviderException(Code.INVALID, "config \"" + name + "\" is not on the Swarm");
            }
            files.add(new GivenFile(id, name, path));
        });
        return files;
    }

    /** Says how many replicas are wanted; {@link #settle} has it done. Nothing happens to a service that is gone. */
    void want(String service, int replicas) {
        change(service, "mark a service", spec -> {
            ((ObjectNode) spec.path("Labels")).put(ServicePlan.REPLICAS, String.valueOf(replicas));
            return spec;
        });
    }

    /** Runs as many replicas. */
    void scale(String service, int replicas) {
        change(service, "scale a service", spec -> {
            ((ObjectNode) spec.path("Labels")).put(ServicePlan.REPLICAS, String.valueOf(replicas));
            ((ObjectNode) spec.path("Mode").path("Replicated")).put("Replicas", replicas);
            return spec;
        });
    }

    /** Runs as many replicas as were said to be wanted last. */
    void settle(String service) {
        change(service, "scale a service", spec -> {
            ((ObjectNode) spec.path("Mode").path("Replicated"))
                    .put(
                            "Replicas",
                            spec.path("Labels").path(ServicePlan.REPLICAS).asInt(0));
            return spec;
        });
    }

    /** Writes down that it goes. */
    void markAsRetiring(String service) {
        change(service, "mark a service", spec -> {
            ((ObjectNode) spec.path("Labels")).put(ServicePlan.RETIRES, "true");
            return spec;
        });
    }

    private void change(String service, String what, UnaryOperator<ObjectNode> change) {
        for (int left = TRIES; ; left--) {
            Reply found = connection.send(Method.GET, "/services/" + service, null, null);
            if (found.status() == 404) {
                return;
            }
            ObjectNode spec = change.apply(found.json().path("Spec").deepCopy());
            Reply reply = connection.send(
                    Method.POST,
                    "/services/" + service + "/update?version="
                            + found.json().path("Version").path("Index").asLong(),
                    spec,
                    null);
            if (reply.status() < 300) {
                return;
            }
            if (left == 1 || !reply.message().contains(OUT_OF_SEQUENCE)) {
                throw refusal(what, reply);
            }
        }
    }

    /** Its replicas are asked to end. */
    void remove(String service) {
        requestGone("remove a service", "/services/" + service);
    }

    /** Keeps a secret for a revision; the engine can never be asked for its value. */
    void keep(ServicePlan plan, SecretNames names, byte[] value) {
        ObjectNode secret = JsonNodeFactory.instance.objectNode();
        secret.put("Name", names.unique());
        ObjectNode labels = secret.putObject("Labels");
        plan.marks().forEach(labels::put);
        labels.put(SecretNames.PATH, names.path());
        secret.put("Data", Base64.getEncoder().encodeToString(value));
        request("keep secret \"" + names.name() + "\"", Method.POST, "/secrets/create", secret, null);
    }

    /** Removes the secrets of revisions that are not among these. */
    void removeSecretsExceptOf(List<Revision> revisions) {
        List<String> numbers = revisions.stream().map(Revision::number).toList();
        for (JsonNode secret : list("/secrets", ours())) {
            String number =
                    secret.path("Spec").path("Labels").path(Revision.NUMBER).asText();
            if (!numbers.contains(number)) {
                requestGone("remove a secret", "/secrets/" + secret.path("ID").asText());
            }
        }
    }

    void removeSecrets(ServicePlan plan) {
        for (JsonNode secret : list("/secrets", labels(plan.marks()))) {
            requestGone("remove a secret", "/secrets/" + secret.path("ID").asText());
        }
    }

    /** What a task writes; see {@link dev.caravan.provider.engine.ReplicaWatch.Output}. */
    Closeable follow(String task, int tail, Consumer<String> lines, Runnable ended) {
        var reader = new LineReader(lines, ended);
        connection
                .listens()
                .logTaskCmd(task)
                .withStdout(true)
                .withStderr(true)
                .withFollow(true)
                .withTimestamps(true)
                .withTail(tail)
                .exec(reader);
        return reader;
    }

    private ObjectNode ours() {
        return labels(Map.of(Revision.PROJECT, project));
    }

    private static ObjectNode labels(Map<String, String> labels) {
        ObjectNode filter = JsonNodeFactory.instance.objectNode();
        var array = filter.putArray("label");
        labels.forEach((name, value) -> array.add(name + "=" + value));
        return filter;
    }

    private JsonNode list(String path, ObjectNode filter) {
        return request(
                        "list " + path.substring(1),
                        Method.GET,
                        path + "?filters=" + encoded(filter.toString()),
                        null,
                        null)
                .json();
    }

    private Reply request(String what, Method method, String path, @Nullable JsonNode body, @Nullable String image) {
        Reply reply = connection.send(method, path, body, image);
        if (reply.status() >= 300) {
            throw refusal(what, reply);
        }
        return reply;
    }

    private void requestGone(String what, String path) {
        Reply reply = connection.send(Method.DELETE, path, null, null);
        if (reply.status() >= 300 && reply.status() != 404) {
            throw refusal(what, reply);
        }
    }

    private static ProviderException refusal(String what, Reply reply) {
        boolean ours = reply.status() >= 400 && reply.status() < 500;
        return new ProviderException(
                ours ? Code.INVALID : Code.UNAVAILABLE,
                "the Swarm " + (ours ? "does not " : "cannot ") + what + ": " + reply.message());
    }

    /** An image's name has slashes, which stay. */
    private static String path(String image) {
        return encoded(image).replace("%2F", "/").replace("%3A", ":").replace("%40", "@");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
