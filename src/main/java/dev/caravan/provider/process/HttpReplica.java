package dev.caravan.provider.process;

import dev.caravan.watchdog.FunctionLog;
import dev.caravan.watchdog.Place;
import dev.caravan.watchdog.SupervisedProcess;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A process that speaks HTTP itself; calls go straight to it. */
final class HttpReplica implements Replica {

    private final SupervisedProcess process;
    private volatile Optional<URI> ready = Optional.empty();

    /** @param changed told after each change of {@link #ready} */
    HttpReplica(String command, Map<String, String> environment, Place place, FunctionLog log, Runnable changed) {
        this.process = new SupervisedProcess(command, environment, place, log, where -> {
            ready = where;
            changed.run();
        });
    }

    @Override
    public void start() {
        process.start();
    }

    @Override
    public Optional<URI> ready() {
        return ready;
    }

    @Override
    public Set<Long> groups() {
        return process.groups();
    }

    @Override
    public Optional<String> trouble() {
        return process.trouble();
    }

    @Override
    public void finish(Duration limit) throws InterruptedException {
        process.stop(limit);
    }

    @Override
    public void kill() {
        process.close();
    }
}
