package dev.caravan.provider.swarm;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.Resources;
import dev.caravan.provider.engine.FunctionContainer;
import dev.caravan.provider.engine.Quantity;
import dev.caravan.provider.engine.Revision;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a function's service is made of. The client's types lack the rights and the limit of processes, so it is written
 * as the engine's API has it ({@code POST /services/create}).
 */
record ServicePlan(Revision revision, String project) {

    /** A label: how many replicas were asked for. */
    static final String REPLICAS = "dev.caravan.replicas";

    /** A label: it finishes what it has, and goes. */
    static final String RETIRES = "dev.caravan.retires";

    /** Annotation: which of the Swarm's own configs become files, {@code NAME=/path}, separated by commas. */
    static final String CONFIGS = "dev.caravan.swarm.configs";

    /** How long a call may take that runs when its replica is ended. */
    private static final long FINISH = Duration.ofSeconds(30).toNanos();

    private static final long AGAIN = Duration.ofSeconds(1).toNanos();
    private static final int LONGEST_NAME = 63;
    private static final int READ_ONLY = 0444;

    /** Swarm's own words; whether there is such a node it says later. */
    private static final Pattern CONSTRAINT = Pattern.compile("\\s*[A-Za-z_][A-Za-z0-9_.-]+\\s*(==|!=)\\s*[^\\s=!].*");

    private static final int ANYBODY_WRITES = 01777;

    /** Something that the engine gives a container as a file. @param id as the engine knows it */
    record GivenFile(String id, String name, String path) {}

    /** @throws IllegalArgumentException when it can never run; the message is one readable line */
    void check() {
        resources();
        configs();
        for (String constraint : revision.deployment().constraints()) {
            if (!CONSTRAINT.matcher(constraint).matches()) {
                throw new IllegalArgumentException("constraint \"" + shortened(constraint)
                        + "\" is not of the form node.labels.disk == ssd or node.role != manager");
            }
        }
    }

    private static String shortened(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }

    /** Unique, and a name for the DNS: {@code PROJECT-FUNCTION-NUMBER}. */
    String name() {
        String number = revision.number();
        String unique = "-" + Long.toHexString(Math.abs((long) number.hashCode()));
        String plain = project + "-" + revision.deployment().service();
        return plain.substring(0, Math.min(plain.length(), LONGEST_NAME - unique.length())) + unique;
    }

    /** What marks everything that was made for this revision. */
    Map<String, String> marks() {
        return Map.of(
                Revision.PROJECT,
                project,
                Revision.NAMESPACE,
                revision.deployment().namespace(),
                Revision.FUNCTION,
                revision.deployment().service(),
                Revision.NUMBER,
                revision.number());
    }

    /** Config's name → the path of the file. @throws IllegalArgumentException with one readable line */
    Map<String, String> configs() {
        var files = new LinkedHashMap<String, String>();
        for (String each : revision.deployment().annotation(CONFIGS).orElse("").split(",")) {
            if (each.isBlank()) {
                continue;
            }
            int sign = each.indexOf('=');
            String path = sign < 0 ? "" : each.substring(sign + 1).strip();
            if (sign < 1 || !path.startsWith("/")) {
                throw new IllegalArgumentException(
                        "annotation " + CONFIGS + " must be NAME=/path, separated by commas");
            }
            files.put(each.substring(0, sign).strip(), path);
        }
        return files;
    }

    /**
     * @param image to be run
     * @param network the project's
     * @param published whether each replica publishes a port of its node
     */
    ObjectNode spec(
            String image,
            int replicas,
            String network,
            boolean published,
            List<GivenFile> secrets,
            List<GivenFile> configs) {
        ObjectNode spec = object();
        spec.put("Name", name());
        ObjectNode labels = spec.putObject("Labels");
        revision.labels(project).forEach(labels::put);
        labels.put(REPLICAS, String.valueOf(replicas));
        ObjectNode task = spec.putObject("TaskTemplate");
        task.set("ContainerSpec", container(image, secrets, configs));
        task.set("Resources", resources());
        task.putObject("RestartPolicy").put("Condition", "any").put("Delay", AGAIN);
        ArrayNode constraints = task.putObject("Placement").putArray("Constraints");
        revision.deployment().constraints().forEach(constraints::add);
        task.putArray("Networks").addObject().put("Target", network);
        // What a container wrote is kept by the engine only that long; readers have it from us.
        task.putObject("LogDriver")
                .put("Name", "json-file")
                .putObject("Options")
                .put("max-size", "5m")
                .put("max-file", "2");
        spec.putObject("Mode").putObject("Replicated").put("Replicas", replicas);
        // For changes by other hands; ours make a service anew.
        spec.putObject("UpdateConfig").put("Parallelism", 1).put("Order", "start-first");
        ObjectNode endpoint = spec.putObject("EndpointSpec").put("Mode", "dnsrr");
        if (published) {
            endpoint.putArray("Ports")
                    .addObject()
                    .put("Protocol", "tcp")
                    .put("TargetPort", FunctionContainer.PORT)
                    .put("PublishMode", "host");
        }
        return spec;
    }

    private ObjectNode container(String image, List<GivenFile> secrets, List<GivenFile> configs) {
        FunctionDeployment deployment = revision.deployment();
        ObjectNode container = object();
        container.put("Image", image);
        ObjectNode labels = container.putObject("Labels");
        marks().forEach(labels::put);
        ArrayNode environment = container.putArray("Env");
        FunctionContainer.environment(deployment).forEach(environment::add);
        container.putArray("CapabilityDrop").add("ALL");
        container.putObject("Privileges").put("NoNewPrivileges", true);
        container.put("StopGracePeriod", FINISH);
        if (deployment.readOnlyRootFilesystem()) {
            container.put("ReadOnly", true);
            container
                    .putArray("Mounts")
                    .addObject()
                    .put("Type", "tmpfs")
                    .put("Target", "/tmp")
                    .putObject("TmpfsOptions")
                    .put("Mode", ANYBODY_WRITES);
        }
        files(container.putArray("Secrets"), "Secret", secrets);
        files(container.putArray("Configs"), "Config", configs);
        return container;
    }

    private static void files(ArrayNode to, String kind, List<GivenFile> files) {
        for (GivenFile file : files) {
            to.addObject()
                    .put(kind + "ID", file.id())
                    .put(kind + "Name", file.name())
                    .putObject("File")
                    .put("Name", file.path())
                    .put("UID", "0")
                    .put("GID", "0")
                    .put("Mode", READ_ONLY);
        }
    }

    private ObjectNode resources() {
        ObjectNode resources = object();
        ObjectNode limits = amounts(revision.deployment().limits());
        limits.put("Pids", FunctionContainer.MOST_PROCESSES);
        resources.set("Limits", limits);
        resources.set("Reservations", amounts(revision.deployment().requests()));
        return resources;
    }

    private static ObjectNode amounts(@Nullable Resources resources) {
        ObjectNode amounts = object();
        if (resources != null && resources.memory() != null) {
            amounts.put("MemoryBytes", Quantity.memory(resources.memory()));
        }
        if (resources != null && resources.cpu() != null) {
            amounts.put("NanoCPUs", Quantity.nanoCpus(resources.cpu()));
        }
        return amounts;
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
