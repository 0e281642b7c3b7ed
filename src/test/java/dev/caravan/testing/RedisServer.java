package dev.caravan.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/** A real Redis on a loopback port, from Debian's package; each write is on its disk before it is answered. */
public final class RedisServer implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final Path folder;
    private final int port;
    private final List<String> command;
    private @Nullable Process process;
    private @Nullable Connection connection;

    private RedisServer(Path folder, int port, List<String> command) {
        this.folder = folder;
        this.port = port;
        this.command = command;
    }

    /**
     * Skips the test where there is no Redis; fails it when {@code VERIFY_REQUIRE_ALL=true}.
     *
     * @param folder for its files
     * @param options more of its command line
     */
    public static RedisServer start(Path folder, String... options) {
        return start(folder, port -> {
            var command = new ArrayList<>(
                    List.of("--port", "" + port, "--bind", "127.0.0.1", "--dir", folder.toString(), "--save", ""));
            command.addAll(List.of("--appendonly", "yes", "--appendfsync", "always"));
            command.addAll(List.of(options));
            return command;
        });
    }

    /** One that speaks TLS alone, and trusts anybody who signs in; {@link #ask} does not reach it. */
    public static RedisServer overTls(Path folder, TestCertificate certificate) {
        return start(
                folder,
                port -> List.of(
                        "--port",
                        "0",
                        "--tls-port",
                        "" + port,
                        "--bind",
                        "127.0.0.1",
                        "--dir",
                        folder.toString(),
                        "--save",
                        "",
                        "--tls-cert-file",
                        certificate.certificate().toString(),
                        "--tls-key-file",
                        certificate.key().toString(),
                        "--tls-ca-cert-file",
                        certificate.authority().toString(),
                        "--tls-auth-clients",
                        "no"));
    }

    /** A Sentinel, one of three, that watches the master {@code main} on a port and is quick to give it up. */
    public static RedisServer sentinel(Path folder, int master) {
        return start(folder, port -> {
            String rules = """
                    port %d
                    bind 127.0.0.1
                    dir %s
                    sentinel monitor main 127.0.0.1 %d 2
                    sentinel down-after-milliseconds main 1000
                    sentinel failover-timeout main 5000
                    """.formatted(port, folder, master);
            try {
                return List.of(
                        Files.writeString(folder.resolve("sentinel.conf"), rules)
                                .toString(),
                        "--sentinel");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static RedisServer start(Path folder, IntFunction<List<String>> options) {
        Optional<Path> program = program();
        Requirement.that(
                program.isPresent(),
                "SKIPPED: no redis-server on the PATH, so nothing was tried on one; Debian's package is redis-server");
        try {
            Files.createDirectories(folder);
            int port = CaravanProcess.freePort();
            List<String> command = new ArrayList<>(List.of(program.orElseThrow().toString()));
            command.addAll(options.apply(port));
            var server = new RedisServer(folder, port, command);
            Runtime.getRuntime().addShutdownHook(new Thread(server::close));
            server.restart();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Path> program() {
        return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/local/bin", "/usr/sbin"))
                .map(folder -> Path.of(folder, "redis-server"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Starts it on what it had, and returns once it answers. */
    public void restart() {
        try {
            Process started = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("output").toFile()))
                    .start();
            process = started;
            await("Redis answers")
                    .atMost(START_LIMIT)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> started.isAlive() && answers());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean answers() {
        if (command.contains("--tls-port")) {
            return listens();
        }
        try {
            String answer = String.valueOf(ask("PING"));
            return answer.equals("PONG");
        } catch (JedisDataException e) {
            return String.valueOf(e.getMessage()).startsWith("NOAUTH");
        } catch (JedisException e) {
            return false;
        }
    }

    private boolean listens() {
        try (var socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        Process running = process;
        forget();
        if (running != null) {
            running.destroyForcibly();
            running.waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    public int port() {
        return port;
    }

    public String url() {
        return "redis://127.0.0.1:" + port + "/0";
    }

    /** One command; texts, numbers and lists of them come back, null for nothing. */
    public synchronized @Nullable Object ask(String... words) {
        Connection open = connection;
        if (open == null) {
            open = new Connection("127.0.0.1", port);
            connection = open;
        }
        try {
            var command = new CommandArguments(() -> words[0].getBytes(StandardCharsets.UTF_8));
            for (int i = 1; i < words.length; i++) {
                command.add(words[i]);
            }
            return readable(open.executeCommand(command));
        } catch (JedisDataException e) {
            throw e;
        } catch (JedisException e) {
            forget();
            throw e;
        }
    }

    public String text(String... words) {
        return String.valueOf(ask(words));
    }

    public long number(String... words) {
        Object answer = ask(words);
        return answer == null ? 0 : Long.parseLong(answer.toString());
    }

    public List<String> list(String... words) {
        return ask(words) instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    private static @Nullable Object readable(@Nullable Object answer) {
        if (answer instanceof byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
        return answer instanceof List<?> list
                ? list.stream().map(RedisServer::readable).toList()
                : answer;
    }

    private synchronized void forget() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            open.setBroken();
            open.close();
        }
    }

    @Override
    public void close() {
        try {
            kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
