package dev.caravan.provider.docker;

import dev.caravan.provider.docker.ContainerName.Fate;
import dev.caravan.provider.engine.Replica;
import dev.caravan.provider.engine.Revision;
import dev.caravan.provider.engine.Seen;
import java.net.URI;
import java.util.Optional;

/**
 * A container of ours as the engine told of it last.
 *
 * @param running whether its process is there now
 * @param restarting whether the engine will start it again by itself
 * @param address where its port 8080 is reached; empty while it does not run
 */
record SeenContainer(
        String id, ContainerName name, Revision revision, boolean running, boolean restarting, Optional<URI> address)
        implements Seen {

    @Override
    public boolean retires() {
        return name.fate() == Fate.RETIRES;
    }

    Replica replica() {
        return new Replica(id, name.instance(), revision);
    }
}
