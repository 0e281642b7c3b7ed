package dev.caravan.telemetry;

import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionScope;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which events a client wants.
 *
 * @param function only this one's; null for everybody's
 * @param namespace only what is in it; null for all
 * @param among only of these functions; what is not of a function is left out unless these are all
 */
public record EventFilter(
        Set<Event.Type> types,
        @Nullable FunctionName function,
        @Nullable String namespace,
        FunctionScope among) {

    public EventFilter {
        types = Set.copyOf(types);
    }

    /** Of all functions. */
    public EventFilter(Set<Event.Type> types, @Nullable FunctionName function, @Nullable String namespace) {
        this(types, function, namespace, FunctionScope.ALL);
    }

    /** Queues belong to no function, so only the type decides about them, and they are all functions' together. */
    boolean takes(Event event) {
        if (!types.contains(event.type())) {
            return false;
        }
        FunctionName whose = event.function();
        if (whose == null) {
            return event.type() == Event.Type.LOST || among.isAll();
        }
        return among.has(whose)
                && (function == null || function.equals(whose))
                && (namespace == null || namespace.equals(whose.namespace()));
    }
}
