package dev.caravan.provider.process;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** One of the processes (or servers of processes) that answer a function's calls. */
interface Replica {

    /** @throws IOException when there is no port for it */
    void start() throws IOException;

    /** Where it takes calls now; empty while it cannot. */
    Optional<URI> ready();

    /** The ids of the process groups in which it runs the function now; none when it does not. */
    Set<Long> groups();

    /** Why it is not ready, in a few words; empty when nothing is known. */
    Optional<String> trouble();

    /** Finishes what runs, but for no longer than {@code limit}, and ends. Nobody sends it new calls any more. */
    void finish(Duration limit) throws InterruptedException;

    /** Ends at once. */
    void kill();
}
