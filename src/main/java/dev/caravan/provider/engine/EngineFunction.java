package dev.caravan.provider.engine;

import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionStatus;
import dev.caravan.provider.DeployedFunctions;
import dev.caravan.provider.LogRing;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A function that an engine runs: what serves it, and, while an update is on its way, what served the revision before.
 *
 * <p>Changes hold the lock, and wait for the engine; what {@link Deployed} tells never waits.
 *
 * @param <P> what serves a function and goes as a whole: a container, or a service
 */
public abstract class EngineFunction<P> implements DeployedFunctions.Deployed {

    /** What is wanted. */
    private record Wanted(Revision revision, int replicas) {}

    private final LogRing log;
    private final Runnable changed;
    private final List<P> outgoing = new ArrayList<>();
    private boolean removed;
    private volatile Wanted wanted;
    private volatile Optional<List<URI>> ready = Optional.of(List.of());
    private volatile List<Replica> newest = List.of();

    /** @param changed told after each change of {@link #ready} */
    protected EngineFunction(Revision revision, LogRing log, Runnable changed) {
        this.wanted = new Wanted(revision, 0);
        this.log = log;
        this.changed = changed;
    }

    /** Containers of the replicas that take calls; empty when one of them runs where the engine cannot look. */
    public abstract Optional<List<String>> containers();

    /** The engine is away: replicas that do not answer either take no calls. */
    public abstract void doubt();

    public abstract void scale(int replicas);

    /** New replicas take over once all of them are ready; until then the old ones stay. */
    public abstract void replace(Revision revision, int replicas);

    /** The replicas of the newest revision. */
    protected abstract List<Replica> current();

    /** Forgets what serves the newest revision, and what rests. @return all of it */
    protected abstract List<P> letGo();

    /** The replicas of what an update has replaced. */
    protected abstract List<Replica> replicas(P part);

    /** It gets no new calls, finishes what it has, and goes, in the background. */
    protected abstract void retire(P part);

    public final FunctionName name() {
        return wanted.revision().function();
    }

    /** What is wanted last. */
    public final Revision revision() {
        return wanted.revision();
    }

    /** How many replicas are wanted. */
    protected final int wanted() {
        return wanted.replicas();
    }

    protected final void want(Revision revision, int replicas) {
        wanted = new Wanted(revision, replicas);
    }

    @Override
    public final Optional<List<URI>> ready() {
        return ready;
    }

    @Override
    public final FunctionStatus status() {
        Wanted now = wanted;
        return new FunctionStatus(
                now.revision().deployment(),
                now.replicas(),
                ready.orElseThrow().size(),
                now.revision().createdAt());
    }

    @Override
    public final LogRing log() {
        return log;
    }

    @Override
    public Optional<String> obstacle() {
        return newest.stream()
                .filter(replica -> replica.ready().isEmpty())
                .flatMap(replica -> replica.trouble().stream())
                .findFirst();
    }

    /** The replicas of the newest revision, for who does not wait. */
    protected final List<Replica> newest() {
        return newest;
    }

    /** Whether all is as wanted, so that the engine need not be asked often. */
    public final boolean settled() {
        List<Replica> all = newest;
        return all.size() == wanted.replicas()
                && all.stream().allMatch(replica -> replica.ready().isPresent());
    }

    /** What served the revisions before, and still does; with the lock held. */
    protected final List<P> outgoing() {
        return outgoing;
    }

    /** Whether somebody has removed it while the engine was asked; with the lock held. */
    protected final boolean removed() {
        return removed;
    }

    /** Takes no more calls; who reads the log has reached its end. Its replicas go. */
    public final synchronized void remove() {
        removed = true;
        List<P> all = new ArrayList<>(letGo());
        all.addAll(outgoing);
        outgoing.clear();
        want(revision(), 0);
        newest = List.of();
        ready = Optional.of(List.of());
        all.forEach(this::retire);
        log.close();
        changed.run();
    }

    /** Lets go of its replicas, which go on. */
    public final synchronized void leave() {
        current().forEach(Replica::close);
        outgoing.forEach(part -> replicas(part).forEach(Replica::close));
        log.close();
    }

    /** Tells what is ready now; what an update has replaced goes as soon as all is. */
    protected final synchronized void refresh() {
        List<Replica> replicas = List.copyOf(current());
        List<URI> uris = new ArrayList<>();
        replicas.forEach(replica -> replica.ready().ifPresent(uris::add));
        List<P> done = new ArrayList<>();
        if (uris.size() == wanted.replicas()) {
            done.addAll(outgoing);
            outgoing.clear();
        }
        outgoing.forEach(
                part -> replicas(part).forEach(replica -> replica.ready().ifPresent(uris::add)));
        newest = replicas;
        Optional<List<URI>> now = Optional.of(List.copyOf(uris));
        boolean different = !now.equals(ready);
        ready = now;
        if (different) {
            changed.run();
        }
        done.forEach(this::retire);
    }
}
