package dev.caravan.provider;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.function.FunctionNamespace;
import dev.caravan.provider.ProviderException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.Lock;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Namespaces as files, {@code NAME.json}: for providers whose engine has none. */
public final class FileNamespaces implements Namespaces {

    private static final Logger LOG = LoggerFactory.getLogger(FileNamespaces.class);
    private static final String SUFFIX = ".json";

    /** What a file says; the name is the file's. */
    private record Content(
            @Nullable Map<String, String> labels, @Nullable Map<String, String> annotations) {}

    private final Path folder;
    private final String defaultName;
    private final Lock changes;
    private final Function<String, Optional<String>> occupants;
    private final Map<String, FunctionNamespace> known = new ConcurrentSkipListMap<>();
    private final ObjectMapper json = new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /**
     * @param changes held during each change; the provider's own, so that nothing is deployed into what is going away
     * @param occupants what stands in a namespace, e.g. {@code functions 2, secrets 1}; empty when it may go
     */
    public FileNamespaces(Path folder, String defaultName, Lock changes, Function<String, Optional<String>> occupants) {
        this.folder = folder;
        this.defaultName = defaultName;
        this.changes = changes;
        this.occupants = occupants;
    }

    /**
     * Reads what is there. A file that cannot be read stands for a namespace without labels, and the log says so.
     *
     * @throws IOException when the folder cannot be read
     * @throws ProviderException {@code INVALID} when the default cannot be the name of a namespace
     */
    public void open() throws IOException {
        try {
            known.put(defaultName, FunctionNamespace.named(defaultName));
        } catch (IllegalArgumentException e) {
            throw new ProviderException(Code.INVALID, "the default " + e.getMessage(), e);
        }
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(SUFFIX) && !name.startsWith(".")) {
                    read(name.substring(0, name.length() - SUFFIX.length()), file);
                }
            }
        }
    }

    private void read(String name, Path file) {
        try {
            FunctionNamespace.requireName(name);
        } catch (IllegalArgumentException e) {
            LOG.warn("cannot use {}: {}", file, e.getMessage());
            return;
        }
        try {
            Content content = json.readValue(Files.readAllBytes(file), Content.class);
            known.put(name, new FunctionNamespace(name, orEmpty(content.labels()), orEmpty(content.annotations())));
        } catch (IOException | RuntimeException e) {
            LOG.warn("cannot read {}, so namespace {} has no labels and annotations now: {}", file, name, e.toString());
            known.put(name, FunctionNamespace.named(name));
        }
    }

    private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
        return map == null ? Map.of() : map;
    }

    /** Makes a namespace that functions of an earlier version are in and nobody created; nothing when it is there. */
    public void adopt(String name) {
        changes.lock();
        try {
            if (!known.containsKey(name)) {
                keep(FunctionNamespace.named(name));
                LOG.info("namespace {} is in use, so it exists from now on", name);
            }
        } catch (IllegalArgumentException e) {
            LOG.warn("its functions run on, but {}", e.getMessage());
        } finally {
            changes.unlock();
        }
    }

    @Override
    public List<FunctionNamespace> list() {
        return Stream.concat(
                        get(defaultName).stream(),
                        known.values().stream()
                                .filter(namespace -> !namespace.name().equals(defaultName)))
                .toList();
    }

    @Override
    public Optional<FunctionNamespace> get(String name) {
        return Optional.ofNullable(known.get(name));
    }

    @Override
    public void create(FunctionNamespace namespace) {
        changes.lock();
        try {
            if (known.containsKey(namespace.name())) {
                throw new ProviderException(
                        Code.CONFLICT, "namespace \"" + namespace.name() + "\" is there already; update it");
            }
            keep(namespace);
            LOG.info("namespace created namespace={}", namespace.name());
        } finally {
            changes.unlock();
        }
    }

    @Override
    public void replace(FunctionNamespace namespace) {
        changes.lock();
        try {
            requireThere(namespace.name());
            keep(namespace);
            LOG.info("namespace updated namespace={}", namespace.name());
        } finally {
            changes.unlock();
        }
    }

    @Override
    public void delete(String name) {
        changes.lock();
        try {
            requireThere(name);
            if (name.equals(defaultName)) {
                throw new ProviderException(
                        Code.INVALID, "namespace \"" + name + "\" is the default one and cannot be deleted");
            }
            occupants.apply(name).ifPresent(what -> {
                throw new ProviderException(
                        Code.CONFLICT, "namespace \"" + name + "\" is not empty, delete first what is in it: " + what);
            });
            AtomicFile.delete(file(name));
            known.remove(name);
            LOG.info("namespace deleted namespace={}", name);
        } catch (IOException e) {
            throw unavailable("delete", name, e);
        } finally {
            changes.unlock();
        }
    }

    private void requireThere(String name) {
        if (!known.containsKey(name)) {
            throw new ProviderException(Code.NOT_FOUND, "namespace \"" + name + "\" not found");
        }
    }

    private void keep(FunctionNamespace namespace) {
        try {
            var content = new Content(namespace.labels(), namespace.annotations());
            AtomicFile.write(
                    file(namespace.name()),
                    json.writerWithDefaultPrettyPrinter().writeValueAsString(content) + "\n");
            known.put(namespace.name(), namespace);
        } catch (IOException e) {
            throw unavailable("keep", namespace.name(), e);
        }
    }

    private Path file(String name) {
        return folder.resolve(name + SUFFIX);
    }

    private static ProviderException unavailable(String what, String name, IOException e) {
        LOG.warn("cannot {} namespace {}", what, name, e);
        return new ProviderException(
                Code.UNAVAILABLE, "cannot " + what + " namespace \"" + name + "\"; see the log", e);
    }
}
