package dev.caravan.provider.swarm;

import dev.caravan.provider.LogRing;
import dev.caravan.provider.engine.EngineFunction;
import dev.caravan.provider.engine.Replica;
import dev.caravan.provider.engine.Revision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One deployed function: all its replicas are one service.
 *
 * <p>A Swarm's own rolling update ends a replica without telling before, so that calls on their way to it fail. Here the
 * new revision has a service of its own, and the old one goes when nothing is sent to it any more.
 */
final class SwarmFunction extends EngineFunction<Service> {

    private final Services services;
    private volatile @Nullable Service current;
    private volatile Optional<List<String>> containers = Optional.empty();

    /** @param changed told after each change of {@link #ready} */
    SwarmFunction(Revision revision, Services services, LogRing log, Runnable changed) {
        super(revision, log, changed);
        this.services = services;
    }

    @Override
    protected List<Replica> current() {
        Service service = current;
        return service == null ? List.of() : replicas(service);
    }

    @Override
    protected List<Service> letGo() {
        Service service = current;
        current = null;
        return service == null ? List.of() : List.of(service);
    }

    @Override
    protected List<Replica> replicas(Service part) {
        return List.copyOf(part.replicas());
    }

    @Override
    protected void retire(Service part) {
        services.retire(part);
    }

    @Override
    public Optional<String> obstacle() {
        Service service = current;
        return super.obstacle().or(() -> service == null ? Optional.empty() : service.trouble());
    }

    @Override
    public Optional<List<String>> containers() {
        return containers;
    }

    /** Takes over what an earlier run left. */
    synchronized void adopt(List<SeenService> found) {
        Revision revision = revision();
        for (SeenService seen : found) {
            Service service = new Service(seen);
            if (seen.retires()) {
                services.retire(service);
            } else if (!seen.revision().number().equals(revision.number())) {
                outgoing().add(service);
            } else {
                current = service;
                want(revision, seen.replicas());
                if (seen.running() != seen.replicas()) {
                    services.settle(service);
                }
            }
        }
        refresh();
    }

    @Override
    public synchronized void scale(int replicas) {
        Service service = current;
        if (service == null) {
            current = services.create(revision(), replicas);
        } else if (replicas > 0) {
            services.scale(service, replicas);
        } else if (wanted() > 0) {
            services.park(service);
        }
        want(revision(), replicas);
        refresh();
    }

    @Override
    public synchronized void replace(Revision revision, int replicas) {
        Service made = services.create(revision, replicas);
        outgoing().addAll(letGo());
        current = made;
        want(revision, replicas);
        refresh();
    }

    private List<Service> all() {
        List<Service> all = new ArrayList<>(outgoing());
        if (current != null) {
            all.add(current);
        }
        return all;
    }

    /**
     * Compares what is wanted with what is there, and mends what has gone its own way.
     *
     * @param seen the ids of all services
     * @param tasks by their service's id
     * @param asOf when the engine was asked, by {@link System#nanoTime}: it cannot have told of what was made later
     */
    synchronized void observe(Set<String> seen, Map<String, List<SeenTask>> tasks, long asOf) {
        if (removed()) {
            return;
        }
        for (Service service : all()) {
            if (service.isOlderThan(asOf)) {
                boolean serves = service != current || wanted() > 0;
                services.observe(service, tasks.getOrDefault(service.id(), List.of()), serves, log(), this::refresh);
            }
        }
        outgoing().removeIf(service -> isGone(service, seen, asOf));
        if (current != null && isGone(current, seen, asOf)) {
            current = null;
        }
        containers = current == null ? Optional.empty() : local(tasks.getOrDefault(current.id(), List.of()));
        if (current == null) {
            current = services.createAgain(revision(), wanted());
        }
        refresh();
    }

    private static Optional<List<String>> local(List<SeenTask> tasks) {
        List<SeenTask> running = tasks.stream().filter(SeenTask::running).toList();
        return running.stream().allMatch(SeenTask::local)
                ? Optional.of(running.stream().map(SeenTask::container).toList())
                : Optional.empty();
    }

    private static boolean isGone(Service service, Set<String> seen, long asOf) {
        return service.isOlderThan(asOf) && !seen.contains(service.id());
    }

    @Override
    public void doubt() {
        newest().forEach(replica -> services.doubt(replica, this::refresh));
    }
}
