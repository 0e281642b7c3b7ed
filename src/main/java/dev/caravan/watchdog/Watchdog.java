package dev.caravan.watchdog;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A server that stands before one function: it answers each request by a process of its own, by one process that speaks
 * HTTP, or by a file.
 *
 * <p>Variables, requests and results are those of OpenFaaS's two watchdogs (contract section 6), except that a call that
 * is ended takes everything it started with it, and a client that leaves ends its call. {@code GET /_/health} tells
 * whether it serves.
 *
 * <p>A connection holds a thread, and a call by a process of its own up to three more. They are threads of the platform,
 * never virtual ones: the JDK reads a process's pipes with blocking reads that occupy the carrier, and some 256
 * functions that hang would stop all virtual threads of the JVM (seen on JDK 25).
 */
public final class Watchdog implements AutoCloseable {

    private static final Set<String> CLASSIC_METHODS = Set.of("GET", "POST", "PUT", "PATCH", "DELETE");
    private static final String HEALTH = "/_/health";
    private static final String READY = "/_/ready";

    private final WatchdogSettings settings;
    private final FunctionLog log;
    private final BooleanSupplier healthy;
    private final Metrics metrics;
    private final RunningCalls running;
    private final ExecutorService threads;
    private final FunctionRunner runner;
    private final CallLog calls;
    private @Nullable HttpListener listener;

    /**
     * Tells whether a watchdog can run with these settings.
     *
     * @throws IllegalArgumentException when it cannot; the message is one readable line
     */
    public static void check(Map<String, String> environment) {
        WatchdogSettings.from(environment);
    }

    /**
     * @param environment the settings ({@code fprocess}, {@code exec_timeout} …) and at once all the function inherits
     * @param directory where the process runs; relative commands start there
     * @throws IllegalArgumentException when it cannot run so; the message is one readable line
     */
    public Watchdog(Map<String, String> environment, Path directory, FunctionLog log) {
        this(environment, Place.in(directory), log);
    }

    /**
     * @param environment the settings ({@code fprocess}, {@code exec_timeout} …) and at once all the function inherits
     * @param place where the process runs; relative commands start there
     * @throws IllegalArgumentException when it cannot run so; the message is one readable line
     */
    public Watchdog(Map<String, String> environment, Place place, FunctionLog log) {
        this(environment, place, log, () -> true, new Metrics(0), status -> {});
    }

    /**
     * @param healthy what {@code /_/health} says
     * @param ended told the exit status of the process of mode http when that ends
     */
    Watchdog(
            Map<String, String> environment,
            Place place,
            FunctionLog log,
            BooleanSupplier healthy,
            Metrics metrics,
            IntConsumer ended) {
        Map<String, String> inherited = Map.copyOf(environment);
        this.settings = WatchdogSettings.from(inherited);
        this.log = log;
        this.healthy = healthy;
        this.metrics = metrics;
        this.running = new RunningCalls(settings.maxInflight());
        this.threads = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), Watchdog::thread);
        this.calls = new CallLog(settings, log);
        this.runner = switch (settings.mode()) {
            case CLASSIC, STREAMING, SERIALIZING ->
                new ForkingRunner(inherited, settings, place, running, threads, log);
            case HTTP -> new HttpRunner(inherited, settings, place, threads, log, ended);
            case STATIC -> new StaticRunner(settings, log);
        };
    }

    /**
     * Serves on the loopback address.
     *
     * @param port 0 for a free one
     * @return where it is to be called
     */
    public URI start(int port) throws IOException {
        int found = start(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
        return URI.create("http://127.0.0.1:" + found);
    }

    /** @return the port */
    synchronized int start(InetSocketAddress address) throws IOException {
        HttpListener started = new HttpListener(
                address,
                threads,
                settings.timeouts().read(),
                settings.timeouts().write(),
                this::handle);
        listener = started;
        runner.start();
        started.start();
        return started.port();
    }

    WatchdogSettings settings() {
        return settings;
    }

    /** How many calls run now. */
    public int running() {
        return running.count();
    }

    /** The ids of the process groups of the calls that run now. */
    public Set<Long> groups() {
        return running.groups();
    }

    /** How long calls that run may take to end when nobody says otherwise ({@code write_timeout}). */
    public Duration drainTime() {
        return settings.timeouts().write();
    }

    /**
     * Waits until no call runs; new ones are still taken.
     *
     * @return whether none did within {@code limit}
     */
    public boolean awaitIdle(Duration limit) throws InterruptedException {
        return running.awaitNone(limit);
    }

    /** Tells a process of mode http to end. */
    void terminateFunction() {
        runner.terminate();
    }

    /** Takes no new requests; those that run go on. */
    synchronized void refuse() {
        if (listener != null) {
            listener.finish();
        }
    }

    /** Ends the processes of the calls that run, and the server. */
    @Override
    public synchronized void close() {
        if (listener != null) {
            listener.close(); // first: what is ended now is no answer
        }
        running.endAll();
        runner.close();
        threads.shutdownNow();
    }

    private void handle(Exchange exchange) throws IOException, InterruptedException {
        String path = exchange.path();
        if (path.equals(HEALTH)) {
            health(exchange);
        } else if (path.equals(READY) && settings.mode() != Mode.CLASSIC) {
            ready(exchange);
        } else {
            measured(exchange);
        }
    }

    private void measured(Exchange exchange) throws IOException, InterruptedException {
        metrics.begin();
        long begin = System.nanoTime();
        try {
            limited(exchange);
        } finally {
            metrics.end(exchange.method(), exchange.status(), System.nanoTime() - begin);
        }
    }

    private void limited(Exchange exchange) throws IOException, InterruptedException {
        if (settings.mode() == Mode.CLASSIC && !CLASSIC_METHODS.contains(exchange.method())) {
            exchange.empty(405);
        } else if (running.begin()) {
            try {
                call(exchange);
            } finally {
                running.end();
            }
        } else {
            exchange.internal(
                    429,
                    "faas-middleware",
                    "Concurrent request limit exceeded. Max concurrent requests: " + settings.maxInflight());
        }
    }

    private void call(Exchange exchange) throws IOException, InterruptedException {
        calls.came(exchange);
        try {
            runner.answer(exchange);
        } catch (RuntimeException e) {
            log.line("call failed: " + e);
            if (exchange.status() == 0) {
                exchange.internal(500, "watchdog", "the watchdog failed; see its log");
            }
        }
    }

    private void health(Exchange exchange) throws IOException {
        if (!exchange.method().equals("GET")) {
            exchange.empty(405);
        } else if (healthy.getAsBoolean()) {
            exchange.text(200, "OK");
        } else {
            exchange.empty(503);
        }
    }

    /** As health, and whether there is room for one more call, and what the function itself says. */
    private void ready(Exchange exchange) throws IOException, InterruptedException {
        if (!healthy.getAsBoolean()) {
            exchange.empty(503);
        } else if (running.isFull()) {
            exchange.empty(429);
        } else if (settings.readyPath().isEmpty()) {
            exchange.text(200, "OK");
        } else {
            exchange.redirect(settings.readyPath());
            runner.answer(exchange);
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "caravan-watchdog");
        thread.setDaemon(true);
        return thread;
    }
}
