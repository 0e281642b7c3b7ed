package dev.caravan.watchdog;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a long-lived function process running: one that speaks HTTP itself, on the loopback port it finds in
 * {@code PORT}.
 *
 * <p>It is ready once its port takes connections. When it ends without having been told to, what is left of its group
 * is ended too and it is started again, on another port, after 0.1 s, then 0.2 s … up to 30 s; a process that ran for
 * 30 s starts again at 0.1 s.
 */
public final class SupervisedProcess implements AutoCloseable {

    private static final Duration FIRST_PROBE = Duration.ofMillis(10);
    private static final Duration SLOWEST_PROBE = Duration.ofMillis(250);
    private static final Duration SAY_SO = Duration.ofSeconds(10);

    private final List<String> command;
    private final Map<String, String> environment;
    private final Place place;
    private final FunctionLog log;
    private final Consumer<Optional<URI>> readiness;
    private final CountDownLatch told = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable ProcessGroup current;
    private volatile @Nullable String trouble;

    /**
     * @param command split at single spaces, like {@code fprocess}
     * @param environment all the process gets, besides {@code PORT}
     * @param place where the process runs; a relative command starts there
     * @param readiness told where the process is to be called each time it becomes ready, and empty when it is not any
     *     more; by one thread
     */
    public SupervisedProcess(
            String command,
            Map<String, String> environment,
            Place place,
            FunctionLog log,
            Consumer<Optional<URI>> readiness) {
        this.command = List.of(command.split(" "));
        this.environment = Map.copyOf(environment);
        this.place = place;
        this.log = log;
        this.readiness = readiness;
        this.thread = new Thread(this::supervise, "caravan-supervisor");
        this.thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    /** Why it is not ready, in a few words; empty while it is, and before it was started. */
    public Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    /** The id of its process group; none while it does not run. */
    public Set<Long> groups() {
        ProcessGroup group = current;
        return group == null ? Set.of() : Set.of(group.process().pid());
    }

    /**
     * Asks the process to end (SIGTERM to its group), and ends it when it has not after {@code grace} (SIGKILL).
     * Blocks meanwhile.
     */
    public void stop(Duration grace) throws InterruptedException {
        told.countDown();
        ProcessGroup group = current;
        if (group != null) {
            group.terminate();
            boolean ended = group.process().waitFor(grace.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                log.line("did not end within " + grace.toMillis() + " ms after SIGTERM: killed");
            }
            group.kill(); // its children, too, when it has ended itself
        }
        thread.join(TimeUnit.SECONDS.toMillis(5));
    }

    /** Ends the process at once. */
    @Override
    public void close() {
        told.countDown();
        ProcessGroup group = current;
        if (group != null) {
            group.kill();
        }
    }

    private void supervise() {
        Backoff backoff = new Backoff();
        try {
            while (!isTold()) {
                long begin = System.nanoTime();
                runOnce();
                if (!isTold()) {
                    Duration wait = backoff.after(Duration.ofNanos(System.nanoTime() - begin));
                    log.line("starts again in " + wait.toMillis() + " ms");
                    told.await(wait.toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** From its start to its end. */
    private void runOnce() throws InterruptedException {
        ProcessGroup group;
        int port;
        try {
            port = freePort();
            Map<String, String> variables = new HashMap<>(environment);
            variables.put("PORT", Integer.toString(port));
            group = ProcessGroup.start(command, variables, place, true);
        } catch (IOException | IllegalArgumentException e) { // the latter for an environment that cannot be
            trouble = String.valueOf(e.getMessage());
            log.line(trouble);
            return;
        }
        current = group;
        if (isTold()) {
            group.kill(); // stop() came in between and has not seen it
        }
        try {
            startLog(group);
            if (trouble == null) { // what ended the last one says more
                trouble = "its process does not listen on 127.0.0.1:" + port + " yet; the port is in PORT";
            }
            if (awaitListening(group.process(), port)) {
                trouble = null;
                readiness.accept(Optional.of(URI.create("http://127.0.0.1:" + port)));
                group.process().waitFor();
            }
            trouble = "its process ended by itself, exit status "
                    + group.process().exitValue();
        } finally {
            readiness.accept(Optional.empty());
            if (!isTold()) {
                log.line("ended by itself, exit status " + group.process().waitFor());
                group.kill();
                current = null; // its id may be somebody else's soon
            }
        }
    }

    private void startLog(ProcessGroup group) {
        Thread reader = new Thread(
                () -> {
                    try {
                        group.process().getOutputStream().close();
                        OutputLines.copy(group.process().getInputStream(), log);
                    } catch (IOException e) {
                        log.line("log ends: " + e.getMessage());
                    }
                },
                "caravan-function-log");
        reader.setDaemon(true);
        reader.start();
    }

    /** Whether the port takes connections; false when the process ended first. */
    private boolean awaitListening(Process process, int port) throws InterruptedException {
        long begin = System.nanoTime();
        boolean said = false;
        Duration pause = FIRST_PROBE;
        while (!listens(port)) {
            if (process.waitFor(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                return false;
            }
            if (!said && System.nanoTime() - begin > SAY_SO.toNanos()) {
                log.line("does not listen on 127.0.0.1:" + port + " yet; the port is in PORT");
                said = true;
            }
            Duration doubled = pause.multipliedBy(2);
            pause = doubled.compareTo(SLOWEST_PROBE) > 0 ? SLOWEST_PROBE : doubled;
        }
        return process.isAlive();
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
            // While nobody listens, a connection may get that very port as its own and so reach itself.
            return socket.getLocalPort() != port;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean isTold() {
        return told.getCount() == 0;
    }

    /** Another one each time: the old one may be somebody else's by now. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            return socket.getLocalPort();
        }
    }
}
