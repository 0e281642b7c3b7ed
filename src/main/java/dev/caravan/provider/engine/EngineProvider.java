package dev.caravan.provider.engine;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionStatus;
import dev.caravan.function.ScaleLabels;
import dev.caravan.function.SecretName;
import dev.caravan.function.Usage;
import dev.caravan.provider.DeployedFunctions;
import dev.caravan.provider.FileNamespaces;
import dev.caravan.provider.FileSecrets;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.ImageBuilder;
import dev.caravan.provider.LogQuery;
import dev.caravan.provider.LogRing;
import dev.caravan.provider.Namespaces;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.ProviderException.Code;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What providers on a container engine do alike. Every image that listens on port 8080 is a function.
 *
 * <p>What the engine holds is the truth, nothing is written elsewhere: replicas go on while Caravan is down, and are
 * found again. Secrets and namespaces are files in the data folder.
 *
 * <p>An engine that is away stops nothing: {@link #check} says so, what was known stays known, and it is asked again
 * until it answers. Changes wait for each other; looking never waits.
 *
 * @param <F> a function as this provider runs it
 */
public abstract class EngineProvider<F extends EngineFunction<?>> implements FunctionProvider {

    private static final Logger LOG = LoggerFactory.getLogger(EngineProvider.class);

    private static final int MOST_REPLICAS = 500;

    private final Identity identity;
    private final InstantSource clock;
    private final EngineConnection connection;
    private final ImageBuild images;
    private final FileNamespaces namespaces;
    private final FileSecrets secrets;
    private final DeployedFunctions<F> functions = new DeployedFunctions<>();
    private final ReentrantLock changes = new ReentrantLock();
    private final Background background = new Background();
    private final EngineWatch watch;
    private final EngineUsage usage;
    private volatile String version = "";
    private volatile boolean adopted;

    /** Where a provider keeps what an engine has not. */
    public record Keeping(Path dataFolder, Path secretsFolder, String defaultNamespace) {}

    /**
     * @param orchestration what runs the replicas, in one word
     * @param place the engine, and what marks what is ours
     * @param seldom how long it may take to see what the engine does not tell
     */
    protected EngineProvider(
            String orchestration,
            DockerPlace place,
            Keeping keeping,
            Duration seldom,
            String release,
            InstantSource clock) {
        this.identity = new Identity("caravan-" + orchestration, orchestration, release);
        this.connection = new EngineConnection(place.host());
        this.images = new ImageBuild(connection, Map.of(Revision.PROJECT, place.project()));
        this.clock = clock;
        this.namespaces = new FileNamespaces(
                keeping.dataFolder().resolve("namespaces"), keeping.defaultNamespace(), changes, this::occupants);
        this.secrets =
                new FileSecrets(keeping.secretsFolder().resolve("functions"), namespaces, changes, this::secretChanged);
        this.watch = new EngineWatch(new Watched(), seldom);
        this.usage = new EngineUsage(connection, background.threads(), clock);
    }

    /** The engine answers for the first time: has it ready. */
    protected abstract void open();

    /** Takes over what an earlier run left, by {@link #adopt(List, BiConsumer, Consumer)}. */
    protected abstract void adopt();

    /** Asks the engine what is there and has each function mend what is not as it should be, by {@link #mend}. */
    protected abstract void observe();

    /** See {@link EngineWatch.Watched#listen}. */
    protected abstract Closeable listen(Runnable happened, Runnable ended);

    /** @throws IllegalArgumentException when it can never run; the message is one readable line */
    protected abstract void requireRunnable(FunctionDeployment deployment);

    /** Has the image ready to be run, as far as that is done before: may take minutes. */
    protected abstract void provideImage(String image);

    /** A function of which nothing runs yet. */
    protected abstract F function(Revision revision, LogRing log, Runnable changed);

    /** Puts the values of a function's secrets where its replicas find them. */
    protected abstract void giveSecrets(Revision revision);

    /** Removes what was made for a revision of which nothing runs. */
    protected abstract void forget(Revision revision);

    /** One of a function's secrets has another value. */
    protected abstract void renewSecrets(F function);

    @Override
    public final Identity identity() {
        return identity;
    }

    @Override
    public final Health check() {
        String reason = watch.away();
        return reason.isEmpty()
                ? new Health(
                        true, functions.size() + " functions on " + identity.orchestration() + ", Docker " + version)
                : new Health(false, reason);
    }

    /** Waits for the engine once; when it does not answer, it is asked on in the background. */
    @Override
    public final void start() {
        try {
            namespaces.open();
            secrets.open();
        } catch (IOException e) {
            throw new ProviderException(Code.UNAVAILABLE, "cannot use the data folder: " + e.getMessage(), e);
        }
        watch.start(background.threads());
    }

    private final class Watched implements EngineWatch.Watched {

        @Override
        public void look() {
            if (!adopted) {
                version = connection.version();
                open();
                changes.lock();
                try {
                    adopt();
                    adopted = true;
                } finally {
                    changes.unlock();
                }
            }
            observe();
        }

        @Override
        public boolean settled() {
            return functions.all().stream().allMatch(EngineFunction::settled);
        }

        @Override
        public void doubt() {
            functions.all().forEach(EngineFunction::doubt);
        }

        @Override
        public Closeable listen(Runnable happened, Runnable ended) {
            return EngineProvider.this.listen(happened, ended);
        }
    }

    /**
     * Takes over what was found on the engine, function by function.
     *
     * @param takeOver gives a function what is its own
     * @param retire sees to what belongs to no function, since all of it was on its way out
     */
    protected final <S extends Seen> void adopt(List<S> all, BiConsumer<F, List<S>> takeOver, Consumer<S> retire) {
        Seen.byFunction(all).forEach((name, parts) -> {
            Optional<Revision> newest = Seen.newest(parts);
            if (newest.isEmpty()) {
                parts.forEach(retire);
                return;
            }
            F function = function(newest.get());
            takeOver.accept(function, parts);
            namespaces.adopt(name.namespace());
            functions.put(name, function);
            functions.changed(name);
        });
    }

    /** Does what may fail for one function, and must not for others. */
    protected final void mend(F function, Runnable work) {
        try {
            work.run();
        } catch (ProviderException e) {
            LOG.warn("function {} does not have all its replicas: {}", function.name(), e.getMessage());
        }
    }

    /** All that is deployed. */
    protected final DeployedFunctions<F> functions() {
        return functions;
    }

    /** For what waits, and for what is done after a while. */
    protected final Background background() {
        return background;
    }

    protected final Instant now() {
        return clock.instant();
    }

    protected final EngineConnection connection() {
        return connection;
    }

    /** A function of which nothing runs yet, with what every function has. */
    private F function(Revision revision) {
        FunctionName name = revision.function();
        return function(revision, new LogRing(name, clock), () -> functions.changed(name));
    }

    @Override
    public final void deploy(FunctionDeployment deployment) {
        FunctionName name = check(deployment);
        requireDeployable(name);
        provideImage(deployment.image()); // others go on meanwhile
        change(() -> {
            requireDeployable(name);
            secrets.requireAll(deployment);
            Instant now = clock.instant();
            Revision revision = Revision.of(deployment, now, now);
            giveSecrets(revision);
            F function = function(revision);
            try {
                function.scale(deployment.minimumReplicas());
            } catch (ProviderException e) {
                function.remove();
                forget(revision);
                throw e;
            }
            functions.put(name, function);
            functions.changed(name); // what was told before came too early: nobody could see the function yet
            LOG.info("function deployed function={} replicas={}", name, deployment.minimumReplicas());
        });
    }

    private void requireDeployable(FunctionName name) {
        requireStarted();
        namespaces.require(name.namespace());
        functions.requireAbsent(name);
    }

    @Override
    public final void update(FunctionDeployment deployment) {
        FunctionName name = check(deployment);
        required(name);
        provideImage(deployment.image());
        change(() -> {
            F function = required(name);
            secrets.requireAll(deployment);
            FunctionStatus before = function.status();
            int replicas =
                    deployment.labels().containsKey(ScaleLabels.MIN) ? deployment.minimumReplicas() : before.replicas();
            Revision revision = Revision.of(deployment, clock.instant(), before.createdAt());
            giveSecrets(revision);
            function.replace(revision, replicas);
            LOG.info("function updated function={} replicas={}", name, replicas);
        });
    }

    @Override
    public final void delete(FunctionName name) {
        change(() -> {
            F function = required(name);
            requireEngine();
            functions.remove(name);
            function.remove();
            LOG.info("function deleted function={}", name);
        });
    }

    @Override
    public final void scale(FunctionName name, int replicas) {
        change(() -> {
            F function = required(name);
            requireReplicas(name, replicas);
            FunctionStatus before = function.status();
            if (replicas > before.replicas()) {
                secrets.requireAll(before.deployment());
            }
            function.scale(replicas);
            LOG.info("function scaled function={} replicas={} before={}", name, replicas, before.replicas());
        });
    }

    private void change(Runnable work) {
        changes.lock();
        try {
            work.run();
        } finally {
            changes.unlock();
            watch.hurry();
        }
    }

    private FunctionName check(FunctionDeployment deployment) {
        try {
            FunctionName name = deployment.function();
            FunctionContainer.check(deployment);
            requireRunnable(deployment);
            ScaleLabels.of(deployment.labels()).requireOrder();
            requireReplicas(name, deployment.minimumReplicas());
            return name;
        } catch (IllegalArgumentException e) {
            throw new ProviderException(Code.INVALID, String.valueOf(e.getMessage()), e);
        }
    }

    private static void requireReplicas(FunctionName name, int replicas) {
        if (replicas < 0 || replicas > MOST_REPLICAS) {
            throw new ProviderException(
                    Code.INVALID,
                    "cannot run " + replicas + " replicas of \"" + name + "\": a function scales from 0 to "
                            + MOST_REPLICAS);
        }
    }

    @Override
    public final List<FunctionStatus> list(String namespace) {
        return functions.list(namespace);
    }

    @Override
    public final Map<FunctionName, Usage> usage(Collection<FunctionName> names) {
        return usage.of(functions, names);
    }

    @Override
    public final Optional<FunctionStatus> status(FunctionName function) {
        return functions.status(function);
    }

    @Override
    public final Optional<List<URI>> replicas(FunctionName name) {
        return functions.replicas(name);
    }

    @Override
    public final Flow.Publisher<LogLine> logs(FunctionName name, LogQuery query) {
        return required(name).log().read(query);
    }

    @Override
    public final void onChange(Consumer<FunctionName> listener) {
        functions.onChange(listener);
    }

    @Override
    public final Optional<String> obstacle(FunctionName name) {
        return functions.obstacle(name);
    }

    @Override
    public final Optional<ImageBuilder> images() {
        return Optional.of(images);
    }

    @Override
    public final FileSecrets secrets() {
        return secrets;
    }

    @Override
    public final Namespaces namespaces() {
        return namespaces;
    }

    private void secretChanged(SecretName secret) {
        functions.forEachWith(secret, (name, function) -> {
            try {
                renewSecrets(function);
            } catch (ProviderException e) {
                LOG.warn("function {} keeps the old value of secret {}: {}", name, secret, e.getMessage());
            }
        });
        watch.hurry();
    }

    private Optional<String> occupants(String namespace) {
        return functions.occupants(namespace, secrets.count(namespace));
    }

    /** Replicas go on without us. */
    @Override
    public final void close() {
        watch.close();
        changes.lock();
        try {
            background.close();
            functions.all().forEach(EngineFunction::leave);
            functions.clear();
        } finally {
            connection.close();
            changes.unlock();
        }
    }

    private F required(FunctionName name) {
        requireStarted();
        return functions.require(name);
    }

    /** Until the engine has answered once nobody knows what is deployed. */
    private void requireStarted() {
        if (!adopted) {
            throw new ProviderException(Code.UNAVAILABLE, watch.away());
        }
    }

    private void requireEngine() {
        String away = watch.away();
        if (!away.isEmpty()) {
            throw new ProviderException(Code.UNAVAILABLE, away);
        }
    }
}
