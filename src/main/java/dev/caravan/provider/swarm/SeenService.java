package dev.caravan.provider.swarm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.provider.engine.Revision;
import dev.caravan.provider.engine.Seen;

/**
 * A service of ours as the engine told of it last.
 *
 * @param version of its specification; whoever changes it must name it
 * @param spec all that the engine knows of it, to be sent back changed
 */
record SeenService(String id, long version, Revision revision, JsonNode spec) implements Seen {

    private JsonNode label(String name) {
        return spec.path("Labels").path(name);
    }

    /** How many replicas were asked for; what runs may follow a little later. */
    int replicas() {
        return label(ServicePlan.REPLICAS).asInt(running());
    }

    /** How many the engine sees to. */
    int running() {
        return spec.path("Mode").path("Replicated").path("Replicas").asInt(0);
    }

    @Override
    public boolean retires() {
        return label(ServicePlan.RETIRES).asBoolean(false);
    }
}
