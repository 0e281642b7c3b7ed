package dev.caravan.provider.swarm;

import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionStatus;
import dev.caravan.provider.LogRing;
import dev.caravan.provider.engine.EngineFunction;
import dev.caravan.provider.engine.Replica;
import dev.caravan.provider.engine.Revision;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One deployed function: its service, and, while an update is on its way, those of the revisions before.
 *
 * <p>A Swarm's own rolling update ends a replica without telling before, so that calls on their way to it fail. Here the
 * new revision has a service of its own, and the old one goes when nothing is sent to it any more.
 */
final class SwarmFunction implements EngineFunction {

    /** What is wanted. */
    private record Wanted(Revision revision, int replicas) {}

    private final Services services;
    private final LogRing log;
    private final Runnable changed;
    private final List<Service> outgoing = new ArrayList<>();
    private @Nullable Service current;
    private boolean removed;
    private volatile Wanted wanted;
    private volatile Optional<List<URI>> ready = Optional.of(List.of());
    private volatile List<Replica> newest = List.of();
    private volatile Optional<String> ended = Optional.empty();
    private volatile Optional<List<String>> containers = Optional.empty();

    /** @param changed told after each change of {@link #ready} */
    SwarmFunction(Revision revision, Services services, LogRing log, Runnable changed) {
        this.wanted = new Wanted(revision, 0);
        this.services = services;
        this.log = log;
        this.changed = changed;
    }

    @Override
    public FunctionName name() {
        return wanted.revision().function();
    }

    @Override
    public Revision revision() {
        return wanted.revision();
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
    public LogRing log() {
        return log;
    }

    @Override
    public Optional<String> obstacle() {
        return Stream.concat(
                        newest.stream()
                                .filter(replica -> replica.ready().isEmpty())
                                .flatMap(replica -> replica.trouble().stream()),
                        ended.stream())
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
        return containers;
    }

    /** Takes over what an earlier run left. */
    synchronized void adopt(List<SeenService> found) {
        Revision revision = wanted.revision();
        for (SeenService seen : found) {
            Service service = new Service(seen);
            if (seen.retires()) {
                services.retire(service);
            } else if (!seen.revision().number().equals(revision.number())) {
                outgoing.add(service);
            } else {
                current = service;
                wanted = new Wanted(revision, seen.replicas());
                if (seen.running() != seen.replicas()) {
                    services.settle(service);
                }
            }
        }
        refresh();
    }

    @Override
    public synchronized void scale(int replicas) {
        Wanted before = wanted;
        Service service = current;
        if (service == null) {
            current = services.create(before.revision(), replicas);
        } else if (replicas > 0) {
            services.scale(service, replicas);
        } else if (before.replicas() > 0) {
            services.park(service);
        }
        wanted = new Wanted(before.revision(), replicas);
        refresh();
    }

    @Override
    public synchronized void replace(Revision revision, int replicas) {
        Service made = services.create(revision, replicas);
        if (current != null) {
            outgoing.add(current);
        }
        current = made;
        wanted = new Wanted(revision, replicas);
        refresh();
    }

    @Override
    public synchronized void remove() {
        removed = true;
        List<Service> all = new ArrayList<>(outgoing);
        if (current != null) {
            all.add(current);
        }
        current = null;
        outgoing.clear();
        wanted = new Wanted(wanted.revision(), 0);
        newest = List.of();
        ready = Optional.of(List.of());
        all.forEach(services::retire);
        log.close();
        changed.run();
    }

    @Override
    public synchronized void leave() {
        all().forEach(service -> service.replicas().forEach(Replica::close));
        log.close();
    }

    private List<Service> all() {
        List<Service> all = new ArrayList<>(outgoing);
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
        if (removed) {
            return;
        }
        for (Service service : all()) {
            if (service.isOlderThan(asOf)) {
                boolean serves = service != current || wanted.replicas() > 0;
                services.observe(service, tasks.getOrDefault(service.id(), List.of()), serves, log, this::refresh);
            }
        }
        outgoing.removeIf(service -> isGone(service, seen, asOf));
        if (current != null && isGone(current, seen, asOf)) {
            current = null;
        }
        containers = current == null ? Optional.empty() : local(tasks.getOrDefault(current.id(), List.of()));
        if (current == null) {
            current = services.createAgain(wanted.revision(), wanted.replicas());
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
        newest.forEach(replica -> services.doubt(replica, this::refresh));
    }

    private synchronized void refresh() {
        Service service = current;
        List<Replica> replicas = service == null ? List.of() : List.copyOf(service.replicas());
        List<URI> uris = new ArrayList<>();
        replicas.forEach(replica -> replica.ready().ifPresent(uris::add));
        List<Service> done = new ArrayList<>();
        if (uris.size() == wanted.replicas()) {
            done.addAll(outgoing);
            outgoing.clear();
        }
        outgoing.forEach(
                each -> each.replicas().forEach(replica -> replica.ready().ifPresent(uris::add)));
        newest = replicas;
        ended = service == null ? Optional.empty() : service.trouble();
        Optional<List<URI>> now = Optional.of(List.copyOf(uris));
        boolean different = !now.equals(ready);
        ready = now;
        if (different) {
            changed.run();
        }
        done.forEach(services::retire);
    }
}
