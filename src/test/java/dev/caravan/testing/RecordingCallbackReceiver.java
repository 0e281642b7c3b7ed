package dev.caravan.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Somebody's callback URL: records what is posted to it and answers with the statuses it was told, then with 200. */
public final class RecordingCallbackReceiver implements AutoCloseable, AfterAllCallback {

    /** A request as it came. */
    public record Recorded(String method, String path, Map<String, List<String>> headers, byte[] body) {

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        /** All values of a header, in the order they came. */
        public List<String> values(String name) {
            return headers.entrySet().stream()
                    .filter(header -> header.getKey().equalsIgnoreCase(name))
                    .flatMap(header -> header.getValue().stream())
                    .toList();
        }

        /** The header's only value; empty when there is none. */
        public String header(String name) {
            List<String> values = values(name);
            if (values.size() > 1) {
                throw new AssertionError(name + " came " + values.size() + " times: " + values);
            }
            return values.isEmpty() ? "" : values.get(0);
        }
    }

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Recorded> received = new CopyOnWriteArrayList<>();
    private final Map<String, Deque<Integer>> statuses = new ConcurrentHashMap<>();

    public RecordingCallbackReceiver() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().toString();
            received.add(new Recorded(
                    exchange.getRequestMethod(),
                    path,
                    Map.copyOf(exchange.getRequestHeaders()),
                    exchange.getRequestBody().readAllBytes()));
            int status = nextStatus(path);
            if (status >= 300 && status < 400) {
                exchange.getResponseHeaders().add("Location", url("/elsewhere"));
            }
            exchange.sendResponseHeaders(status, -1);
        }
    }

    private int nextStatus(String path) {
        Deque<Integer> told = statuses.getOrDefault(path, new ArrayDeque<>());
        synchronized (told) {
            Integer status = told.poll();
            return status == null ? 200 : status;
        }
    }

    /** The next requests to a path are answered with these statuses, one each. */
    public RecordingCallbackReceiver answering(String path, int... next) {
        statuses.put(path, new ArrayDeque<>(IntStream.of(next).boxed().toList()));
        return this;
    }

    public String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    /** What came to a path so far, in order. */
    public List<Recorded> received(String path) {
        return received.stream().filter(request -> request.path().equals(path)).toList();
    }

    /** Waits for the {@code count}th request to a path and answers all that came. */
    public List<Recorded> await(String path, int count) {
        Awaitility.await(count + " callbacks to " + path)
                .atMost(PATIENCE)
                .until(() -> received(path).size() >= count);
        return received(path);
    }

    /** Waits for the only request to a path. */
    public Recorded awaitOnly(String path) {
        return await(path, 1).get(0);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }
}
