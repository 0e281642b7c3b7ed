package dev.caravan.provider.docker;

import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionStatus;
import dev.caravan.provider.LogRing;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.docker.ContainerName.Fate;
import dev.caravan.provider.engine.EngineFunction;
import dev.caravan.provider.engine.Replica;
import dev.caravan.provider.engine.Revision;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One deployed function: its containers, and, while an update is on its way, those of the revision before.
 *
 * <p>Changes hold the lock, and wait for the engine; {@link #ready} and {@link #status} never wait.
 */
final class DockerFunction implements EngineFunction {

    /** What is wanted. */
    private record Wanted(Revision revision, int replicas) {}

    private final Containers containers;
    private final LogRing log;
    private final Runnable changed;
    private final List<Replica> current = new ArrayList<>();
    private final List<Replica> outgoing = new ArrayList<>();
    private @Nullable Replica parked;
    private boolean removed;
    private volatile Wanted wanted;
    private volatile Optional<List<URI>> ready = Optional.of(List.of());
    private volatile List<Replica> newest = List.of();

    /** @param changed told after each change of {@link #ready} */
    DockerFunction(Revision revision, Containers containers, LogRing log, Runnable changed) {
        this.wanted = new Wanted(revision, 0);
        this.containers = containers;
        this.log = log;
        this.changed = changed;
    }

    @Override
    public FunctionName name() {
        return wanted.revision().function();
    }

    @Override
    public Optional<List<URI>> ready() {
        return ready;
    }

    @Override
    public FunctionStatus status() {
        Wanted now = wanted;
        return new FunctionStatus(
                now.revision().deployment(),
                now.replicas(),
                ready.orElseThrow().size(),
                now.revision().createdAt());
    }

    @Override
    public Revision revision() {
        return wanted.revision();
    }

    @Override
    public LogRing log() {
        return log;
    }

    @Override
    public Optional<String> obstacle() {
        return newest.stream()
                .filter(replica -> replica.ready().isEmpty())
                .flatMap(replica -> replica.trouble().stream())
                .findFirst();
    }

    @Override
    public boolean settled() {
        List<Replica> all = newest;
        return all.size() == wanted.replicas()
                && all.stream().allMatch(replica -> replica.ready().isPresent());
    }

    @Override
    public Optional<List<String>> containers() {
        return Optional.of(newest.stream()
                .filter(replica -> replica.ready().isPresent())
                .map(Replica::id)
                .toList());
    }

    /** Takes over what an earlier run left. */
    synchronized void adopt(List<SeenContainer> found) {
        Revision revision = wanted.revision();
        int before = 0;
        for (SeenContainer container : found) {
            Replica replica = container.replica();
            boolean ours = container.revision().number().equals(revision.number());
            boolean rests = container.name().fate() == Fate.PARKED;
            if (container.name().fate() == Fate.RETIRES || rests && (!ours || parked != null)) {
                containers.retire(replica);
            } else if (!ours) {
                outgoing.add(replica);
                before++;
            } else if (rests) {
                parked = replica;
                containers.rest(replica);
            } else {
                current.add(replica);
            }
        }
        // An update that was cut short is brought to its end: as many as there were.
        wanted = new Wanted(revision, parked != null ? current.size() : Math.max(current.size(), before));
        refresh();
    }

    /** Makes and starts what is missing, and takes out what is too much. At zero one container stays, and rests. */
    @Override
    public synchronized void scale(int replicas) {
        Wanted before = wanted;
        wanted = new Wanted(before.revision(), replicas);
        try {
            fillUp();
        } catch (ProviderException e) {
            wanted = before;
            throw e;
        }
        List<Replica> surplus = new ArrayList<>();
        while (current.size() > replicas) {
            surplus.add(current.remove(current.size() - 1));
        }
        if (replicas == 0 && parked == null && !surplus.isEmpty()) {
            parked = surplus.remove(0);
            containers.park(parked);
        }
        surplus.forEach(containers::retire);
        refresh();
    }

    private void fillUp() {
        Revision revision = wanted.revision();
        if (wanted.replicas() == 0 && current.isEmpty() && parked == null) {
            parked = containers.create(revision, Fate.PARKED);
            return;
        }
        Replica rested = parked;
        if (current.size() < wanted.replicas() && rested != null) {
            containers.wake(rested);
            parked = null;
            current.add(rested);
        }
        int missing = wanted.replicas() - current.size();
        if (missing > 0) {
            current.addAll(containers.createAndStart(revision, missing));
        }
    }

    @Override
    public synchronized void replace(Revision revision, int replicas) {
        List<Replica> made = replicas == 0
                ? List.of(containers.create(revision, Fate.PARKED))
                : containers.createAndStart(revision, replicas);
        outgoing.addAll(current);
        current.clear();
        Replica rested = parked;
        if (rested != null) {
            containers.retire(rested);
        }
        parked = replicas == 0 ? made.get(0) : null;
        if (replicas > 0) {
            current.addAll(made);
        }
        wanted = new Wanted(revision, replicas);
        refresh();
    }

    @Override
    public synchronized void remove() {
        removed = true;
        List<Replica> all = new ArrayList<>(current);
        all.addAll(outgoing);
        if (parked != null) {
            all.add(parked);
        }
        current.clear();
        outgoing.clear();
        parked = null;
        wanted = new Wanted(wanted.revision(), 0);
        newest = List.of();
        ready = Optional.of(List.of());
        all.forEach(containers::retire);
        log.close();
        changed.run();
    }

    @Override
    public synchronized void leave() {
        current.forEach(Replica::close);
        outgoing.forEach(Replica::close);
        log.close();
    }

    /**
     * Compares what is wanted with what is there, and mends what has gone its own way.
     *
     * @param asOf when the engine was asked, by {@link System#nanoTime}: it cannot have told of what was made later
     */
    synchronized void observe(Map<String, SeenContainer> seen, long asOf) {
        if (removed) {
            return;
        }
        for (List<Replica> replicas : List.of(current, outgoing)) {
            replicas.removeIf(replica -> {
                SeenContainer container = seen.get(replica.id());
                if (container == null) {
                    boolean vanished = replica.isOlderThan(asOf);
                    if (vanished) {
                        replica.close();
                    }
                    return vanished;
                }
                containers.observe(replica, container, log, this::refresh);
                return false;
            });
        }
        if (parked != null && !seen.containsKey(parked.id()) && parked.isOlderThan(asOf)) {
            parked = null;
        }
        if (current.size() < wanted.replicas() || wanted.replicas() == 0 && parked == null) {
            fillUp();
        }
        refresh();
    }

    /** The kernel has ended a container's process for want of memory. */
    void outOfMemory(String container) {
        for (Replica replica : newest) {
            if (replica.id().equals(container)) {
                replica.trouble("it used more memory than its limit, and was ended");
                log.add(replica.instance(), "used more memory than its limit, and was ended");
            }
        }
    }

    @Override
    public void doubt() {
        newest.forEach(replica -> containers.watch().doubt(replica, this::refresh));
    }

    private synchronized void refresh() {
        List<URI> uris = new ArrayList<>();
        current.forEach(replica -> replica.ready().ifPresent(uris::add));
        List<Replica> done = new ArrayList<>();
        if (uris.size() == wanted.replicas()) {
            done.addAll(outgoing);
            outgoing.clear();
        }
        outgoing.forEach(replica -> replica.ready().ifPresent(uris::add));
        newest = List.copyOf(current);
        Optional<List<URI>> now = Optional.of(List.copyOf(uris));
        boolean different = !now.equals(ready);
        ready = now;
        if (different) {
            changed.run();
        }
        done.forEach(containers::retire);
    }
}
