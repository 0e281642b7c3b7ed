package dev.caravan.provider.docker;

import com.github.dockerjava.api.model.Event;
import dev.caravan.function.FunctionDeployment;
import dev.caravan.provider.LogRing;
import dev.caravan.provider.engine.DockerPlace;
import dev.caravan.provider.engine.EngineProvider;
import dev.caravan.provider.engine.Revision;
import java.io.Closeable;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Runs functions as containers of one Docker engine. The labels and names of the containers are the truth; secrets get
 * into containers as read-only files of a volume.
 */
public final class DockerProvider extends EngineProvider<DockerFunction> {

    /** The engine tells when something happens; this is for what it did not. */
    private static final Duration SELDOM = Duration.ofSeconds(10);

    private final Engine engine;
    private final Containers containers;

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
        super("docker", place, new Keeping(dataFolder, secretsFolder, defaultNamespace), SELDOM, release, clock);
        this.engine = new Engine(connection(), place);
        this.containers = new Containers(engine, place, secrets(), background());
    }

    @Override
    protected void open() {
        engine.openNetwork();
        engine.removePorters();
    }

    @Override
    protected void adopt() {
        adopt(engine.replicas(), DockerFunction::adopt, container -> containers.retire(container.replica()));
    }

    @Override
    protected void observe() {
        long asOf = System.nanoTime();
        Map<String, SeenContainer> seen =
                engine.replicas().stream().collect(Collectors.toMap(SeenContainer::id, Function.identity()));
        functions().all().forEach(function -> mend(function, () -> function.observe(seen, asOf)));
    }

    @Override
    protected Closeable listen(Runnable happened, Runnable ended) {
        return engine.watch(
                event -> {
                    report(event);
                    happened.run();
                },
                ended);
    }

    private void report(Event event) {
        if ("oom".equals(event.getAction()) && event.getActor() != null) {
            String container = String.valueOf(event.getActor().getId());
            functions().all().forEach(function -> function.outOfMemory(container));
        }
    }

    @Override
    protected void requireRunnable(FunctionDeployment deployment) {
        new ContainerPlan(
                        new Revision(deployment, "", Instant.EPOCH),
                        new DockerPlace("", "", DockerPlace.Address.CONTAINER))
                .hostConfig();
    }

    @Override
    protected void provideImage(String image) {
        engine.provideImage(image);
    }

    @Override
    protected DockerFunction function(Revision revision, LogRing log, Runnable changed) {
        return new DockerFunction(revision, containers, log, changed);
    }

    @Override
    protected void giveSecrets(Revision revision) {
        containers.giveSecrets(revision);
    }

    @Override
    protected void forget(Revision revision) {
        containers.forget(revision);
    }

    /** Containers that have it get the new value. */
    @Override
    protected void renewSecrets(DockerFunction function) {
        containers.giveSecrets(function.revision());
    }
}
