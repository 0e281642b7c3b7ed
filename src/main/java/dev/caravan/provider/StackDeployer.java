package dev.caravan.provider;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies a stack file at start, each entry only when it changed since it was last applied: what somebody changed or
 * removed through the API stays so, across restarts, until the file itself says something new.
 *
 * <p>What was applied is kept as a hash per function in {@code stack-applied.json} in the data folder. An entry that is
 * taken out of the file leaves its function alone. A namespace that an applied entry names is made when it is not
 * there. Nothing here throws for what is in the file: one broken entry, or a broken file, never stops the others or the
 * start. Blocks on the provider; not meant for more than one thread.
 */
public final class StackDeployer {

    private static final Logger LOG = LoggerFactory.getLogger(StackDeployer.class);
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    private final FunctionProvider provider;
    private final Path appliedFile;

    /**
     * What became of each function of the file, by name.
     *
     * @param deployed was not there, now is
     * @param updated was there in another form
     * @param unchanged applied earlier, not touched
     * @param failed left as it was, and why; the whole file under its path when it could not be read
     */
    public record Applied(
            List<String> deployed, List<String> updated, List<String> unchanged, Map<String, String> failed) {

        public Applied {
            deployed = List.copyOf(deployed);
            updated = List.copyOf(updated);
            unchanged = List.copyOf(unchanged);
            failed = Map.copyOf(failed);
        }

        /** For the banner, e.g. {@code 3 deployed, 1 unchanged}; {@code nothing} when the file names no function. */
        public String summary() {
            List<String> parts = new ArrayList<>();
            addPart(parts, deployed.size(), "deployed");
            addPart(parts, updated.size(), "updated");
            addPart(parts, unchanged.size(), "unchanged");
            addPart(parts, failed.size(), "failed");
            return parts.isEmpty() ? "nothing" : String.join(", ", parts);
        }

        private static void addPart(List<String> parts, int count, String what) {
            if (count > 0) {
                parts.add(count + " " + what);
            }
        }
    }

    /** @param data the data folder; must exist when {@link #apply} is called */
    public StackDeployer(FunctionProvider provider, Path data) {
        this.provider = provider;
        this.appliedFile = data.resolve("stack-applied.json");
    }

    /**
     * Applies what changed in the file at {@code stack}.
     *
     * @param variables what {@code ${NAME}} in the file stands for
     */
    public Applied apply(Path stack, Map<String, String> variables, String defaultNamespace) {
        try {
            return apply(StackFile.read(stack, variables, defaultNamespace));
        } catch (StackFileException e) {
            LOG.warn("stack not applied: {}", e.getMessage());
            return new Applied(
                    List.of(), List.of(), List.of(), Map.of(stack.toString(), String.valueOf(e.getMessage())));
        }
    }

    private Applied apply(StackFile stack) {
        Map<String, String> before = readApplied();
        Map<String, String> after = new TreeMap<>();
        List<String> deployed = new ArrayList<>();
        List<String> updated = new ArrayList<>();
        List<String> unchanged = new ArrayList<>();
        Map<String, String> failed = new TreeMap<>();
        for (StackFile.Entry entry : stack.entries()) {
            // Until it is applied anew, what it said before counts: a repaired entry shall not undo what the API did.
            before.forEach((key, hash) -> {
                if (key.startsWith(entry.name() + ".")) {
                    after.put(key, hash);
                }
            });
            if (entry instanceof StackFile.Broken broken) {
                LOG.warn("stack entry not applied: {}", broken.reason());
                failed.put(broken.name(), broken.reason());
            } else if (entry instanceof StackFile.Ready ready) {
                String key = ready.deployment().function().qualified();
                String hash = hash(ready.deployment());
                if (hash.equals(before.get(key))) {
                    unchanged.add(ready.name());
                    continue;
                }
                try {
                    (deployOrUpdate(ready.deployment()) ? deployed : updated).add(ready.name());
                    after.put(key, hash);
                } catch (ProviderException e) {
                    LOG.warn("stack entry not applied: function={} reason={}", key, e.getMessage());
                    failed.put(ready.name(), String.valueOf(e.getMessage()));
                } catch (RuntimeException e) {
                    // A fault of ours in one entry must not keep the others from being deployed.
                    LOG.warn("stack entry not applied: function={}", key, e);
                    failed.put(ready.name(), "internal error, see the log");
                }
            }
        }
        if (!after.equals(before)) {
            writeApplied(after);
        }
        return new Applied(deployed, updated, unchanged, failed);
    }

    /** @return true when it was not there before */
    private boolean deployOrUpdate(FunctionDeployment deployment) {
        String namespace = deployment.namespace();
        if (provider.namespaces().get(namespace).isEmpty()) {
            provider.namespaces().create(namespace(namespace));
        }
        if (provider.status(deployment.function()).isEmpty()) {
            provider.deploy(deployment);
            return true;
        }
        provider.update(deployment);
        return false;
    }

    private static FunctionNamespace namespace(String name) {
        try {
            return FunctionNamespace.named(name);
        } catch (IllegalArgumentException e) {
            throw new ProviderException(ProviderException.Code.INVALID, String.valueOf(e.getMessage()), e);
        }
    }

    private Map<String, String> readApplied() {
        if (!Files.exists(appliedFile)) {
            return Map.of();
        }
        try {
            return JSON.readValue(appliedFile.toFile(), new TypeReference<Map<String, String>>() {});
        } catch (IOException e) {
            LOG.warn("cannot read {}, so every entry of the stack file is applied again", appliedFile, e);
            return Map.of();
        }
    }

    /** Whole or not at all: a half-written file would bring back what was removed. */
    private void writeApplied(Map<String, String> applied) {
        try {
            AtomicFile.write(appliedFile, JSON.writeValueAsString(applied));
        } catch (IOException e) {
            LOG.warn("cannot write {}, so the stack file is applied again at the next start", appliedFile, e);
        }
    }

    /** Of the deployment after variables were put in; only the hash is kept, since values may be secret. */
    private static String hash(FunctionDeployment deployment) {
        try {
            byte[] canonical = JSON.writeValueAsBytes(deployment);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(canonical));
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException("a deployment is always JSON, and every JDK has SHA-256", e);
        }
    }
}
