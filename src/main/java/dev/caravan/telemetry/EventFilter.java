package dev.caravan.telemetry;

import dev.caravan.function.FunctionName;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which events a client wants.
 *
 * @param function only this one's; null for everybody's
 * @param namespace only what is in it; null for all
 */
public record EventFilter(
        Set<Event.Type> types,
        @Nullable FunctionName function,
        @Nullable String namespace) {

    public EventFilter {
        types = Set.copyOf(types);
    }

    /** Queues belong to no function, so only the type decides about them. */
    boolean takes(Event event) {
        if (!types.contains(event.type())) {
            return false;
        }
        FunctionName whose = event.function();
        return whose == null
                || (function == null || function.equals(whose))
                        && (namespace == null || namespace.equals(whose.namespace()));
    }
}
