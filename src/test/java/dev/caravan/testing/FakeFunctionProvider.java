package dev.caravan.testing;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionNamespace;
import dev.caravan.function.FunctionStatus;
import dev.caravan.function.SecretName;
import dev.caravan.function.Usage;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.LogQuery;
import dev.caravan.provider.LogRing;
import dev.caravan.provider.Namespaces;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.Secrets;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
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
    private final Map<FunctionName, Usage> usage = new ConcurrentHashMap<>();
    private final FakeNamespaces namespaces = new FakeNamespaces();
    private final FakeSecrets secrets = new FakeSecrets();
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

    /** From now on the function uses so much. */
    public void uses(FunctionName function, Usage much) {
        usage.put(function, much);
    }

    @Override
    public Map<FunctionName, Usage> usage(Collection<FunctionName> asked) {
        var known = new HashMap<>(usage);
        known.keySet().retainAll(asked);
        return known;
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
    public Secrets secrets() {
        return secrets;
    }

    @Override
    public Namespaces namespaces() {
        return namespaces;
    }

    /** A secret's value, as it would reach a function. */
    public String secret(String name, String namespace) {
        byte[] value = secrets.values.get(new SecretName(name, namespace));
        return new String(Objects.requireNonNull(value, name), StandardCharsets.UTF_8);
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

    private void refuseWhatCannotRun(FunctionDeployment deployment) {
        namespaces.require(deployment.namespace());
        for (String secret : deployment.secrets()) {
            if (!secrets.list(deployment.namespace()).contains(secret)) {
                throw new ProviderException(ProviderException.Code.INVALID, "secret \"" + secret + "\" does not exist");
            }
        }
        if (deployment.image().equals("cannot-run:1")) {
            throw new ProviderException(
                    ProviderException.Code.INVALID, "cannot run image \"cannot-run:1\": set envProcess");
        }
    }

    private final class FakeNamespaces implements Namespaces {

        private final Map<String, FunctionNamespace> known = new TreeMap<>();

        FakeNamespaces() {
            known.put("openfaas-fn", FunctionNamespace.named("openfaas-fn"));
        }

        @Override
        public List<FunctionNamespace> list() {
            return List.copyOf(known.values());
        }

        @Override
        public Optional<FunctionNamespace> get(String name) {
            return Optional.ofNullable(known.get(name));
        }

        @Override
        public void create(FunctionNamespace namespace) {
            if (known.putIfAbsent(namespace.name(), namespace) != null) {
                throw new ProviderException(
                        ProviderException.Code.CONFLICT, "namespace \"" + namespace.name() + "\" exists");
            }
        }

        @Override
        public void replace(FunctionNamespace namespace) {
            existing(namespace.name());
            known.put(namespace.name(), namespace);
        }

        @Override
        public void delete(String name) {
            existing(name);
            if (!FakeFunctionProvider.this.list(name).isEmpty()) {
                throw new ProviderException(ProviderException.Code.CONFLICT, "namespace \"" + name + "\" is not empty");
            }
            known.remove(name);
        }

        private void existing(String name) {
            if (!known.containsKey(name)) {
                throw new ProviderException(ProviderException.Code.NOT_FOUND, "namespace \"" + name + "\" not found");
            }
        }
    }

    private final class FakeSecrets implements Secrets {

        private final Map<SecretName, byte[]> values = new ConcurrentHashMap<>();

        @Override
        public List<String> list(String namespace) {
            namespaces.require(namespace);
            return values.keySet().stream()
                    .filter(secret -> secret.namespace().equals(namespace))
                    .map(SecretName::name)
                    .sorted()
                    .toList();
        }

        @Override
        public void create(SecretName secret, byte[] value) {
            namespaces.require(secret.namespace());
            if (values.putIfAbsent(secret, value) != null) {
                throw new ProviderException(ProviderException.Code.CONFLICT, "secret \"" + secret.name() + "\" exists");
            }
        }

        @Override
        public void replace(SecretName secret, byte[] value) {
            existing(secret);
            values.put(secret, value);
        }

        @Override
        public void delete(SecretName secret) {
            existing(secret);
            values.remove(secret);
        }

        @Override
        public byte[] value(SecretName secret) {
            existing(secret);
            return values.get(secret).clone();
        }

        private void existing(SecretName secret) {
            if (!values.containsKey(secret)) {
                throw new ProviderException(
                        ProviderException.Code.NOT_FOUND, "secret \"" + secret.name() + "\" not found");
            }
        }
    }
}
