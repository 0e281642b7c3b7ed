package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.CaravanProcess;
import dev.caravan.testing.EchoFunction;
import dev.caravan.testing.HttpFuzz;
import dev.caravan.testing.HttpMessage;
import dev.caravan.testing.ProcessMemory;
import dev.caravan.testing.RawClient;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever clients send, the server answers or closes, says nothing of its insides, keeps its memory and goes on.
 *
 * <p>10 seconds; 60 where {@code CI=true}; or {@code -Dcaravan.fuzz.seconds=}. What was sent can be sent again by
 * {@code -Dcaravan.fuzz.seed=}, which a failure names.
 */
@Timeout(400)
class HttpEdgeFuzzIT {

    private static final int CLIENTS = 6;
    private static final int PHASES = 3;
    private static final int HELD_OPEN = 50;
    private static final Duration LENGTH =
            Duration.ofSeconds(Long.getLong("caravan.fuzz.seconds", "true".equals(System.getenv("CI")) ? 60 : 10));
    private static final long SEED = Long.getLong("caravan.fuzz.seed", System.nanoTime());

    /** Our packages, those of our libraries, and the form of a stack trace: nothing the fuzz sends looks like it. */
    private static final Pattern INSIDES = Pattern.compile(
            "Exception|\\n?\\tat |java\\.[a-z]+\\.|dev\\.caravan\\.(?!testing)|io\\.(vertx|netty)|org\\.apache|jackson");

    private static final long MAX_HEAP_GROWTH = 48L << 20;
    private static final long MAX_RESIDENT_GROWTH = 200L << 20;

    @TempDir
    Path folder;

    private final ConcurrentLinkedQueue<String> problems = new ConcurrentLinkedQueue<>();
    private final AtomicInteger answers = new AtomicInteger();
    private final List<RawClient> held = new ArrayList<>();
    private CaravanProcess caravan;

    @BeforeEach
    void start() throws Exception {
        caravan = CaravanProcess.start(folder, Map.of("CARAVAN_CALL_TIMEOUT", "10s"));
        caravan.deploy("echo", EchoFunction.command(), Map.of("mode", "http"), Map.of());
        caravan.awaitReplica("echo");
        for (int i = 0; i < HELD_OPEN; i++) {
            held.add(halfOfARequest(i));
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (RawClient client : held) {
            client.close();
        }
        caravan.close();
    }

    @Test
    void whateverClientsSendTheServerAnswersOrClosesAndGoesOn(TestReporter reporter) throws Exception {
        reporter.publishEntry("caravan.fuzz.seed", Long.toString(SEED));
        send(0);
        long heap = heapInUse();
        long resident = ProcessMemory.resident(caravan.pid());
        for (int phase = 1; phase < PHASES; phase++) {
            send(phase);
        }

        assertThat(problems).as("seed %d", SEED).isEmpty();
        assertThat(answers.get()).as("answers").isGreaterThan(100);
        assertThat(heapInUse() - heap).as("growth of the heap, seed %d", SEED).isLessThan(MAX_HEAP_GROWTH);
        assertThat(ProcessMemory.resident(caravan.pid()) - resident)
                .as("growth of the process, seed %d", SEED)
                .isLessThan(MAX_RESIDENT_GROWTH);
        // The fuzz may sign in, and scale echo to nothing or deploy something else in its place.
        caravan.deploy("witness", "cat", Map.of(), Map.of());
        caravan.awaitReplica("witness");
        assertThat(caravan.post("/function/witness", "still here").body()).isEqualTo("still here");
        assertThat(caravan.get("/system/functions")).isNotEmpty();
        assertThat(errors(caravan.output().lines().toList()))
                .as("log, seed %d", SEED)
                .isEmpty();
        reporter.publishEntry("answers", answers.toString());
    }

    /** The first error, with what stands around it. */
    private static List<String> errors(List<String> log) {
        for (int i = 0; i < log.size(); i++) {
            if (log.get(i).contains(" ERROR ")) {
                return log.subList(Math.max(0, i - 3), Math.min(log.size(), i + 15));
            }
        }
        return List.of();
    }

    private void send(int phase) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        long end = System.nanoTime() + LENGTH.toNanos() / PHASES;
        List<Future<?>> running = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            var random = new Random(SEED + 1_000L * phase + client);
            running.add(threads.submit(() -> {
                var fuzz = new HttpFuzz(random);
                while (System.nanoTime() < end && problems.isEmpty()) {
                    visit(fuzz, random);
                }
                return null;
            }));
        }
        try {
            for (Future<?> client : running) {
                client.get(LENGTH.toSeconds() + 120, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private void visit(HttpFuzz fuzz, Random random) throws IOException {
        HttpFuzz.Sent sent = switch (random.nextInt(5)) {
            case 0 -> fuzz.pipelined();
            case 1, 2 -> fuzz.broken();
            default -> fuzz.wellFramed();
        };
        int manner = random.nextInt(10);
        try (var client = new RawClient(caravan.url("/").getPort())) {
            if (manner == 0) {
                dribble(client, sent.bytes());
            } else {
                client.out().write(sent.bytes());
            }
            if (manner == 1) {
                return; // gone before the answer
            }
            if (manner == 2 || sent.answers() < 0) {
                client.endOfOutput();
            }
            if (sent.answers() < 0) {
                judge(new String(client.in().readAllBytes(), StandardCharsets.ISO_8859_1), sent);
            }
            for (int i = 0; i < sent.answers(); i++) {
                HttpMessage answer = answer(client, sent.head());
                if (answer == null) {
                    return;
                }
                judge(answer.start() + "\n" + String.join("\n", answer.headers()) + "\n" + answer.body(), sent);
            }
        } catch (SocketTimeoutException e) {
            problems.add("no answer and no end within the time limit to " + shown(sent.bytes()));
        } catch (IOException closed) {
            // Closed on us, in the middle of our request or of the answer: it may do so.
        }
    }

    /** @return null when the connection was closed instead */
    private static HttpMessage answer(RawClient client, boolean toHead) throws IOException {
        HttpMessage head = HttpMessage.head(client.in());
        while (head != null && head.start().startsWith("HTTP/1.1 1")) {
            head = HttpMessage.head(client.in());
        }
        return head == null || toHead
                ? head
                : new HttpMessage(head.start(), head.headers(), head.bodyFrom(client.in()));
    }

    private void judge(String answer, HttpFuzz.Sent sent) {
        answers.incrementAndGet();
        // The contract is a document; names in its examples are no leak.
        boolean document = answer.contains("application/yaml");
        if (answer.contains("HTTP/1.1 500")
                || !document && INSIDES.matcher(answer).find()) {
            problems.add(
                    shown(answer.getBytes(StandardCharsets.ISO_8859_1)) + " is the answer to " + shown(sent.bytes()));
        }
    }

    private static void dribble(RawClient client, byte[] bytes) throws IOException {
        int dribbled = Math.min(bytes.length, 400);
        for (int i = 0; i < dribbled; i++) {
            client.out().write(bytes[i]);
            client.out().flush();
        }
        client.out().write(bytes, dribbled, bytes.length - dribbled);
    }

    /** Held open throughout: nobody else may wait for it. */
    private RawClient halfOfARequest(int number) throws IOException {
        var client = new RawClient(caravan.url("/").getPort());
        client.raw(
                switch (number % 4) {
                    case 0 -> "GET /func";
                    case 1 -> "POST /system/functions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{";
                    case 2 -> "POST /function/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel";
                    default -> "GET /system/logs?name=echo&follow=true HTTP/1.1\r\nHost: x\r\n\r\n";
                });
        return client;
    }

    private long heapInUse() throws IOException, InterruptedException {
        ProcessMemory.collectGarbage(caravan.pid());
        String metrics = caravan.send(HttpRequest.newBuilder(caravan.management("/metrics")))
                .body();
        return (long) metrics.lines()
                .filter(line -> line.startsWith("jvm_memory_used_bytes{area=\"heap\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static String shown(byte[] bytes) {
        String text = new String(bytes, 0, Math.min(bytes.length, 1_500), StandardCharsets.ISO_8859_1);
        return "[" + text.replace("\r", "\\r").replace("\n", "\\n\n  ") + (bytes.length > 1_500 ? "…" : "") + "]";
    }
}
