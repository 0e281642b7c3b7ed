package dev.caravan.provider.engine;

import dev.caravan.provider.LogRing;
import dev.caravan.provider.ProviderException;
import java.io.Closeable;
import java.net.URI;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks replicas whether they can take calls, and reads what they write. */
public final class ReplicaWatch {

    /** How an engine is asked for what a replica writes. */
    public interface Output {

        /**
         * Reads from now on, and the last lines before.
         *
         * @param lines as in {@link LineReader}
         * @param ended told once when nothing more comes
         */
        Closeable follow(String id, int tail, Consumer<String> lines, Runnable ended);
    }

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaWatch.class);

    private static final int KEPT_LINES = 1_000;

    private final Probe probe;
    private final Output output;

    public ReplicaWatch(Executor threads, Output output) {
        this.probe = new Probe(threads);
        this.output = output;
    }

    /** Finds out whether it takes calls there. @param refresh told when it has become or ceased to be ready */
    public void ask(Replica replica, URI address, Runnable refresh) {
        if (!replica.beginProbe()) {
            return;
        }
        probe.isReady(address, replica.revision()).thenAccept(yes -> {
            replica.endProbe();
            if (replica.ready(yes ? Optional.of(address) : Optional.empty())) {
                refresh.run();
            }
            if (!yes && replica.trouble().isEmpty()) {
                replica.trouble("its container does not answer on port " + FunctionContainer.PORT);
            }
        });
    }

    /** The engine cannot be asked: whether a replica still answers is all that can be known. */
    public void doubt(Replica replica, Runnable refresh) {
        replica.ready().ifPresent(address -> ask(replica, address, refresh));
    }

    /** Reads what it writes until that ends; nothing happens when that is being done. */
    public void read(Replica replica, LogRing log) {
        if (!replica.beginReading()) {
            return;
        }
        try {
            replica.reads(output.follow(replica.id(), KEPT_LINES, line -> keep(replica, line, log), replica::close));
        } catch (ProviderException e) {
            replica.close();
            LOG.debug("the output of {} cannot be read now", replica.instance(), e);
        }
    }

    /** A process that was started again has the lines of the one before it ahead of its own. */
    private static void keep(Replica replica, String line, LogRing log) {
        int space = line.indexOf(' ');
        try {
            Instant written = Instant.parse(line.substring(0, Math.max(0, space)));
            if (replica.isNews(written)) {
                log.add(replica.instance(), written, line.substring(space + 1));
            }
        } catch (DateTimeParseException e) {
            log.add(replica.instance(), line); // the rest of one that was too long for the engine
        }
    }
}
