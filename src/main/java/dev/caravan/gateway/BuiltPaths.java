package dev.caravan.gateway;

import dev.caravan.function.BuiltFunction;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionStatus;
import dev.caravan.provider.FunctionProvider;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Functions that were built here, by the paths under which they can be called besides their names, and the verbs that they
 * take. It is told of every change, so that a call costs a look into a map. A name wins over a path.
 */
public final class BuiltPaths implements Consumer<FunctionName> {

    /**
     * Where a call goes.
     *
     * @param path raw, by the function's name
     * @param methods the verbs that the function takes; all when empty
     */
    record Target(String path, Set<String> methods) {}

    private static final String SYNCHRONOUS = "/function/";
    private static final String ASYNCHRONOUS = "/async-function/";

    private final FunctionProvider provider;
    private final String defaultNamespace;
    private final Map<FunctionName, BuiltFunction> built = new ConcurrentHashMap<>();
    private final Map<String, FunctionName> byPath = new ConcurrentHashMap<>();

    /** @param defaultNamespace of functions whose name says none; only these have a path */
    public BuiltPaths(FunctionProvider provider, String defaultNamespace) {
        this.provider = provider;
        this.defaultNamespace = defaultNamespace;
    }

    /** Knows what is deployed, and whatever changes from now on. */
    public void start() {
        provider.onChange(this);
        provider.namespaces().list().stream()
                .flatMap(namespace -> provider.list(namespace.name()).stream())
                .map(status -> status.deployment().function())
                .forEach(this);
    }

    /** Looks at one function again. */
    @Override
    public synchronized void accept(FunctionName name) {
        Optional<BuiltFunction> now =
                provider.status(name).map(FunctionStatus::deployment).flatMap(BuiltFunction::of);
        BuiltFunction before = now.isPresent() ? built.put(name, now.get()) : built.remove(name);
        if (before != null && now.filter(before::equals).isEmpty()) {
            byPath.remove(before.path(), name);
        }
        if (name.namespace().equals(defaultNamespace)) {
            now.filter(each -> !each.path().equals(name.name())).ifPresent(each -> byPath.put(each.path(), name));
        }
    }

    /**
     * Where a call of a function goes that is known here; empty for all others.
     *
     * @param path raw
     */
    Optional<Target> find(String verb, String path) {
        if (built.isEmpty() || !FunctionPath.isCall(path)) {
            return Optional.empty();
        }
        String door = path.startsWith(SYNCHRONOUS) ? SYNCHRONOUS : ASYNCHRONOUS;
        if (FunctionPath.callId(verb, path).isPresent()) {
            return Optional.empty();
        }
        Optional<FunctionPath> named = FunctionPath.of(path, defaultNamespace);
        FunctionName name = named.map(FunctionPath::function)
                .filter(each -> provider.replicas(each).isPresent())
                .orElse(null);
        if (name != null) {
            BuiltFunction known = built.get(name);
            return known == null ? Optional.empty() : Optional.of(new Target(path, takes(door, known)));
        }
        int slash = path.indexOf('/', door.length());
        String segment = path.substring(door.length(), slash < 0 ? path.length() : slash);
        FunctionName other = byPath.get(segment);
        if (other == null) {
            return Optional.empty();
        }
        String rest = slash < 0 ? "" : path.substring(slash);
        return Optional.ofNullable(built.get(other))
                .map(known -> new Target(door + other.name() + rest, takes(door, known)));
    }

    /** A queued call is always posted; which verb runs it is not the caller's choice. */
    private static Set<String> takes(String door, BuiltFunction function) {
        return door.equals(SYNCHRONOUS) ? function.methods() : Set.of();
    }
}
