package dev.caravan.provider.swarm;

import dev.caravan.provider.engine.Replica;
import dev.caravan.provider.engine.Revision;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The service of one revision of a function, and what is known of its replicas; for one thread at a time. */
final class Service {

    private final String id;
    private final Revision revision;
    private final long since = System.nanoTime();
    private final Map<String, Replica> replicas = new LinkedHashMap<>();
    private volatile @Nullable String trouble;

    Service(SeenService seen) {
        this.id = seen.id();
        this.revision = seen.revision();
    }

    String id() {
        return id;
    }

    Revision revision() {
        return revision;
    }

    /** Whether it was known before {@code moment}, by {@link System#nanoTime}. */
    boolean isOlderThan(long moment) {
        return since - moment < 0;
    }

    /** Those that the Swarm wants, oldest first. */
    Collection<Replica> replicas() {
        return replicas.values();
    }

    Replica replica(String task) {
        return replicas.computeIfAbsent(
                task, id -> new Replica(id, instance(revision.deployment().service(), id), revision));
    }

    /** {@code FUNCTION-TASK}, as it stands in the log. */
    static String instance(String function, String task) {
        return function + "-" + task.substring(0, Math.min(8, task.length()));
    }

    /** Why the last replica that ended did so; empty when none has. */
    Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    void trouble(String words) {
        trouble = words;
    }
}
