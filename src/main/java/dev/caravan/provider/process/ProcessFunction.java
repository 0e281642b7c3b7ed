package dev.caravan.provider.process;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionStatus;
import dev.caravan.provider.DeployedFunctions;
import dev.caravan.provider.LogRing;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * One deployed function: its replicas, and, while an update is on its way, those of the deployment before.
 *
 * <p>Changes hold the lock; {@link #ready} and {@link #status} never wait for it.
 */
final class ProcessFunction implements DeployedFunctions.Deployed {

    /** What is wanted. */
    private record Wanted(FunctionDeployment deployment, int replicas) {}

    private final Instant createdAt;
    private final LogRing log;
    private final ReplicaFactory factory;
    private final Consumer<Replica> retire;
    private final Runnable changed;
    private final List<Replica> current = new ArrayList<>();
    private final List<Replica> outgoing = new ArrayList<>();
    private final UsageMeter usage = new UsageMeter();
    private volatile Wanted wanted;
    private volatile Optional<List<URI>> ready = Optional.of(List.of());
    private volatile List<Replica> newest = List.of();

    /**
     * @param retire takes replicas that get no new calls any more
     * @param changed told after each change of {@link #ready}
     */
    ProcessFunction(
            FunctionDeployment deployment,
            Instant createdAt,
            LogRing log,
            ReplicaFactory factory,
            Consumer<Replica> retire,
            Runnable changed) {
        this.wanted = new Wanted(deployment, 0);
        this.createdAt = createdAt;
        this.log = log;
        this.factory = factory;
        this.retire = retire;
        this.changed = changed;
    }

    @Override
    public Optional<List<URI>> ready() {
        return ready;
    }

    @Override
    public FunctionStatus status() {
        Wanted now = wanted;
        return new FunctionStatus(
                now.deployment(), now.replicas(), ready.orElseThrow().size(), createdAt);
    }

    @Override
    public Optional<String> obstacle() {
        return newest.stream()
                .filter(replica -> replica.ready().isEmpty())
                .flatMap(replica -> replica.trouble().stream())
                .findFirst();
    }

    /** The process groups of its replicas. */
    Set<Long> groups() {
        return newest.stream().flatMap(replica -> replica.groups().stream()).collect(Collectors.toUnmodifiableSet());
    }

    UsageMeter usage() {
        return usage;
    }

    @Override
    public LogRing log() {
        return log;
    }

    /** @throws IOException when a replica found no port; those that did go on */
    synchronized void scale(int replicas) throws IOException {
        wanted = new Wanted(wanted.deployment(), replicas);
        try {
            while (current.size() < replicas) {
                add();
            }
        } finally {
            List<Replica> surplus = new ArrayList<>();
            while (current.size() > replicas) {
                surplus.add(current.remove(current.size() - 1));
            }
            refresh();
            surplus.forEach(retire);
        }
    }

    /** New replicas take over once all of them are ready; until then the old ones stay. */
    synchronized void replace(FunctionDeployment deployment, int replicas) throws IOException {
        outgoing.addAll(current);
        current.clear();
        wanted = new Wanted(deployment, replicas);
        scale(replicas);
    }

    /** Takes no more calls; who reads the log has reached its end. */
    synchronized List<Replica> remove() {
        log.close();
        List<Replica> all = new ArrayList<>(current);
        all.addAll(outgoing);
        current.clear();
        outgoing.clear();
        wanted = new Wanted(wanted.deployment(), 0);
        newest = List.of();
        ready = Optional.of(List.of());
        changed.run();
        return all;
    }

    private void add() throws IOException {
        Replica replica = factory.create(wanted.deployment(), log, this::refresh);
        replica.start();
        current.add(replica);
    }

    private synchronized void refresh() {
        List<URI> uris = new ArrayList<>();
        current.forEach(replica -> replica.ready().ifPresent(uris::add));
        List<Replica> done = new ArrayList<>();
        if (uris.size() == current.size()) {
            done.addAll(outgoing);
            outgoing.clear();
        }
        outgoing.forEach(replica -> replica.ready().ifPresent(uris::add));
        newest = List.copyOf(current);
        ready = Optional.of(List.copyOf(uris));
        changed.run();
        done.forEach(retire);
    }
}
