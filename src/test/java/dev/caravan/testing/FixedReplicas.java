package dev.caravan.testing;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionStatus;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.LogQuery;
import dev.caravan.provider.Namespaces;
import dev.caravan.provider.Secrets;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import java.util.function.Consumer;

/** A provider that only knows where its replicas are. */
public final class FixedReplicas implements FunctionProvider {

    private final Map<FunctionName, List<URI>> replicas = new ConcurrentHashMap<>();

    public FixedReplicas with(String name, URI... uris) {
        replicas.put(new FunctionName(name, "openfaas-fn"), List.of(uris));
        return this;
    }

    @Override
    public Optional<List<URI>> replicas(FunctionName function) {
        return Optional.ofNullable(replicas.get(function));
    }

    @Override
    public Identity identity() {
        return new Identity("fixed", "none", "0");
    }

    @Override
    public Health check() {
        return new Health(true, "always there");
    }

    @Override
    public void start() {}

    @Override
    public void deploy(FunctionDeployment deployment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void update(FunctionDeployment deployment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void delete(FunctionName function) {
        replicas.remove(function);
    }

    @Override
    public void scale(FunctionName function, int wanted) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<FunctionStatus> list(String namespace) {
        return List.of();
    }

    @Override
    public Optional<FunctionStatus> status(FunctionName function) {
        return Optional.empty();
    }

    @Override
    public Flow.Publisher<LogLine> logs(FunctionName function, LogQuery query) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void onChange(Consumer<FunctionName> listener) {}

    @Override
    public Secrets secrets() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Namespaces namespaces() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
