package dev.caravan.watchdog;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
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
import org.jspecify.annotations.Nullable;

/**
 * The classic watchdog: an HTTP server that answers each request by a process of its own.
 *
 * <p>Requests, environment and results are those of the OpenFaaS classic watchdog (contract section 6), except that a
 * call that is ended takes everything it started with it, and a client that leaves ends its call. {@code GET
 * /_/health} tells whether it serves.
 *
 * <p>Every call holds up to four threads of the platform, never virtual ones: the JDK reads a process's pipes with
 * blocking reads that occupy the carrier, and some 256 functions that hang would stop all virtual threads of the JVM
 * (seen on JDK 25).
 */
public final class Watchdog implements AutoCloseable {

    private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "PATCH", "DELETE");
    private static final String HEALTH = "/_/health";
    private static final int BACKLOG = 1024;

    static {
        // Read once when the JDK's server is first used. Without it the second packet of an answer waits for the
        // client's delayed acknowledgement: 40 ms per call.
        if (System.getProperty("sun.net.httpserver.nodelay") == null) {
            System.setProperty("sun.net.httpserver.nodelay", "true");
        }
    }

    private final Map<String, String> environment;
    private final WatchdogSettings settings;
    private final Place place;
    private final FunctionLog log;
    private final RunningCalls running;
    private final ExecutorService threads;
    private @Nullable HttpServer server;

    /**
     * @param environment the settings ({@code fprocess}, {@code exec_timeout} …) and at once all the function inherits
     * @param directory where the process runs; relative commands start there
     * @throws IllegalArgumentException when {@code fprocess} is missing
     */
    public Watchdog(Map<String, String> environment, Path directory, FunctionLog log) {
        this(environment, Place.in(directory), log);
    }

    /**
     * @param environment the settings ({@code fprocess}, {@code exec_timeout} …) and at once all the function inherits
     * @param place where the process runs; relative commands start there
     * @throws IllegalArgumentException when {@code fprocess} is missing
     */
    public Watchdog(Map<String, String> environment, Place place, FunctionLog log) {
        this.environment = Map.copyOf(environment);
        this.settings = WatchdogSettings.from(environment);
        this.place = place;
        this.log = log;
        this.running = new RunningCalls(settings.maxInflight());
        this.threads = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), Watchdog::thread);
    }

    /**
     * Serves on the loopback address.
     *
     * @param port 0 for a free one
     * @return where it is to be called
     */
    public synchronized URI start(int port) throws IOException {
        HttpServer started = HttpServer.create(
                new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), BACKLOG);
        started.setExecutor(threads);
        ClientWatch clients = new ClientWatch(started.getAddress().getPort());
        started.createContext("/", exchange -> handle(exchange, clients));
        started.start();
        server = started;
        return URI.create("http://127.0.0.1:" + started.getAddress().getPort());
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
        return settings.writeTimeout();
    }

    /**
     * Waits until no call runs; new ones are still taken.
     *
     * @return whether none did within {@code limit}
     */
    public boolean awaitIdle(Duration limit) throws InterruptedException {
        return running.awaitNone(limit);
    }

    /** Ends the processes of the calls that run, and the server. */
    @Override
    public synchronized void close() {
        running.endAll();
        if (server != null) {
            server.stop(0);
        }
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange, ClientWatch clients) throws IOException {
        try (exchange) {
            if (HEALTH.equals(exchange.getRequestURI().getPath())) {
                health(exchange);
            } else if (!METHODS.contains(exchange.getRequestMethod())) {
                exchange.sendResponseHeaders(405, -1);
            } else if (running.begin()) {
                call(exchange, clients);
            } else {
                Answer.internal(
                        exchange,
                        429,
                        "faas-middleware",
                        "Concurrent request limit exceeded. Max concurrent requests: " + settings.maxInflight());
            }
        }
    }

    private void call(HttpExchange exchange, ClientWatch clients) throws IOException {
        try {
            new ForkedCall(exchange, clients, settings, running, threads, log).run(environment, place);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the watchdog closes, and the connection with it
        } catch (RuntimeException e) {
            log.line("call failed: " + e);
            Answer.internal(exchange, 500, "watchdog", "the watchdog failed; see its log");
        } finally {
            running.end();
        }
    }

    private static void health(HttpExchange exchange) throws IOException {
        if (exchange.getRequestMethod().equals("GET")) {
            Answer.text(exchange, 200, "OK");
        } else {
            exchange.sendResponseHeaders(405, -1);
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "caravan-watchdog");
        thread.setDaemon(true);
        return thread;
    }
}
