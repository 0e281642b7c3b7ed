package dev.caravan.provider.process;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionStatus;
import dev.caravan.function.ScaleLabels;
import dev.caravan.function.SecretName;
import dev.caravan.function.Usage;
import dev.caravan.provider.BuiltFolders;
import dev.caravan.provider.DeployedFunctions;
import dev.caravan.provider.FileNamespaces;
import dev.caravan.provider.FileSecrets;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.LogQuery;
import dev.caravan.provider.LogRing;
import dev.caravan.provider.Namespaces;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.ProviderException.Code;
import dev.caravan.provider.Secrets;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs functions as processes of this machine: for development, and for code that is trusted, since nothing holds a
 * process in. Images are labels here, limits are echoed and not enforced.
 *
 * <p>{@code envVars.mode} chooses how: {@code classic} (or unset) starts {@code envProcess} once per call under an
 * embedded watchdog; {@code http} starts it once per replica, to listen on {@code 127.0.0.1:$PORT}. A function's
 * environment is its {@code envVars}, {@code PATH HOME LANG TMPDIR}, its name and where its secrets are; nothing else of
 * ours.
 *
 * <p>Deployments are files in the data folder and come back at {@link #start}. Changes wait for each other; looking
 * never waits.
 */
public final class ProcessProvider implements FunctionProvider {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessProvider.class);

    /** How long a call may take to arrive that was sent to a replica just before it was taken out. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    private static final Duration FINISH = Duration.ofSeconds(30);
    private static final Duration FINISH_AT_CLOSE = Duration.ofSeconds(3);

    private final Path dataFolder;
    private final Path functionsFolder;
    private final String release;
    private final InstantSource clock;
    private final DeploymentFiles files;
    private final FileNamespaces namespaces;
    private final FileSecrets secrets;
    private final DeployedFunctions<ProcessFunction> functions = new DeployedFunctions<>();
    private final Set<Replica> retiring = ConcurrentHashMap.newKeySet();
    private final ReentrantLock changes = new ReentrantLock();
    private final ExecutorService threads = Executors.newCachedThreadPool(ProcessProvider::thread);
    private @Nullable OwnerMark owner;
    private @Nullable ReplicaFactory replicaFactory;

    /** With the default namespace {@code openfaas-fn}, and secrets in the data folder. */
    public ProcessProvider(Path dataFolder, Path functionsFolder, String release, InstantSource clock) {
        this(dataFolder, functionsFolder, dataFolder.resolve("secrets"), "openfaas-fn", release, clock);
    }

    /**
     * @param dataFolder keeps what is deployed
     * @param functionsFolder where functions run: the folder of the stack file, to which its commands are relative
     * @param secretsFolder keeps the secrets of functions, in {@code functions/NAMESPACE/NAME}
     * @param defaultNamespace the one that is always there
     */
    public ProcessProvider(
            Path dataFolder,
            Path functionsFolder,
            Path secretsFolder,
            String defaultNamespace,
            String release,
            InstantSource clock) {
        this.dataFolder = dataFolder.toAbsolutePath();
        this.functionsFolder = functionsFolder.toAbsolutePath().normalize();
        this.release = release;
        this.clock = clock;
        this.files = new DeploymentFiles(dataFolder.resolve("functions"));
        this.namespaces =
                new FileNamespaces(dataFolder.resolve("namespaces"), defaultNamespace, changes, this::occupants);
        this.secrets = new FileSecrets(secretsFolder.resolve("functions"), namespaces, changes, this::secretChanged);
    }

    @Override
    public Identity identity() {
        return new Identity("caravan-process", "process", release);
    }

    @Override
    public Health check() {
        return Files.isDirectory(functionsFolder)
                ? new Health(true, functions.size() + " functions as processes of this machine")
                : new Health(false, "the folder \"" + functionsFolder + "\" in which functions run is not there");
    }

    @Override
    public void start() {
        changes.lock();
        try {
            OwnerMark ours = OwnerMark.ours(dataFolder);
            owner = ours;
            new OrphanReaper(ours).reapEarlierRuns();
            namespaces.open();
            secrets.open();
            var work = new WorkFolders(functionsFolder, new BuiltFolders(dataFolder.resolve("built")));
            var folders = new SecretFolders(dataFolder.resolve("replicas"), secrets, work, ours);
            folders.reapEarlierRuns();
            replicaFactory = new ReplicaFactory(work, ours, folders);
            for (DeploymentFiles.Kept kept : files.readAll()) {
                namespaces.adopt(kept.deployment().namespace());
                bringBack(kept);
            }
        } catch (IOException e) {
            throw new ProviderException(
                    Code.UNAVAILABLE, "cannot use the data folder \"" + dataFolder + "\": " + e.getMessage(), e);
        } finally {
            changes.unlock();
        }
    }

    private void bringBack(DeploymentFiles.Kept kept) {
        FunctionName name = kept.deployment().function();
        ProcessFunction function = function(kept);
        functions.put(name, function);
        try {
            function.scale(kept.replicas());
        } catch (IOException | ProviderException e) {
            LOG.warn("function {} did not come back with all its replicas: {}", name, e.getMessage());
        }
    }

    @Override
    public void deploy(FunctionDeployment deployment) {
        FunctionName name = ProcessDeployment.check(deployment);
        changes.lock();
        try {
            requireStarted();
            namespaces.require(name.namespace());
            functions.requireAbsent(name);
            secrets.requireAll(deployment);
            var kept = new DeploymentFiles.Kept(deployment, deployment.minimumReplicas(), clock.instant());
            keep(name, kept);
            ProcessFunction function = function(kept);
            try {
                change(name, () -> function.scale(kept.replicas()));
            } catch (ProviderException e) {
                function.remove().forEach(this::retire);
                change(name, () -> files.delete(name));
                throw e;
            }
            functions.put(name, function);
            functions.changed(name); // what was told before came too early: nobody could see the function yet
            LOG.info("function deployed function={} replicas={}", name, kept.replicas());
            ProcessDeployment.warn(deployment);
        } finally {
            changes.unlock();
        }
    }

    @Override
    public void update(FunctionDeployment deployment) {
        FunctionName name = ProcessDeployment.check(deployment);
        changes.lock();
        try {
            ProcessFunction function = functions.require(name);
            secrets.requireAll(deployment);
            FunctionStatus before = function.status();
            int replicas =
                    deployment.labels().containsKey(ScaleLabels.MIN) ? deployment.minimumReplicas() : before.replicas();
            keep(name, new DeploymentFiles.Kept(deployment, replicas, before.createdAt()));
            change(name, () -> function.replace(deployment, replicas));
            LOG.info("function updated function={} replicas={}", name, replicas);
            ProcessDeployment.warn(deployment);
        } finally {
            changes.unlock();
        }
    }

    @Override
    public void delete(FunctionName name) {
        changes.lock();
        try {
            ProcessFunction function = functions.require(name);
            change(name, () -> files.delete(name));
            functions.remove(name);
            function.remove().forEach(this::retire);
            LOG.info("function deleted function={}", name);
        } finally {
            changes.unlock();
        }
    }

    @Override
    public void scale(FunctionName name, int replicas) {
        changes.lock();
        try {
            ProcessFunction function = functions.require(name);
            ProcessDeployment.requireReplicas(name, replicas);
            FunctionStatus before = function.status();
            if (replicas > before.replicas()) {
                secrets.requireAll(before.deployment());
            }
            if (before.replicas() != replicas) {
                keep(name, new DeploymentFiles.Kept(before.deployment(), replicas, before.createdAt()));
            }
            change(name, () -> function.scale(replicas));
            LOG.info("function scaled function={} replicas={} before={}", name, replicas, before.replicas());
        } finally {
            changes.unlock();
        }
    }

    @Override
    public List<FunctionStatus> list(String namespace) {
        return functions.list(namespace);
    }

    @Override
    public Map<FunctionName, Usage> usage(Collection<FunctionName> asked) {
        var there = new HashMap<>(functions.byName());
        there.keySet().retainAll(asked);
        return UsageMeter.of(there);
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
        return functions.logs(name, query);
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
    public Secrets secrets() {
        return secrets;
    }

    @Override
    public Namespaces namespaces() {
        return namespaces;
    }

    /** Running replicas get the new value, and functions that could not start without the secret start now. */
    private void secretChanged(SecretName secret) {
        ReplicaFactory factory = replicaFactory;
        if (factory == null) {
            return;
        }
        factory.secrets().changed(secret);
        functions.forEachWith(secret, (name, function) -> {
            try {
                function.scale(function.status().replicas());
            } catch (IOException | ProviderException e) {
                LOG.warn("function {} does not have all its replicas yet: {}", name, e.getMessage());
            }
        });
    }

    private Optional<String> occupants(String namespace) {
        return functions.occupants(namespace, secrets.count(namespace));
    }

    /** Ends all processes, those that functions left behind included. Blocks for a few seconds at most. */
    @Override
    public void close() {
        changes.lock();
        try {
            List<Replica> all = new ArrayList<>();
            functions.all().forEach(function -> all.addAll(function.remove()));
            functions.clear();
            all.forEach(replica -> threads.execute(() -> finish(replica, FINISH_AT_CLOSE)));
            retiring.forEach(replica -> threads.execute(replica::kill));
            threads.shutdown();
            if (!threads.awaitTermination(FINISH_AT_CLOSE.toSeconds() * 2, TimeUnit.SECONDS)) {
                all.forEach(Replica::kill);
            }
            if (owner != null) {
                new OrphanReaper(owner).reapOurs();
                owner = null;
            }
            if (replicaFactory != null) {
                replicaFactory.secrets().close();
                replicaFactory = null;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            changes.unlock();
        }
    }

    private ProcessFunction function(DeploymentFiles.Kept kept) {
        FunctionName name = kept.deployment().function();
        return new ProcessFunction(
                kept.deployment(),
                kept.createdAt(),
                new LogRing(name, clock),
                requireStarted(),
                this::retire,
                () -> functions.changed(name));
    }

    /** Lets a replica that gets no new calls finish those it has, in the background. */
    private void retire(Replica replica) {
        retiring.add(replica);
        CompletableFuture.delayedExecutor(LINGER.toMillis(), TimeUnit.MILLISECONDS, threads)
                .execute(() -> {
                    finish(replica, FINISH);
                    retiring.remove(replica);
                });
    }

    private static void finish(Replica replica, Duration limit) {
        try {
            replica.finish(limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ReplicaFactory requireStarted() {
        if (replicaFactory == null) {
            throw new ProviderException(Code.UNAVAILABLE, "the process provider does not run");
        }
        return replicaFactory;
    }

    private void keep(FunctionName name, DeploymentFiles.Kept kept) {
        change(name, () -> files.write(name, kept));
    }

    private static void change(FunctionName name, Change change) {
        try {
            change.run();
        } catch (IOException e) {
            throw new ProviderException(
                    Code.UNAVAILABLE, "cannot change function \"" + name + "\": " + e.getMessage(), e);
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "caravan-process-provider");
        thread.setDaemon(true);
        return thread;
    }

    /** A step that may fail on the disk or for want of a port. */
    @FunctionalInterface
    private interface Change {
        void run() throws IOException;
    }
}
