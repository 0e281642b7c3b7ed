package dev.caravan.provider.swarm;

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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Runs functions as services of a Docker Swarm, through an engine that manages it. The labels of the services are the
 * truth; secrets get into containers as the Swarm's own, one set for each revision.
 */
public final class SwarmProvider extends EngineProvider<SwarmFunction> {

    /** What happens on other nodes the engine does not tell. */
    private static final Duration SELDOM = Duration.ofSeconds(2);

    private final String project;
    private final Swarm swarm;
    private final Services services;

    /**
     * @param dataFolder keeps the namespaces
     * @param secretsFolder keeps the secrets of functions, in {@code functions/NAMESPACE/NAME}
     * @param defaultNamespace the one that is always there
     */
    public SwarmProvider(
            DockerPlace place,
            Path dataFolder,
            Path secretsFolder,
            String defaultNamespace,
            String release,
            InstantSource clock) {
        super("swarm", place, new Keeping(dataFolder, secretsFolder, defaultNamespace), SELDOM, release, clock);
        this.project = place.project();
        this.swarm = new Swarm(connection(), place);
        this.services = new Services(swarm, project, secrets(), background());
    }

    @Override
    protected void open() {
        swarm.open();
    }

    @Override
    protected void adopt() {
        List<SeenService> all = swarm.services();
        swarm.removeSecretsExceptOf(all.stream().map(SeenService::revision).toList());
        adopt(all, SwarmFunction::adopt, service -> services.retire(new Service(service)));
    }

    @Override
    protected void observe() {
        long asOf = System.nanoTime();
        Set<String> seen = swarm.services().stream().map(SeenService::id).collect(Collectors.toSet());
        Map<String, List<SeenTask>> tasks = swarm.tasks().stream().collect(Collectors.groupingBy(SeenTask::service));
        functions().all().forEach(function -> mend(function, () -> function.observe(seen, tasks, asOf)));
    }

    @Override
    protected Closeable listen(Runnable happened, Runnable ended) {
        return connection()
                .watch(
                        Map.of(Revision.PROJECT, project),
                        event -> {
                            report(event);
                            happened.run();
                        },
                        ended);
    }

    /** A container's labels stand among its event's attributes. */
    private void report(Event event) {
        if (!"oom".equals(event.getAction()) || event.getActor() == null) {
            return;
        }
        Map<String, String> labels =
                Optional.ofNullable(event.getActor().getAttributes()).orElse(Map.of());
        String function = labels.getOrDefault(Revision.FUNCTION, "");
        String task = labels.getOrDefault("com.docker.swarm.task.id", "");
        functions().all().stream()
                .filter(each -> each.name().name().equals(function)
                        && each.name().namespace().equals(labels.get(Revision.NAMESPACE)))
                .forEach(each -> each.log()
                        .add(Service.instance(function, task), "used more memory than its limit, and was ended"));
    }

    @Override
    protected void requireRunnable(FunctionDeployment deployment) {
        new ServicePlan(new Revision(deployment, "", Instant.EPOCH), project).check();
    }

    /** Each node has it by itself. */
    @Override
    protected void provideImage(String image) {}

    @Override
    protected SwarmFunction function(Revision revision, LogRing log, Runnable changed) {
        return new SwarmFunction(revision, services, log, changed);
    }

    @Override
    protected void giveSecrets(Revision revision) {
        services.giveSecrets(revision);
    }

    @Override
    protected void forget(Revision revision) {
        services.forget(revision);
    }

    /** What the Swarm keeps does not change, so the function gets a new revision with the new value. */
    @Override
    protected void renewSecrets(SwarmFunction function) {
        Revision renewed = Revision.of(
                function.revision().deployment(), now(), function.revision().createdAt());
        services.giveSecrets(renewed);
        function.replace(renewed, function.status().replicas());
    }
}
