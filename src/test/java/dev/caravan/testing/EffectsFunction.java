package dev.caravan.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;

/**
 * A function that leaves a trace of each of its runs: a process in mode {@code http} that appends {@code begin ID} and
 * {@code end ID CHECKSUM} to a file. The query says what else it does: {@code millis=} how long it takes, {@code held=1} that
 * it takes until it is {@linkplain Effects#release() released}, {@code
 * status=} what it answers, {@code fails=} how many runs of a call answer 503 first, {@code after=} their {@code
 * Retry-After}; {@code kill=begun} or {@code kill=answered} that it kills Caravan at that moment, or {@code late=}
 * milliseconds after it, in the first run of the call.
 */
public final class EffectsFunction {

    private final Path file;
    private final FileChannel effects;
    private final Map<String, Integer> runs = new ConcurrentHashMap<>();

    private EffectsFunction(Path file) throws IOException {
        this.file = file;
        this.effects = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** How to start it, as a command without spaces in its words. */
    static String command(Path effects) {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        String[] classPath = System.getProperty("java.class.path").split(File.pathSeparator);
        String tests = Arrays.stream(classPath)
                .filter(entry -> entry.contains("test-classes"))
                .findFirst()
                .orElseThrow();
        return String.join(
                " ",
                java.toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                tests,
                EffectsFunction.class.getName(),
                effects.toString());
    }

    static Path release(Path effects) {
        return effects.resolveSibling(effects.getFileName() + ".released");
    }

    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(System.getenv("PORT"));
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 128);
        server.createContext("/", new EffectsFunction(Path.of(arguments[0]))::answer);
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String id = exchange.getRequestHeaders().getFirst("X-Call-Id");
        var checksum = new CRC32();
        checksum.update(exchange.getRequestBody().readAllBytes());
        note("begin " + id);
        killAt("begun", exchange, id);
        pause(number(exchange, "millis", 0));
        while (number(exchange, "held", 0) > 0 && !Files.exists(release(file))) {
            pause(20);
        }
        int status = number(exchange, "status", 200);
        if (runs.merge(id, 1, Integer::sum) <= number(exchange, "fails", 0)) {
            status = 503;
            exchange.getResponseHeaders().set("Retry-After", Integer.toString(number(exchange, "after", 1)));
        }
        note("end " + id + " " + checksum.getValue());
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
        killAt("answered", exchange, id);
    }

    /** SIGKILL for whoever started this function; a file remembers that it was done. */
    private void killAt(String moment, HttpExchange exchange, String id) throws IOException {
        String query = exchange.getRequestURI().getQuery();
        if (query == null || !query.contains("kill=" + moment)) {
            return;
        }
        try {
            Files.createFile(file.resolveSibling("killed-" + id));
        } catch (FileAlreadyExistsException e) {
            return;
        }
        pause(number(exchange, "late", 0));
        long owner = Long.parseLong(System.getenv("CARAVAN_OWNER").split(":")[1]);
        ProcessHandle.of(owner).ifPresent(ProcessHandle::destroyForcibly);
    }

    /** One write at the end of the file, so that lines stay whole whoever else writes. */
    private void note(String line) throws IOException {
        effects.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.US_ASCII)));
    }

    private static void pause(int millis) {
        try {
            boolean never = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
            assert !never;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int number(HttpExchange exchange, String name, int otherwise) {
        String query = exchange.getRequestURI().getQuery();
        if (query == null) {
            return otherwise;
        }
        for (String pair : query.split("&")) {
            if (pair.startsWith(name + "=")) {
                return Integer.parseInt(pair.substring(name.length() + 1));
            }
        }
        return otherwise;
    }
}
