package dev.caravan.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * How soon an idle server begins with a call: from its arrival at the door, journal included, until a worker has it. Both
 * moments are the server's own, told by {@code X-Start-Time} and by {@code /system/events}.
 */
final class Pickup implements AutoCloseable {

    /** In milliseconds. */
    record Result(int calls, double p50, double p99, double longest) {}

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, CompletableFuture<Instant>> taken = new ConcurrentHashMap<>();
    private final String url;
    private final Stream<String> events;

    /** @param password of the user admin */
    Pickup(Caravan caravan, String password) throws IOException, InterruptedException {
        url = caravan.url("/async-function/bench");
        String user = Base64.getEncoder().encodeToString(("admin:" + password).getBytes(StandardCharsets.UTF_8));
        HttpResponse<Stream<String>> watched = client.send(
                HttpRequest.newBuilder(URI.create(caravan.url("/system/events?types=call")))
                        .header("Authorization", "Basic " + user)
                        .build(),
                BodyHandlers.ofLines());
        if (watched.statusCode() != 200) {
            throw new IOException("/system/events answered " + watched.statusCode());
        }
        events = watched.body();
        Thread reader = new Thread(this::read, "bench-events");
        reader.setDaemon(true);
        reader.start();
    }

    /** One call after the other, with a pause in which the server has nothing to do. */
    Result measure(Duration length, Duration pause) throws IOException, InterruptedException {
        var waits = Stream.<Double>builder();
        long end = System.nanoTime() + length.toNanos();
        while (System.nanoTime() < end) {
            Thread.sleep(pause.toMillis());
            waits.add(one());
        }
        double[] sorted = waits.build().mapToDouble(wait -> wait).sorted().toArray();
        return new Result(
                sorted.length,
                sorted[sorted.length / 2],
                sorted[(int) (sorted.length * 0.99)],
                sorted[sorted.length - 1]);
    }

    private double one() throws IOException, InterruptedException {
        HttpResponse<Void> accepted = client.send(
                HttpRequest.newBuilder(URI.create(url))
                        .POST(HttpRequest.BodyPublishers.ofString("hello"))
                        .build(),
                BodyHandlers.discarding());
        String id = accepted.headers().firstValue("X-Call-Id").orElse("");
        String start = accepted.headers().firstValue("X-Start-Time").orElse("");
        if (accepted.statusCode() != 202 || id.isEmpty() || start.isEmpty()) {
            throw new IOException(url + " answered " + accepted.statusCode());
        }
        Instant arrived = Instant.EPOCH.plusNanos(Long.parseLong(start));
        try {
            Instant begun = taken(id).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return Duration.between(arrived, begun).toNanos() / 1e6;
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("nobody took the call " + id + " within " + PATIENCE, e);
        } finally {
            taken.remove(id);
        }
    }

    private CompletableFuture<Instant> taken(String id) {
        return taken.computeIfAbsent(id, first -> new CompletableFuture<>());
    }

    private void read() {
        events.filter(line -> line.startsWith("data: ")).forEach(line -> {
            try {
                JsonNode event = JSON.readTree(line.substring("data: ".length()));
                if (event.path("status").asText().equals("running")) {
                    taken(event.path("callId").asText())
                            .complete(Instant.parse(event.path("at").asText()));
                }
            } catch (IOException e) {
                System.err.println("bench: no event: " + line);
            }
        });
    }

    @Override
    public void close() {
        events.close();
    }
}
