package dev.caravan.provider;

import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionStatus;
import dev.caravan.function.SecretName;
import dev.caravan.provider.FunctionProvider.LogLine;
import dev.caravan.provider.ProviderException.Code;
import java.net.URI;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * What a provider has deployed, and who wants to be told of changes: all that it answers from what it last knew, in the
 * terms of {@link FunctionProvider}. For any thread.
 *
 * @param <F> a function as this provider runs it
 */
public final class DeployedFunctions<F extends DeployedFunctions.Deployed> {

    /** One function; nothing here waits. */
    public interface Deployed {

        FunctionStatus status();

        /** The replicas that take calls; made anew at each change, not at each call. */
        Optional<List<URI>> ready();

        LogRing log();

        /** Why a replica is not ready, in a few words. */
        Optional<String> obstacle();
    }

    private final Map<FunctionName, F> functions = new ConcurrentHashMap<>();
    private final List<Consumer<FunctionName>> listeners = new CopyOnWriteArrayList<>();

    public void onChange(Consumer<FunctionName> listener) {
        listeners.add(listener);
    }

    /** Tells whoever listens that a function's replicas are others now. */
    public void changed(FunctionName name) {
        listeners.forEach(listener -> listener.accept(name));
    }

    public void put(FunctionName name, F function) {
        functions.put(name, function);
    }

    public void remove(FunctionName name) {
        functions.remove(name);
    }

    public void clear() {
        functions.clear();
    }

    public int size() {
        return functions.size();
    }

    public Collection<F> all() {
        return functions.values();
    }

    public Map<FunctionName, F> byName() {
        return Map.copyOf(functions);
    }

    /** @throws ProviderException {@code EXISTS} */
    public void requireAbsent(FunctionName name) {
        if (functions.containsKey(name)) {
            throw new ProviderException(Code.EXISTS, "function \"" + name + "\" is there already; update it");
        }
    }

    /** @throws ProviderException {@code NOT_FOUND} */
    public F require(FunctionName name) {
        F function = functions.get(name);
        if (function == null) {
            throw new ProviderException(Code.NOT_FOUND, "function \"" + name + "\" is not deployed");
        }
        return function;
    }

    public List<FunctionStatus> list(String namespace) {
        return functions.entrySet().stream()
                .filter(entry -> entry.getKey().namespace().equals(namespace))
                .sorted(Comparator.comparing(entry -> entry.getKey().name()))
                .map(entry -> entry.getValue().status())
                .toList();
    }

    public Optional<FunctionStatus> status(FunctionName name) {
        return Optional.ofNullable(functions.get(name)).map(Deployed::status);
    }

    /** On the path of every call. */
    public Optional<List<URI>> replicas(FunctionName name) {
        F function = functions.get(name);
        return function == null ? Optional.empty() : function.ready();
    }

    public Optional<String> obstacle(FunctionName name) {
        return Optional.ofNullable(functions.get(name)).flatMap(Deployed::obstacle);
    }

    /** @throws ProviderException {@code NOT_FOUND} */
    public Flow.Publisher<LogLine> logs(FunctionName name, LogQuery query) {
        return require(name).log().read(query);
    }

    /** Those that ask for a secret. */
    public void forEachWith(SecretName secret, BiConsumer<FunctionName, F> what) {
        functions.forEach((name, function) -> {
            if (name.namespace().equals(secret.namespace())
                    && function.status().deployment().secrets().contains(secret.name())) {
                what.accept(name, function);
            }
        });
    }

    /** What a namespace holds, e.g. {@code functions 2, secrets 1}; empty when it may go. */
    public Optional<String> occupants(String namespace, int secrets) {
        int here = list(namespace).size();
        return here == 0 && secrets == 0 ? Optional.empty() : Optional.of("functions " + here + ", secrets " + secrets);
    }
}
