package dev.caravan.testing;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionStatus;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.LogQuery;
import dev.caravan.provider.LogRing;
import dev.caravan.provider.ProviderException;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.function.Consumer;

/**
 * A provider that keeps deployments in memory and runs nothing: replicas are where a test says they are. Image {@code
 * cannot-run:1} is refused.
 */
public final class FakeFunctionProvider implements FunctionProvider {

    public static final Instant CREATED = Instant.parse("2026-03-04T05:06:07Z");

    private final Map<FunctionName, FunctionStatus> functions = new ConcurrentHashMap<>();
    private final Map<FunctionName, LogRing> logs = new ConcurrentHashMap<>();
    private InstantSource clock = () -> CREATED;
    private final Map<FunctionName, List<URI>> replicas = new ConcurrentHashMap<>();
    private final List<Consumer<FunctionName>> listeners = new CopyOnWriteArrayList<>();
    private final Queue<ProviderException> refusals = new ConcurrentLinkedQueue<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private Health health = new Health(true, "fine");
    private Identity identity = new Identity("process", "local", "1.2.3");

    /** What was asked that changes something, e.g. {@code deploy hello.openfaas-fn}. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    /** From now on the function's replicas are there, and whoever listens is told. */
    public void ready(FunctionName function, URI... uris) {
        replicas.put(function, List.of(uris));
        listeners.forEach(listener -> listener.accept(function));
    }

    /** As many of the next requests to scale fail, each with the next of these. */
    public void refuseToScale(ProviderException... next) {
        refusals.addAll(List.of(next));
    }

    public void health(Health newHealth) {
        health = newHealth;
    }

    public void identity(Identity newIdentity) {
        identity = newIdentity;
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public Health check() {
        return health;
    }

    @Override
    public void start() {}

    @Override
    public void deploy(FunctionDeployment deployment) {
        requests.add("deploy " + deployment.function());
        refuseWhatCannotRun(deployment);
        if (functions.containsKey(deployment.function())) {
            throw new ProviderException(
                    ProviderException.Code.EXISTS, "function \"" + deployment.function() + "\" exists");
        }
        functions.put(deployment.function(), started(deployment));
    }

    @Override
    public void update(FunctionDeployment deployment) {
        requests.add("update " + deployment.function());
        refuseWhatCannotRun(deployment);
        existing(deployment.function());
        functions.put(deployment.function(), started(deployment));
    }

    @Override
    public void delete(FunctionName function) {
        requests.add("delete " + function);
        existing(function);
        functions.remove(function);
        LogRing log = logs.remove(function);
        if (log != null) {
            log.close();
        }
        listeners.forEach(listener -> listener.accept(function));
    }

    @Override
    public void scale(FunctionName function, int replicas) {
        requests.add("scale " + function + " to " + replicas);
        ProviderException refusal = refusals.poll();
        if (refusal != null) {
            throw refusal;
        }
        FunctionStatus old = existing(function);
        functions.put(function, new FunctionStatus(old.deployment(), replicas, replicas, old.createdAt()));
    }

    @Override
    public List<FunctionStatus> list(String namespace) {
        return functions.values().stream()
                .filter(status -> status.deployment().namespace().equals(namespace))
                .sorted(Comparator.comparing(status -> status.deployment().service()))
                .toList();
    }

    @Override
    public Optional<FunctionStatus> status(FunctionName function) {
        return Optional.ofNullable(functions.get(function));
    }

    @Override
    public Optional<List<URI>> replicas(FunctionName function) {
        return status(function).map(status -> replicas.getOrDefault(function, List.of()));
    }

    @Override
    public void onChange(Consumer<FunctionName> listener) {
        listeners.add(listener);
    }

    @Override
    public Flow.Publisher<LogLine> logs(FunctionName function, LogQuery query) {
        existing(function);
        return log(function).read(query);
    }

    /** What the function's replicas wrote: tests write it. */
    public LogRing log(FunctionName function) {
        return logs.computeIfAbsent(function, name -> new LogRing(name, () -> clock.instant()));
    }

    /** By which lines of the log are written from now on. */
    public void clock(InstantSource newClock) {
        clock = newClock;
    }

    @Override
    public void close() {
        logs.values().forEach(LogRing::close);
    }

    private FunctionStatus existing(FunctionName function) {
        return status(function)
                .orElseThrow(() -> new ProviderException(
                        ProviderException.Code.NOT_FOUND, "function \"" + function + "\" not found"));
    }

    private static FunctionStatus started(FunctionDeployment deployment) {
        return new FunctionStatus(deployment, deployment.minimumReplicas(), deployment.minimumReplicas(), CREATED);
    }

    private static void refuseWhatCannotRun(FunctionDeployment deployment) {
        if (deployment.image().equals("cannot-run:1")) {
            throw new ProviderException(
                    ProviderException.Code.INVALID, "cannot run image \"cannot-run:1\": set envProcess");
        }
    }
}
