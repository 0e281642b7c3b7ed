package dev.caravan.provider;

import dev.caravan.function.FunctionAccess;
import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.function.Resources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An OpenFaaS stack file: which functions to deploy, written by hand
 * (<a href="https://docs.openfaas.com/reference/yaml/">YAML reference</a>).
 *
 * <p>Values may be written without quotes ({@code scale.min: 2}) and reach the function as they were written. Keys that
 * only matter to a build are passed over; keys that nobody knows are too, and named in the log once per file.
 *
 * @param entries in the order of the file; a broken one says why and leaves the others alone
 */
public record StackFile(Path file, List<Entry> entries) {

    private static final Logger LOG = LoggerFactory.getLogger(StackFile.class);

    private static final Set<String> TOP_KEYS = Set.of("version", "provider", "functions", "configuration");
    private static final Set<String> DEPLOY_KEYS = Set.of(
            "image",
            "fprocess",
            "environment",
            "environment_file",
            "labels",
            "annotations",
            "constraints",
            "secrets",
            "limits",
            "requests",
            "readonly_root_filesystem",
            "namespace");
    private static final Set<String> BUILD_KEYS = Set.of(
            "lang",
            "handler",
            "skip_build",
            "build_args",
            "build_options",
            "build_secrets",
            "platforms",
            "copy",
            "registry_auth");

    /** One function of the file. */
    public sealed interface Entry {
        String name();
    }

    /** Can be deployed as it stands. */
    public record Ready(String name, FunctionDeployment deployment) implements Entry {}

    /** Cannot be deployed; {@code reason} is one line that names file, line and key. */
    public record Broken(String name, String reason) implements Entry {}

    public StackFile {
        entries = List.copyOf(entries);
    }

    /**
     * Reads a stack file. Paths in {@code environment_file} are relative to it.
     *
     * @param variables what {@code ${NAME}} stands for
     * @param defaultNamespace where a function lives whose entry names no namespace
     * @throws StackFileException when the file as a whole cannot be read; a broken entry throws nothing
     */
    public static StackFile read(Path file, Map<String, String> variables, String defaultNamespace)
            throws StackFileException {
        StackNode root = StackNode.read(file, new StackVariables(variables)::replacedIn);
        Set<String> unknown = new TreeSet<>();
        for (String key : root.keys()) {
            if (!TOP_KEYS.contains(key)) {
                unknown.add(key);
            }
        }
        List<Entry> entries = new ArrayList<>();
        Optional<StackNode> functions = root.mapping("functions");
        if (functions.isPresent()) {
            for (String name : functions.get().keys()) {
                entries.add(entry(file, name, functions.get(), defaultNamespace, unknown));
            }
        }
        if (!unknown.isEmpty()) {
            LOG.warn("stack file {}: unknown keys ignored: {}", file, String.join(", ", unknown));
        }
        return new StackFile(file, entries);
    }

    private static Entry entry(
            Path file, String name, StackNode functions, String defaultNamespace, Set<String> unknown) {
        try {
            StackNode node = functions
                    .mapping(name)
                    .orElseThrow(() -> functions.wrong(name, "is empty; give it an \"image\" or remove it"));
            for (String key : node.keys()) {
                if (!DEPLOY_KEYS.contains(key) && !BUILD_KEYS.contains(key)) {
                    unknown.add("functions." + name + "." + key);
                }
            }
            String namespace = node.text("namespace").orElse(defaultNamespace);
            try {
                FunctionDeployment deployment = deployment(file, new FunctionName(name, namespace), node);
                FunctionAccess.check(deployment);
                return new Ready(name, deployment);
            } catch (IllegalArgumentException e) {
                // FunctionName says which of the two is wrong, FunctionAccess which annotation.
                throw functions.wrong(name, "cannot be deployed: " + e.getMessage());
            }
        } catch (StackFileException e) {
            return new Broken(name, String.valueOf(e.getMessage()));
        }
    }

    private static FunctionDeployment deployment(Path file, FunctionName function, StackNode node)
            throws StackFileException {
        return new FunctionDeployment(
                function.name(),
                node.text("image").orElseThrow(() -> node.wrong("image", "is missing")),
                function.namespace(),
                node.text("fprocess").orElse(null),
                environment(file, node),
                node.texts("constraints"),
                node.texts("secrets"),
                node.textMap("labels"),
                node.textMap("annotations"),
                resources(node, "limits"),
                resources(node, "requests"),
                node.flag("readonly_root_filesystem"));
    }

    /** What a file says wins over the entry, and a later file over an earlier one, as {@code faas-cli} merges them. */
    private static Map<String, String> environment(Path file, StackNode node) throws StackFileException {
        Map<String, String> environment = new HashMap<>(node.textMap("environment"));
        for (String other : node.texts("environment_file")) {
            Path beside = file.toAbsolutePath().resolveSibling(other).normalize();
            environment.putAll(StackNode.read(beside, text -> text).textMap("environment"));
        }
        return environment;
    }

    private static @Nullable Resources resources(StackNode node, String key) throws StackFileException {
        Optional<StackNode> inner = node.mapping(key);
        if (inner.isEmpty()) {
            return null;
        }
        var devices = new HashMap<String, String>();
        for (String device : Resources.DEVICES) {
            inner.get().text(device).ifPresent(count -> devices.put(device, count));
        }
        return new Resources(
                inner.get().text("memory").orElse(null), inner.get().text("cpu").orElse(null), devices);
    }
}
