package dev.caravan.provider.docker;

import com.github.dockerjava.api.model.Event;
import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionStatus;
import dev.caravan.function.ScaleLabels;
import dev.caravan.function.SecretName;
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
import dev.caravan.provider.Secrets;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs functions as containers of one Docker engine. Every image that listens on port 8080 is a function.
 *
 * <p>The labels and names of the containers are the truth, nothing is written elsewhere: containers go on while Caravan
 * is down, and are found again. Secrets and namespaces, which an engine has not, are files in the data folder; secrets
 * get into containers as read-only files of a volume.
 *
 * <p>An engine that is away stops nothing: {@link #check} says so, what was known stays known, and it is asked again
 * until it answers. Changes wait for each other; looking never waits.
 */
public final class DockerProvider implements FunctionProvider {

    private static final Logger LOG = LoggerFactory.getLogger(DockerProvider.class);

    private static final int MOST_REPLICAS = 500;

    /** When the engine is asked next: soon after something happened, later each time while it goes on. */
    private static final Duration SOON = Duration.ofMillis(40);

    private static final Duration LATER = Duration.ofSeconds(2);

    /** Nothing is on its way; the engine tells when something happens. */
    private static final Duration SELDOM = Duration.ofSeconds(10);

    private static final Duration ENGINE_AWAY = Duration.ofSeconds(1);

    private final DockerPlace place;
    private final String release;
    private final InstantSource clock;
    private final Engine engine;
    private final ImageBuild imageBuild;
    private final FileNamespaces namespaces;
    private final FileSecrets secrets;
    private final DeployedFunctions<DockerFunction> functions = new DeployedFunctions<>();
    private final ReentrantLock changes = new ReentrantLock();
    private final ExecutorService threads = Executors.newCachedThreadPool(DockerProvider::thread);
    private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor(DockerProvider::thread);
    private final Semaphore news = new Semaphore(0);
    private final Containers containers;
    private volatile boolean closed;
    private volatile String away = "it was not asked yet";
    private volatile String version = "";
    private volatile boolean adopted;
    private final AtomicBoolean listening = new AtomicBoolean();
    private volatile @Nullable Closeable events;

    /**
     * @param dataFolder keeps the namespaces
     * @param secretsFolder keeps the secrets of functions, in {@code functions/NAMESPACE/NAME}
     * @param defaultNamespace the one that is always there
     */
    public DockerProvider(
            DockerPlace place,
            Path dataFolder,
            Path secretsFolder,
            String defaultNamespace,
            String release,
            InstantSource clock) {
        this.place = place;
        this.release = release;
        this.clock = clock;
        this.engine = new Engine(place);
        this.imageBuild = new ImageBuild(engine);
        this.namespaces =
                new FileNamespaces(dataFolder.resolve("namespaces"), defaultNamespace, changes, this::occupants);
        this.secrets = new FileSecrets(secretsFolder.resolve("functions"), namespaces, changes, this::secretChanged);
        this.containers = new Containers(engine, place, secrets, threads, later);
    }

    @Override
    public Identity identity() {
        return new Identity("caravan-docker", "docker", release);
    }

    @Override
    public Health check() {
        String reason = away;
        return reason.isEmpty()
                ? new Health(true, functions.size() + " functions as containers of Docker " + version)
                : new Health(false, reason);
    }

    /** Waits for the engine once; when it does not answer, it is asked on in the background. */
    @Override
    public void start() {
        try {
            namespaces.open();
            secrets.open();
        } catch (IOException e) {
            throw new ProviderException(Code.UNAVAILABLE, "cannot use the data folder: " + e.getMessage(), e);
        }
        look();
        threads.execute(this::watch);
    }

    private void watch() {
        Duration soon = SOON;
        while (!closed) {
            try {
                if (news.tryAcquire(pause(soon).toMillis(), TimeUnit.MILLISECONDS)) {
                    news.drainPermits();
                    soon = SOON;
                } else {
                    soon = soon.multipliedBy(2).compareTo(LATER) < 0 ? soon.multipliedBy(2) : LATER;
                }
            } catch (InterruptedException e) {
                return;
            }
            look();
        }
    }

    private Duration pause(Duration soon) {
        if (!away.isEmpty()) {
            return ENGINE_AWAY;
        }
        return functions.all().stream().allMatch(DockerFunction::settled) ? SELDOM : soon;
    }

    /** Asks the engine what is there, and mends what is not as it should be. */
    private void look() {
        try {
            if (!adopted) {
                open();
            }
            long asOf = System.nanoTime();
            Map<String, SeenContainer> seen =
                    engine.replicas().stream().collect(Collectors.toMap(SeenContainer::id, Function.identity()));
            listen(); // not before: an engine that is away would end it at once, again and again
            if (!away.isEmpty()) {
                LOG.info("the container engine answers provider=docker version={}", version);
            }
            away = "";
            for (DockerFunction function : functions.all()) {
                mend(function, seen, asOf);
            }
        } catch (ProviderException e) {
            if (away.isEmpty() || !adopted) {
                LOG.warn("{}", e.getMessage());
            }
            away = String.valueOf(e.getMessage());
            functions.all().forEach(DockerFunction::doubt);
        } catch (RuntimeException e) {
            LOG.error("looking after containers failed", e);
        }
    }

    private static void mend(DockerFunction function, Map<String, SeenContainer> seen, long asOf) {
        try {
            function.observe(seen, asOf);
        } catch (ProviderException e) {
            LOG.warn("function {} does not have all its replicas: {}", function.name(), e.getMessage());
        }
    }

    private void open() {
        version = engine.version();
        engine.openNetwork();
        engine.removePorters();
        changes.lock();
        try {
            Map<FunctionName, List<SeenContainer>> found = engine.replicas().stream()
                    .collect(Collectors.groupingBy(
                            container -> container.revision().function()));
            found.forEach(this::adopt);
            adopted = true;
        } finally {
            changes.unlock();
        }
    }

    private void adopt(FunctionName name, List<SeenContainer> found) {
        Optional<Revision> newest = found.stream()
                .filter(container -> container.name().fate() != ContainerName.Fate.RETIRES)
                .map(SeenContainer::revision)
                .max(Comparator.comparing(Revision::number));
        if (newest.isEmpty()) {
            found.forEach(container -> containers.retire(new Replica(container)));
            return;
        }
        namespaces.adopt(name.namespace());
        DockerFunction function = function(newest.get());
        functions.put(name, function);
        function.adopt(found);
        functions.changed(name);
    }

    /** From now on the engine tells when something happens, until it is away. */
    private void listen() {
        if (listening.compareAndSet(false, true)) {
            events = engine.watch(this::happened, () -> {
                listening.set(false);
                news.release();
            });
        }
    }

    private void happened(Event event) {
        if ("oom".equals(event.getAction()) && event.getActor() != null) {
            String container = String.valueOf(event.getActor().getId());
            functions.all().forEach(function -> function.outOfMemory(container));
        }
        news.release();
    }

    @Override
    public void deploy(FunctionDeployment deployment) {
        FunctionName name = check(deployment);
        requireDeployable(name);
        engine.provideImage(deployment.image()); // may take minutes, in which others go on
        changes.lock();
        try {
            requireDeployable(name);
            secrets.requireAll(deployment);
            Instant now = clock.instant();
            Revision revision = Revision.of(deployment, now, now);
            containers.giveSecrets(revision);
            DockerFunction function = function(revision);
            try {
                function.scale(deployment.minimumReplicas());
            } catch (ProviderException e) {
                function.remove();
                containers.forget(revision);
                throw e;
            }
            functions.put(name, function);
            functions.changed(name); // what was told before came too early: nobody could see the function yet
            LOG.info("function deployed function={} replicas={}", name, deployment.minimumReplicas());
        } finally {
            changes.unlock();
            news.release();
        }
    }

    private void requireDeployable(FunctionName name) {
        requireStarted();
        namespaces.require(name.namespace());
        functions.requireAbsent(name);
    }

    @Override
    public void update(FunctionDeployment deployment) {
        FunctionName name = check(deployment);
        required(name);
        engine.provideImage(deployment.image());
        changes.lock();
        try {
            DockerFunction function = required(name);
            secrets.requireAll(deployment);
            FunctionStatus before = function.status();
            int replicas =
                    deployment.labels().containsKey(ScaleLabels.MIN) ? deployment.minimumReplicas() : before.replicas();
            Revision revision = Revision.of(deployment, clock.instant(), before.createdAt());
            containers.giveSecrets(revision);
            function.replace(revision, replicas);
            LOG.info("function updated function={} replicas={}", name, replicas);
        } finally {
            changes.unlock();
            news.release();
        }
    }

    @Override
    public void delete(FunctionName name) {
        changes.lock();
        try {
            DockerFunction function = required(name);
            requireEngine();
            functions.remove(name);
            function.remove();
            LOG.info("function deleted function={}", name);
        } finally {
            changes.unlock();
            news.release();
        }
    }

    @Override
    public void scale(FunctionName name, int replicas) {
        changes.lock();
        try {
            DockerFunction function = required(name);
            requireReplicas(name, replicas);
            FunctionStatus before = function.status();
            if (replicas > before.replicas()) {
                secrets.requireAll(before.deployment());
            }
            function.scale(replicas);
            LOG.info("function scaled function={} replicas={} before={}", name, replicas, before.replicas());
        } finally {
            changes.unlock();
            news.release();
        }
    }

    private static FunctionName check(FunctionDeployment deployment) {
        try {
            FunctionName name = deployment.function();
            new ContainerPlan(
                            new Revision(deployment, "", Instant.EPOCH),
                            new DockerPlace("", "", DockerPlace.Address.CONTAINER))
                    .check();
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
                    "cannot run " + replicas + " replicas of \"" + name + "\": one engine scales from 0 to "
                            + MOST_REPLICAS);
        }
    }

    @Override
    public List<FunctionStatus> list(String namespace) {
        return functions.list(namespace);
    }

    @Override
    public Optional<FunctionStatus> status(FunctionName function) {
        return functions.status(function);
    }

    @Override
    public Optional<List<URI>> replicas(FunctionName name) {
        return functions.replicas(name);
    }

    @Override
    public Flow.Publisher<LogLine> logs(FunctionName name, LogQuery query) {
        return required(name).log().read(query);
    }

    @Override
    public void onChange(Consumer<FunctionName> listener) {
        functions.onChange(listener);
    }

    @Override
    public Optional<String> obstacle(FunctionName name) {
        return functions.obstacle(name);
    }

    @Override
    public Optional<ImageBuilder> images() {
        return Optional.of(imageBuild);
    }

    @Override
    public Secrets secrets() {
        return secrets;
    }

    @Override
    public Namespaces namespaces() {
        return namespaces;
    }

    /** Containers that have it get the new value. */
    private void secretChanged(SecretName secret) {
        functions.forEachWith(secret, (name, function) -> {
            try {
                containers.giveSecrets(function.revision());
            } catch (ProviderException e) {
                LOG.warn("function {} keeps the old value of secret {}: {}", name, secret, e.getMessage());
            }
        });
    }

    private Optional<String> occupants(String namespace) {
        return functions.occupants(namespace, secrets.count(namespace));
    }

    /** Containers go on without us. */
    @Override
    public void close() {
        closed = true;
        changes.lock();
        try {
            later.shutdownNow();
            threads.shutdownNow();
            Closeable open = events;
            if (open != null) {
                open.close();
            }
            functions.all().forEach(DockerFunction::leave);
            functions.clear();
        } catch (IOException e) {
            LOG.debug("closing the events failed", e);
        } finally {
            engine.close();
            changes.unlock();
        }
    }

    private DockerFunction function(Revision revision) {
        FunctionName name = revision.function();
        return new DockerFunction(revision, containers, new LogRing(name, clock), () -> functions.changed(name));
    }

    private DockerFunction required(FunctionName name) {
        requireStarted();
        return functions.require(name);
    }

    /** Until the engine has answered once nobody knows what is deployed. */
    private void requireStarted() {
        if (!adopted) {
            throw new ProviderException(Code.UNAVAILABLE, away);
        }
    }

    private void requireEngine() {
        if (!away.isEmpty()) {
            throw new ProviderException(Code.UNAVAILABLE, away);
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "caravan-docker-provider");
        thread.setDaemon(true);
        return thread;
    }
}
