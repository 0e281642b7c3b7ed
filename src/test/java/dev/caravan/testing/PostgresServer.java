package dev.caravan.testing;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL on a loopback port, from Debian's package. It refuses to run as root, so root starts it as the user
 * {@code postgres} that the package makes.
 */
public final class PostgresServer implements AutoCloseable {

    public static final String USER = "caravan";
    public static final String PASSWORD = "s3cret of the database";

    private static final Path INSTALLED = Path.of("/usr/lib/postgresql");
    private static final String ACCOUNT = "postgres";
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private static @Nullable PostgresServer shared;

    private final Path folder;
    private final Path programs;
    private final int port;
    private final AtomicInteger databases = new AtomicInteger();
    private @Nullable Process process;

    private PostgresServer(Path programs) throws IOException {
        this.programs = programs;
        // Not a test's own folder: nobody but root may enter that.
        this.folder = Files.createTempDirectory("caravan-postgres");
        this.port = CaravanProcess.freePort();
    }

    /**
     * The one that the tests of this JVM share, each with a database of its own; ended with the JVM. Skips the test where
     * there is no PostgreSQL; fails it when {@code VERIFY_REQUIRE_ALL=true}.
     */
    public static synchronized PostgresServer shared() {
        if (shared == null) {
            shared = start();
        }
        return shared;
    }

    /** One of a test's own, to be stopped and started again. Skips or fails as {@link #shared}. */
    public static PostgresServer start() {
        Path programs = programs().orElseGet(() -> {
            String reason = "SKIPPED: no PostgreSQL below " + INSTALLED + ", so nothing was tried on one;"
                    + " Debian's package is postgresql";
            if ("true".equals(System.getenv("VERIFY_REQUIRE_ALL"))) {
                return fail(reason);
            }
            return abort(reason);
        });
        try {
            var server = new PostgresServer(programs);
            Runtime.getRuntime().addShutdownHook(new Thread(server::close));
            server.initialise();
            server.restart();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Path> programs() {
        if (!Files.isDirectory(INSTALLED)) {
            return Optional.empty();
        }
        try (Stream<Path> versions = Files.list(INSTALLED)) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                    .max(Comparator.naturalOrder());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void initialise() throws IOException {
        Path password = Files.writeString(folder.resolve("password"), PASSWORD);
        own(folder);
        own(password);
        // Nothing is synced: these tests kill processes, they do not cut the power.
        Process initdb = asAccount(
                "initdb",
                "--pgdata=" + folder.resolve("data"),
                "--username=" + USER,
                "--pwfile=" + password,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync");
        try {
            if (!initdb.waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS) || initdb.exitValue() != 0) {
                throw new AssertionError("initdb failed:\n" + output());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private void own(Path path) throws IOException {
        if (root()) {
            Files.setOwner(
                    path, path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(ACCOUNT));
        }
    }

    private static boolean root() {
        return "root".equals(System.getProperty("user.name"));
    }

    private Process asAccount(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        if (root()) {
            command.addAll(List.of("setpriv", "--reuid=" + ACCOUNT, "--regid=" + ACCOUNT, "--clear-groups"));
        }
        command.add(programs.resolve(program).toString());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("output").toFile()))
                .start();
    }

    /** Starts it on what it had, and returns once it answers. */
    public void restart() throws IOException {
        Process started = asAccount(
                "postgres",
                "-D",
                folder.resolve("data").toString(),
                "-p",
                Integer.toString(port),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
                "-c",
                "fsync=off");
        process = started;
        await("PostgreSQL answers")
                .atMost(START_LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    if (!started.isAlive()) {
                        throw new AssertionError("it ended with " + started.exitValue() + ":\n" + output());
                    }
                    try (Connection connection = DriverManager.getConnection(url("postgres"), USER, PASSWORD)) {
                        return connection.isValid(10);
                    } catch (SQLException e) {
                        return false;
                    }
                });
    }

    /** Ends it as a machine that goes away does: no client is told, nothing is finished. */
    public void stop() {
        Process running = process;
        process = null;
        if (running == null) {
            return;
        }
        // SIGQUIT: the server ends its own processes at once; after a SIGKILL they would live on.
        try {
            new ProcessBuilder("kill", "-QUIT", Long.toString(running.pid()))
                    .start()
                    .waitFor();
            if (!running.waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                running.destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Makes an empty database; gives its URL, without user and password. */
    public String freshDatabase() {
        String name = "test" + databases.incrementAndGet();
        try (Connection connection = DriverManager.getConnection(url("postgres"), USER, PASSWORD);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
            return url(name);
        } catch (SQLException e) {
            throw new AssertionError("cannot make a database:\n" + output(), e);
        }
    }

    private String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    private String output() {
        try {
            return Files.readString(folder.resolve("output"));
        } catch (IOException e) {
            return "(" + e + ")";
        }
    }

    @Override
    public void close() {
        stop();
        if (!Files.exists(folder)) {
            return; // closed by its test, and again as the JVM ends
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
