package dev.caravan.watchdog;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A watchdog that is alone in its container: with its lock file, its metrics and its end (contract section 6.4). */
final class Standalone implements AutoCloseable {

    /** Whoever stops a container has a limit of its own. */
    private static final Duration FOR_EVER = Duration.ofDays(1);

    private static final Duration METRICS_LIMIT = Duration.ofSeconds(30);

    private final Watchdog watchdog;
    private final WatchdogSettings settings;
    private final LockFile lock;
    private final FunctionLog log;
    private final Metrics metrics;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private int port;
    private int metricsPort;
    private @Nullable HttpListener metricsListener;

    /**
     * @param environment of this process, all of which the function inherits
     * @param startTime of this process, in seconds since 1970
     * @param functionFailed told the exit status of a process of mode http that ended with an error: nothing is left that
     *     could answer
     * @throws IllegalArgumentException when it cannot run so; the message is one readable line
     */
    Standalone(Map<String, String> environment, FunctionLog log, double startTime, IntConsumer functionFailed) {
        this.lock = LockFile.of(environment);
        this.log = log;
        this.metrics = new Metrics(startTime);
        this.watchdog = new Watchdog(
                environment,
                Place.in(Path.of("").toAbsolutePath()),
                log,
                this::isHealthy,
                metrics,
                status -> functionEnded(status, functionFailed));
        this.settings = watchdog.settings();
    }

    /**
     * Serves on every address.
     *
     * @throws IOException when it cannot; the message is one readable line
     */
    void start(String version) throws IOException {
        WatchdogSettings.Timeouts timeouts = settings.timeouts();
        log.line("Version: " + version);
        log.line("Watchdog mode: " + settings.mode() + " fprocess: \"" + String.join(" ", settings.command()) + "\"");
        log.line("Timeouts: read: " + WatchdogSettings.said(timeouts.read())
                + " write: " + WatchdogSettings.said(timeouts.write())
                + " hard: " + WatchdogSettings.said(timeouts.exec())
                + " health: " + WatchdogSettings.said(timeouts.health()));
        port = watchdog.start(new InetSocketAddress(settings.port()));
        log.line("Listening on port: " + port);
        startMetrics();
        if (settings.suppressLock()) {
            log.line("Warning: no lock file is written, so /_/health answers 503 unless somebody else writes "
                    + lock.path());
        } else {
            log.line("Writing lock-file to: " + lock.path());
            lock.create();
        }
    }

    /** A function that nobody can measure is still a function. */
    private void startMetrics() {
        Executor threads = work -> {
            Thread thread = new Thread(work, "caravan-metrics");
            thread.setDaemon(true);
            thread.start();
        };
        try {
            HttpListener listener = new HttpListener(
                    new InetSocketAddress(settings.metricsPort()),
                    threads,
                    METRICS_LIMIT,
                    METRICS_LIMIT,
                    this::measure);
            metricsListener = listener;
            listener.start();
            metricsPort = listener.port();
            log.line("Metrics listening on port: " + metricsPort);
        } catch (IOException e) {
            log.line("No metrics: " + e.getMessage());
        }
    }

    private void measure(Exchange exchange) throws IOException {
        if (!exchange.path().equals("/metrics")) {
            exchange.text(404, "404 page not found\n");
            return;
        }
        byte[] text = metrics.text().getBytes(StandardCharsets.UTF_8);
        exchange.answerHeaders().set("Content-Type", Metrics.CONTENT_TYPE);
        try (BodyOutput body = exchange.answer(200, text.length)) {
            body.write(text);
        }
    }

    int port() {
        return port;
    }

    /** Zero when nobody can be measured. */
    int metricsPort() {
        return metricsPort;
    }

    private boolean isHealthy() {
        return stopping.getCount() > 0 && lock.exists();
    }

    private void functionEnded(int status, IntConsumer functionFailed) {
        if (status != 0 && closed.getCount() > 0) {
            functionFailed.accept(status);
        }
    }

    /**
     * Health fails at once; after a while for others to see that no new requests are taken, and those that run may end.
     * Blocks meanwhile.
     */
    void stop() throws InterruptedException {
        WatchdogSettings.Timeouts timeouts = settings.timeouts();
        stopping.countDown();
        log.line("SIGTERM: no new connections in " + WatchdogSettings.said(timeouts.health()));
        removeLock();
        watchdog.terminateFunction();
        closed.await(timeouts.health().toNanos(), TimeUnit.NANOSECONDS);
        log.line("No new connections allowed, draining: " + watchdog.running() + " requests");
        watchdog.refuse();
        watchdog.awaitIdle(timeouts.write().isZero() ? FOR_EVER : timeouts.write());
        log.line("Exiting. Active connections: " + watchdog.running());
        close();
    }

    private void removeLock() {
        if (!settings.suppressLock()) {
            log.line("Removing lock-file : " + lock.path());
            try {
                lock.delete();
            } catch (IOException e) {
                log.line("cannot remove the lock file: " + e);
            }
        }
    }

    /** Ends everything at once. */
    @Override
    public void close() {
        closed.countDown();
        watchdog.close();
        if (metricsListener != null) {
            metricsListener.close();
        }
    }
}
