package dev.caravan.provider.docker;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.provider.FileSecrets;
import dev.caravan.provider.LogRing;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.ProviderException.Code;
import dev.caravan.provider.docker.ContainerName.Fate;
import dev.caravan.provider.engine.Background;
import dev.caravan.provider.engine.DockerPlace;
import dev.caravan.provider.engine.Replica;
import dev.caravan.provider.engine.ReplicaWatch;
import dev.caravan.provider.engine.Revision;
import dev.caravan.provider.engine.Tar;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done with containers, one by one: made, started, watched, put to rest and taken away. Each decision is written
 * into the container's name before it is acted on, so that a later run goes on with it.
 */
final class Containers {

    private static final Logger LOG = LoggerFactory.getLogger(Containers.class);

    /** How long a call may take to arrive that was sent to a replica just before it was taken out. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    private static final Duration FINISH = Duration.ofSeconds(30);
    private static final Duration AGAIN = Duration.ofSeconds(5);

    private final Engine engine;
    private final DockerPlace place;
    private final FileSecrets secrets;
    private final ReplicaWatch watch;
    private final Background background;

    Containers(Engine engine, DockerPlace place, FileSecrets secrets, Background background) {
        this.engine = engine;
        this.place = place;
        this.secrets = secrets;
        this.watch = new ReplicaWatch(background.threads(), engine::follow);
        this.background = background;
    }

    /** Makes a container that does not run yet. */
    Replica create(Revision revision, Fate fate) {
        ContainerName name =
                ContainerName.fresh(place.project(), revision.function()).with(fate);
        return engine.create(plan(revision), name).replica();
    }

    /**
     * Makes several at once.
     *
     * @throws ProviderException when one of them cannot be made or started; none of them stays then
     */
    List<Replica> createAndStart(Revision revision, int count) {
        List<CompletableFuture<Replica>> making = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            making.add(CompletableFuture.supplyAsync(() -> create(revision, Fate.SERVES), background.threads())
                    .thenApply(replica -> {
                        try {
                            engine.start(replica.id());
                            return replica;
                        } catch (ProviderException e) {
                            retire(replica);
                            throw e;
                        }
                    }));
        }
        List<Replica> made = new ArrayList<>();
        ProviderException failure = null;
        for (CompletableFuture<Replica> each : making) {
            try {
                made.add(each.join());
            } catch (CompletionException e) {
                failure = e.getCause() instanceof ProviderException known
                        ? known
                        : new ProviderException(Code.UNAVAILABLE, "a container could not be made; see the log", e);
            }
        }
        if (failure != null) {
            made.forEach(this::retire);
            throw failure;
        }
        return made;
    }

    ReplicaWatch watch() {
        return watch;
    }

    /** Starts one that has rested, with its secrets as they are now. */
    void wake(Replica replica) {
        engine.start(replica.id());
        engine.rename(replica.id(), name(replica, Fate.SERVES));
    }

    /** It gets no new calls, finishes what it has, and rests until it is woken. */
    void park(Replica replica) {
        engine.rename(replica.id(), name(replica, Fate.PARKED));
        replica.ready(Optional.empty());
        rest(replica);
    }

    /** Ends one that is marked as parked, in the background. */
    void rest(Replica replica) {
        background.after(LINGER, () -> {
            if (isStill(replica, Fate.PARKED)) {
                engine.stop(replica.id(), FINISH);
                replica.close();
            }
        });
    }

    /** It gets no new calls, finishes what it has, and goes, in the background. */
    void retire(Replica replica) {
        replica.ready(Optional.empty());
        try {
            engine.rename(replica.id(), name(replica, Fate.RETIRES));
        } catch (ProviderException e) {
            LOG.debug("container {} goes without having been marked", replica.instance(), e);
        }
        background.insist(LINGER, "container " + replica.instance() + " is taken away", () -> {
            engine.stop(replica.id(), FINISH);
            engine.remove(replica.id());
            forget(replica.revision());
            replica.close();
        });
    }

    /** Somebody may have woken it meanwhile. */
    private boolean isStill(Replica replica, Fate fate) {
        return engine.replicas().stream()
                .anyMatch(container ->
                        container.id().equals(replica.id()) && container.name().fate() == fate);
    }

    /** Brings what is known of a wanted replica up to date. @param refresh told when it has become or ceased to be ready */
    void observe(Replica replica, SeenContainer container, LogRing log, Runnable refresh) {
        if (container.running() && container.address().isPresent()) {
            watch.read(replica, log);
            URI address = container.address().orElseThrow();
            if (!replica.ready().equals(container.address())) {
                watch.ask(replica, address, refresh);
            }
            return;
        }
        if (replica.ready(Optional.empty())) {
            refresh.run();
        }
        if (container.restarting()) {
            replica.trouble("its process ended by itself, and is started again");
        } else if (!container.running()) {
            startAgain(replica);
        }
    }

    /** What ended without the engine's starting it again was stopped by somebody, or was never started. */
    private void startAgain(Replica replica) {
        if (!replica.mayStartAgain(AGAIN)) {
            return;
        }
        background.threads().execute(() -> {
            try {
                engine.start(replica.id());
            } catch (ProviderException e) {
                replica.trouble(String.valueOf(e.getMessage()));
                LOG.warn("container {} does not start: {}", replica.instance(), e.getMessage());
            }
        });
    }

    /** Removes what was made for a revision of which nothing runs. */
    void forget(Revision revision) {
        if (plan(revision).hasSecrets()) {
            engine.removeVolume(plan(revision).volume());
        }
    }

    /** Puts the values of a function's secrets where its containers find them. */
    void giveSecrets(Revision revision) {
        ContainerPlan plan = plan(revision);
        if (plan.hasSecrets()) {
            FunctionDeployment deployment = revision.deployment();
            var tar = new Tar();
            for (String name : deployment.secrets()) {
                tar.add(name, secrets.value(name, deployment));
            }
            engine.fill(plan, tar.bytes());
        }
    }

    private ContainerName name(Replica replica, Fate fate) {
        return ContainerName.of(place.project(), replica.revision().function(), replica.instance())
                .with(fate);
    }

    private ContainerPlan plan(Revision revision) {
        return new ContainerPlan(revision, place);
    }
}
