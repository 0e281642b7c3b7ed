package dev.caravan.build;

import dev.caravan.function.BuiltFunction;
import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionStatus;
import dev.caravan.provider.BuiltFolders;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.ProviderException.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes functions of source, and deploys them: as an image where the provider runs images, else as a folder of the data
 * folder. What it made belongs to the deployment, so it is there again after a restart, and goes some time after the
 * deployment has gone or was replaced.
 */
public final class FunctionBuilder {

    private static final Logger LOG = LoggerFactory.getLogger(FunctionBuilder.class);

    /** Each holds its source in memory, and a compiler takes a processor. */
    private static final int AT_ONCE = 2;

    private final FunctionProvider provider;
    private final Templates templates;
    private final Workshop workshop;
    private final InstantSource clock;
    private final Semaphore places = new Semaphore(AT_ONCE, true);
    private final Set<FunctionName> beingBuilt = ConcurrentHashMap.newKeySet();
    private final Set<String> unused = new HashSet<>();

    private FunctionBuilder(FunctionProvider provider, Templates templates, Workshop workshop, InstantSource clock) {
        this.provider = provider;
        this.templates = templates;
        this.workshop = workshop;
        this.clock = clock;
    }

    /**
     * One that makes what this provider runs.
     *
     * @param templates a folder with a template for each language
     * @param data where folders of functions are kept
     * @param environment of the programs that build a function on this machine itself
     * @param bases images in the place of those that templates build on, by language
     * @param limit how long a build on this machine itself may take
     */
    public static FunctionBuilder of(
            FunctionProvider provider,
            Path templates,
            Path data,
            Map<String, String> environment,
            Map<String, String> bases,
            Duration limit,
            InstantSource clock) {
        Workshop workshop = provider.images()
                .<Workshop>map(engine -> new ImageWorkshop(engine, bases))
                .orElseGet(() -> new FolderWorkshop(new BuiltFolders(data.resolve("built")), environment, limit));
        return new FunctionBuilder(provider, new Templates(templates), workshop, clock);
    }

    /** What functions can be written in. */
    public List<String> languages() {
        return templates.languages();
    }

    /**
     * Builds and deploys a function, in the place of the one of that name when that was built here too. Blocks until it
     * is deployed.
     *
     * @param log told line by line what happens
     * @throws ProviderException {@code INVALID} when the source is at fault; {@code CONFLICT} when the path is taken, or
     *     the name by a function that was not built here, or the function is just being built
     */
    public FunctionStatus build(BuildOrder order, Consumer<String> log) {
        FunctionName name = order.function();
        Template template = templates.of(order.built().language());
        List<SourceFile> files = template.around(SourceArchive.read(order.source(), SourceArchive.Limits.USUAL));
        provider.namespaces().require(name.namespace());
        Optional<FunctionStatus> before = requireFree(order);
        if (!beingBuilt.add(name)) {
            throw new ProviderException(Code.CONFLICT, "function \"" + name + "\" is just being built");
        }
        try {
            if (!places.tryAcquire()) {
                log.accept("waits for other builds");
                places.acquire();
            }
            try {
                return make(order, template, files, before, log);
            } finally {
                places.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProviderException(Code.UNAVAILABLE, "the build was interrupted", e);
        } finally {
            beingBuilt.remove(name);
        }
    }

    private Optional<FunctionStatus> requireFree(BuildOrder order) {
        FunctionName name = order.function();
        Optional<FunctionStatus> before = provider.status(name);
        if (before.isPresent() && BuiltFunction.of(before.get().deployment()).isEmpty()) {
            throw new ProviderException(
                    Code.CONFLICT,
                    "function \"" + name + "\" is there, and was not built from source: delete it first");
        }
        String path = order.built().path();
        Optional<FunctionName> called = FunctionName.parse(path, name.namespace())
                .filter(other -> provider.status(other).isPresent());
        Optional<FunctionName> taken = called.or(() -> provider.list(name.namespace()).stream()
                        .filter(status -> BuiltFunction.of(status.deployment())
                                .filter(built -> built.path().equals(path))
                                .isPresent())
                        .map(status -> status.deployment().function())
                        .findFirst())
                .filter(other -> !other.equals(name));
        taken.ifPresent(other -> {
            throw new ProviderException(Code.CONFLICT, "path \"" + path + "\" is taken by function \"" + other + "\"");
        });
        return before;
    }

    private FunctionStatus make(
            BuildOrder order,
            Template template,
            List<SourceFile> files,
            Optional<FunctionStatus> before,
            Consumer<String> log) {
        FunctionName name = order.function();
        long began = System.nanoTime();
        Workshop.Made made = workshop.make(name, revision(), template, files, log);
        boolean deployed = false;
        try {
            FunctionDeployment deployment = deployment(
                    order, made, before.map(FunctionStatus::deployment).orElse(null));
            if (provider.status(name).isPresent()) {
                provider.update(deployment);
            } else {
                provider.deploy(deployment);
            }
            deployed = true;
            LOG.info(
                    "function built function={} language={} image={} seconds={}",
                    name,
                    template.language(),
                    made.image(),
                    (System.nanoTime() - began) / 1_000_000_000L);
            return provider.status(name)
                    .orElseThrow(() -> new ProviderException(
                            Code.NOT_FOUND, "function \"" + name + "\" was deleted while it was built"));
        } finally {
            if (!deployed) {
                workshop.discard(made.image());
            }
        }
    }

    /** What an operator has given to the function since it was built first stays with it. */
    private static FunctionDeployment deployment(
            BuildOrder order, Workshop.Made made, @Nullable FunctionDeployment before) {
        var variables = new TreeMap<String, String>();
        var annotations = new TreeMap<String, String>();
        if (before != null) {
            variables.putAll(before.envVars());
            annotations.putAll(before.annotations());
            annotations.keySet().removeAll(BuiltFunction.NAMES);
        }
        variables.putAll(made.environment());
        annotations.putAll(order.built().annotations());
        return new FunctionDeployment(
                order.function().name(),
                made.image(),
                order.function().namespace(),
                made.command(),
                variables,
                before == null ? List.of() : before.constraints(),
                before == null ? List.of() : before.secrets(),
                before == null ? Map.of() : before.labels(),
                annotations,
                order.limits() != null || before == null ? order.limits() : before.limits(),
                before == null ? null : before.requests(),
                before != null && before.readOnlyRootFilesystem());
    }

    private String revision() {
        return Long.toString(clock.millis(), 36)
                + Integer.toString(ThreadLocalRandom.current().nextInt(36 * 36 * 36), 36);
    }

    /**
     * Removes a function and what was built for it; a call that runs may still need that, so it goes with a later
     * {@link #sweep}.
     *
     * @throws ProviderException {@code NOT_FOUND}; {@code CONFLICT} when it was not built here
     */
    public void delete(FunctionName name) {
        FunctionStatus status = provider.status(name)
                .orElseThrow(() -> new ProviderException(Code.NOT_FOUND, "function \"" + name + "\" is not deployed"));
        if (BuiltFunction.of(status.deployment()).isEmpty()) {
            throw new ProviderException(
                    Code.CONFLICT,
                    "function \"" + name + "\" was not built from source: delete it by /system/functions");
        }
        provider.delete(name);
    }

    /**
     * Removes what nobody has used since the last sweep. To be called now and then, with enough time in between for a
     * replaced function to finish its calls.
     */
    public synchronized void sweep() {
        if (!provider.check().up() || !beingBuilt.isEmpty()) {
            return; // what is deployed is not known
        }
        Set<String> used = provider.namespaces().list().stream()
                .flatMap(namespace -> provider.list(namespace.name()).stream())
                .map(status -> status.deployment().image())
                .collect(Collectors.toSet());
        Set<String> idle = new HashSet<>(workshop.made());
        idle.removeAll(used);
        Set<String> still = new HashSet<>(idle);
        still.retainAll(unused);
        still.forEach(workshop::discard);
        idle.removeAll(still);
        unused.clear();
        unused.addAll(idle);
    }
}
