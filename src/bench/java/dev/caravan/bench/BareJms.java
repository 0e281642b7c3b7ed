package dev.caravan.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.queue.EmbeddedBroker;
import dev.caravan.queue.EmbeddedBroker.Account;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
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
 * <p>Runs in a JVM of its own with Caravan's flags, and does nothing between two measurements, so that it and Caravan can
 * take turns. There: {@code BareJms FOLDER SENDERS CONSUMERS BYTES}, without consumers when that is 0; each line of its
 * input is a number of seconds, and answered by a line.
 */
final class BareJms implements AutoCloseable {

    /** Persistent messages sent, or received and acknowledged when there are consumers; latencies of a send in ms. */
    record Result(double perSecond, double p50, double p99) {}

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path log;
    private final Process jvm;
    private final PrintWriter asked;
    private final BufferedReader answers;

    /** @param folder of its journal, which is new */
    BareJms(Path folder, int senders, int consumers, int bytes) throws IOException {
        log = folder.resolveSibling(folder.getFileName() + ".log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags());
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                BareJms.class.getName(),
                folder.toString(),
                "" + senders,
                "" + consumers,
                "" + bytes));
        jvm = new ProcessBuilder(command).redirectError(log.toFile()).start();
        asked = new PrintWriter(jvm.getOutputStream(), true, StandardCharsets.UTF_8);
        answers = new BufferedReader(new InputStreamReader(jvm.getInputStream(), StandardCharsets.UTF_8));
    }

    /** As {@code ./caravan up} sets them. */
    private static List<String> flags() {
        List<String> flags = new ArrayList<>(List.of("-Xmx256m", "-XX:+UseParallelGC"));
        if (Runtime.version().feature() >= 25) {
            flags.add("-XX:+UseCompactObjectHeaders");
        }
        return flags;
    }

    /**
     * Sends, and consumes, for that long. The first time warms it up.
     *
     * @throws IOException with what it said, when it has failed
     */
    Result measure(Duration length) throws IOException {
        asked.println(length.toSeconds());
        String line = answers.readLine();
        while (line != null && !line.startsWith("{\"perSecond")) {
            line = answers.readLine();
        }
        if (line == null) {
            throw new IOException(
                    "the JMS baseline failed: " + Files.readString(log).strip());
        }
        return JSON.readValue(line, Result.class);
    }

    /** It ends at the end of its input. */
    @Override
    public void close() throws InterruptedException {
        asked.close();
        if (!jvm.waitFor(45, TimeUnit.SECONDS)) {
            jvm.destroyForcibly().waitFor();
        }
    }

    public static void main(String[] args) throws Exception {
        try (var broker = new EmbeddedBroker(
                        Path.of(args[0]), 10L << 30, List.of(), new Account("bench", "bench"), InstantSource.system());
                var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            broker.start();
            var loops = new Loops(
                    broker.url(), Integer.parseInt(args[1]), Integer.parseInt(args[2]), Integer.parseInt(args[3]));
            for (String seconds = input.readLine(); seconds != null; seconds = input.readLine()) {
                Result result = loops.run(Duration.ofSeconds(Long.parseLong(seconds)));
                // The answer to the JVM that measures: standard output is how it listens.
                System.out.println(JSON.writeValueAsString(result));
            }
        }
    }

    /** What the other JVM does. */
    private static final class Loops {

        private final ActiveMQConnectionFactory connections;
        private final int senders;
        private final int consumers;
        private final byte[] body;

        /** A new one for each measurement. */
        private String queue = "";

        private int measured;

        Loops(String url, int senders, int consumers, int bytes) {
            connections = new ActiveMQConnectionFactory(url);
            connections.getPrefetchPolicy().setAll(1);
            connections.setWatchTopicAdvisories(false);
            this.senders = senders;
            this.consumers = consumers;
            this.body = new byte[bytes];
            Arrays.fill(body, (byte) 'x');
        }

        Result run(Duration length) throws InterruptedException, ExecutionException {
            queue = "faas-request.openfaas-fn.bench-" + ++measured;
            ExecutorService threads = Executors.newCachedThreadPool();
            try {
                AtomicLong sent = new AtomicLong();
                AtomicLong acknowledged = new AtomicLong();
                AtomicLong expected = new AtomicLong(Long.MAX_VALUE);
                // The clock starts when everybody is connected, as wrk's does.
                CountDownLatch connected = new CountDownLatch(senders);
                CompletableFuture<Long> deadline = new CompletableFuture<>();
                List<Future<Long>> consuming = IntStream.range(0, consumers)
                        .mapToObj(i -> threads.submit(() -> consume(acknowledged, expected)))
                        .toList();
                List<Future<long[]>> sending = IntStream.range(0, senders)
                        .mapToObj(i -> threads.submit(() -> send(connected, deadline, sent)))
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

        private long[] send(CountDownLatch connected, Future<Long> deadline, AtomicLong sent)
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
        private long consume(AtomicLong acknowledged, AtomicLong expected) throws JMSException {
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
}
