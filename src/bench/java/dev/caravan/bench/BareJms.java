package dev.caravan.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.queue.EmbeddedBroker;
import dev.caravan.queue.EmbeddedBroker.Account;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.ActiveMQSession;

/**
 * The asynchronous baseline: what the broker does when nothing stands around it. Senders and consumers each have a
 * connection of their own, since the broker handles a connection's commands one after the other.
 *
 * <p>Runs in a JVM of its own with Caravan's heap and collector: {@code BareJms FOLDER SECONDS WARMUP SENDERS CONSUMERS
 * BYTES}, without consumers when that is 0.
 */
final class BareJms {

    /** Persistent messages sent, or received and acknowledged when there are consumers; latencies of a send in ms. */
    record Result(double perSecond, double p50, double p99) {}

    private final ActiveMQConnectionFactory connections;
    private final int senders;
    private final int consumers;
    private final byte[] body;

    private BareJms(String url, int senders, int consumers, int bytes) {
        connections = new ActiveMQConnectionFactory(url);
        connections.getPrefetchPolicy().setAll(1);
        connections.setWatchTopicAdvisories(false);
        this.senders = senders;
        this.consumers = consumers;
        this.body = new byte[bytes];
        Arrays.fill(body, (byte) 'x');
    }

    /** Measures in a new JVM, on a new journal. */
    static Result measure(Path folder, Duration length, Duration warmUp, int senders, int consumers, int bytes)
            throws IOException, InterruptedException {
        Path log = folder.resolveSibling(folder.getFileName() + ".log");
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseParallelGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BareJms.class.getName(),
                        folder.toString(),
                        "" + length.toSeconds(),
                        "" + warmUp.toSeconds(),
                        "" + senders,
                        "" + consumers,
                        "" + bytes)
                .redirectError(log.toFile())
                .start();
        String output = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = jvm.waitFor();
        String json = output.lines()
                .filter(line -> line.startsWith("{\"perSecond"))
                .findFirst()
                .orElse("");
        if (status != 0 || json.isEmpty()) {
            throw new IOException("the JMS baseline failed with status " + status + ": " + output.strip()
                    + Files.readString(log).strip());
        }
        JsonNode seen = new ObjectMapper().readTree(json);
        return new Result(
                seen.get("perSecond").doubleValue(),
                seen.get("p50").doubleValue(),
                seen.get("p99").doubleValue());
    }

    public static void main(String[] args) throws Exception {
        long length = Long.parseLong(args[1]);
        long warmUp = Long.parseLong(args[2]);
        try (var broker = new EmbeddedBroker(
                Path.of(args[0]), 10L << 30, List.of(), new Account("bench", "bench"), InstantSource.system())) {
            broker.start();
            var jms = new BareJms(
                    broker.url(), Integer.parseInt(args[3]), Integer.parseInt(args[4]), Integer.parseInt(args[5]));
            if (warmUp > 0) {
                jms.run("warm-up", Duration.ofSeconds(warmUp));
            }
            Result result = jms.run("faas-request.openfaas-fn.bench", Duration.ofSeconds(length));
            System.out.println(new ObjectMapper().writeValueAsString(result));
        }
    }

    private Result run(String queue, Duration length) throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            AtomicLong sent = new AtomicLong();
            AtomicLong acknowledged = new AtomicLong();
            AtomicLong expected = new AtomicLong(Long.MAX_VALUE);
            // The clock starts when everybody is connected, as wrk's does.
            CountDownLatch connected = new CountDownLatch(senders);
            CompletableFuture<Long> deadline = new CompletableFuture<>();
            List<Future<Long>> consuming = IntStream.range(0, consumers)
                    .mapToObj(i -> threads.submit(() -> consume(queue, acknowledged, expected)))
                    .toList();
            List<Future<long[]>> sending = IntStream.range(0, senders)
                    .mapToObj(i -> threads.submit(() -> send(queue, connected, deadline, sent)))
                    .toList();
            if (!connected.await(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the senders could not connect within 60 s");
            }
            long begin = System.nanoTime();
            deadline.complete(begin + length.toNanos());
            long[] latencies = new long[0];
            for (Future<long[]> sender : sending) {
                long[] more = sender.get();
                int old = latencies.length;
                latencies = Arrays.copyOf(latencies, old + more.length);
                System.arraycopy(more, 0, latencies, old, more.length);
            }
            long last = System.nanoTime();
            expected.set(sent.get());
            for (Future<Long> consumer : consuming) {
                last = Math.max(last, consumer.get());
            }
            Arrays.sort(latencies);
            long counted = consumers == 0 ? sent.get() : acknowledged.get();
            return new Result(
                    counted * 1e9 / (last - begin),
                    latencies[latencies.length / 2] / 1e6,
                    latencies[(int) (latencies.length * 0.99)] / 1e6);
        } finally {
            threads.shutdownNow();
        }
    }

    private long[] send(String queue, CountDownLatch connected, Future<Long> deadline, AtomicLong sent)
            throws JMSException, InterruptedException, ExecutionException {
        long[] latencies = new long[1 << 12];
        int count = 0;
        try (Connection connection = connections.createConnection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                var producer = session.createProducer(session.createQueue(queue))) {
            producer.setDeliveryMode(DeliveryMode.PERSISTENT);
            connection.start();
            connected.countDown();
            long end = deadline.get();
            for (long now = System.nanoTime(); now < end; ) {
                BytesMessage message = session.createBytesMessage();
                message.writeBytes(body);
                producer.send(message);
                long after = System.nanoTime();
                if (count == latencies.length) {
                    latencies = Arrays.copyOf(latencies, count * 2);
                }
                latencies[count++] = after - now;
                now = after;
            }
        }
        sent.addAndGet(count);
        return Arrays.copyOf(latencies, count);
    }

    /** Returns when it acknowledged for the last time. */
    private long consume(String queue, AtomicLong acknowledged, AtomicLong expected) throws JMSException {
        long last = 0;
        try (Connection connection = connections.createConnection();
                Session session = connection.createSession(false, ActiveMQSession.INDIVIDUAL_ACKNOWLEDGE);
                var consumer = session.createConsumer(session.createQueue(queue))) {
            connection.start();
            while (acknowledged.get() < expected.get()) {
                Message message = consumer.receive(100);
                if (message != null) {
                    message.acknowledge();
                    acknowledged.incrementAndGet();
                    last = System.nanoTime();
                }
            }
        }
        return last;
    }
}
