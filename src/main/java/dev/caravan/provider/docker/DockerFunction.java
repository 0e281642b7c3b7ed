package dev.caravan.provider.docker;

import dev.caravan.provider.LogRing;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.docker.ContainerName.Fate;
import dev.caravan.provider.engine.EngineFunction;
import dev.caravan.provider.engine.Replica;
import dev.caravan.provider.engine.Revision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One deployed function: each replica is a container. At zero one container stays, and rests. */
final class DockerFunction extends EngineFunction<Replica> {

    private final Containers containers;
    private final List<Replica> current = new ArrayList<>();
    private @Nullable Replica parked;

    /** @param changed told after each change of {@link #ready} */
    DockerFunction(Revision revision, Containers containers, LogRing log, Runnable changed) {
        super(revision, log, changed);
        this.containers = containers;
    }

    @Override
    protected List<Replica> current() {
        return current;
    }

    @Override
    protected List<Replica> letGo() {
        List<Replica> all = new ArrayList<>(current);
        if (parked != null) {
            all.add(parked);
        }
        current.clear();
        parked = null;
        return all;
    }

    @Override
    protected List<Replica> replicas(Replica part) {
        return List.of(part);
    }

    @Override
    protected void retire(Replica part) {
        containers.retire(part);
    }

    @Override
    public Optional<List<String>> containers() {
        return Optional.of(newest().stream()
                .filter(replica -> replica.ready().isPresent())
                .map(Replica::id)
                .toList());
    }

    /** Takes over what an earlier run left. */
    synchronized void adopt(List<SeenContainer> found) {
        Revision revision = revision();
        int before = 0;
        for (SeenContainer container : found) {
            Replica replica = container.replica();
            boolean ours = container.revision().number().equals(revision.number());
            boolean rests = container.name().fate() == Fate.PARKED;
            if (container.retires() || rests && (!ours || parked != null)) {
                containers.retire(replica);
            } else if (!ours) {
                outgoing().add(replica);
                before++;
            } else if (rests) {
                parked = replica;
                containers.rest(replica);
            } else {
                current.add(replica);
            }
        }
        // An update that was cut short is brought to its end: as many as there were.
        want(revision, parked != null ? current.size() : Math.max(current.size(), before));
        refresh();
    }

    /** Makes and starts what is missing, and takes out what is too much. At zero one container stays, and rests. */
    @Override
    public synchronized void scale(int replicas) {
        int before = wanted();
        want(revision(), replicas);
        try {
            fillUp();
        } catch (ProviderException e) {
            want(revision(), before);
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
        Revision revision = revision();
        if (wanted() == 0 && current.isEmpty() && parked == null) {
            parked = containers.create(revision, Fate.PARKED);
            return;
        }
        Replica rested = parked;
        if (current.size() < wanted() && rested != null) {
            containers.wake(rested);
            parked = null;
            current.add(rested);
        }
        int missing = wanted() - current.size();
        if (missing > 0) {
            current.addAll(containers.createAndStart(revision, missing));
        }
    }

    @Override
    public synchronized void replace(Revision revision, int replicas) {
        List<Replica> made = replicas == 0
                ? List.of(containers.create(revision, Fate.PARKED))
                : containers.createAndStart(revision, replicas);
        outgoing().addAll(current);
        current.clear();
        Replica rested = parked;
        if (rested != null) {
            containers.retire(rested);
        }
        parked = replicas == 0 ? made.get(0) : null;
        if (replicas > 0) {
            current.addAll(made);
        }
        want(revision, replicas);
        refresh();
    }

    /**
     * Compares what is wanted with what is there, and mends what has gone its own way.
     *
     * @param asOf when the engine was asked, by {@link System#nanoTime}: it cannot have told of what was made later
     */
    synchronized void observe(Map<String, SeenContainer> seen, long asOf) {
        if (removed()) {
            return;
        }
        for (List<Replica> replicas : List.of(current, outgoing())) {
            replicas.removeIf(replica -> {
                SeenContainer container = seen.get(replica.id());
                if (container == null) {
                    boolean vanished = replica.isOlderThan(asOf);
                    if (vanished) {
                        replica.close();
                    }
                    return vanished;
                }
                containers.observe(replica, container, log(), this::refresh);
                return false;
            });
        }
        if (parked != null && !seen.containsKey(parked.id()) && parked.isOlderThan(asOf)) {
            parked = null;
        }
        if (current.size() < wanted() || wanted() == 0 && parked == null) {
            fillUp();
        }
        refresh();
    }

    /** The kernel has ended a container's process for want of memory. */
    void outOfMemory(String container) {
        for (Replica replica : newest()) {
            if (replica.id().equals(container)) {
                replica.trouble("it used more memory than its limit, and was ended");
                log().add(replica.instance(), "used more memory than its limit, and was ended");
            }
        }
    }

    @Override
    public void doubt() {
        newest().forEach(replica -> containers.watch().doubt(replica, this::refresh));
    }
}
