package dev.caravan.provider.process;

import dev.caravan.watchdog.FunctionLog;
import dev.caravan.watchdog.Place;
import dev.caravan.watchdog.Watchdog;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A server of ours before the function, which starts a process for each call as a rule. It is ready as soon as it listens. */
final class WatchdogReplica implements Replica {

    private final Watchdog watchdog;
    private volatile Optional<URI> ready = Optional.empty();

    WatchdogReplica(Map<String, String> environment, Place place, FunctionLog log) {
        this.watchdog = new Watchdog(environment, place, log);
    }

    @Override
    public void start() throws IOException {
        ready = Optional.of(watchdog.start(0));
    }

    @Override
    public Optional<URI> ready() {
        return ready;
    }

    @Override
    public Set<Long> groups() {
        return watchdog.groups();
    }

    @Override
    public Optional<String> trouble() {
        return Optional.empty();
    }

    @Override
    public void finish(Duration limit) throws InterruptedException {
        try {
            watchdog.awaitIdle(limit);
        } finally {
            watchdog.close();
        }
    }

    @Override
    public void kill() {
        watchdog.close();
    }
}
