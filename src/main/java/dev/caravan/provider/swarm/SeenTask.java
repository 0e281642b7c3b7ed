package dev.caravan.provider.swarm;

import java.net.URI;
import java.util.Optional;

/**
 * A replica of a service as the engine told of it last.
 *
 * @param container empty while there is none
 * @param local whether it runs on the engine that is asked
 * @param running whether its process is there now
 * @param trouble why it does not run, in the engine's words; empty when nothing is wrong
 * @param address where its port 8080 is reached; empty while it does not run
 */
record SeenTask(
        String id,
        String service,
        String container,
        boolean local,
        boolean running,
        Optional<String> trouble,
        Optional<URI> address) {}
