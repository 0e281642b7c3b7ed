package dev.caravan.bench;

import dev.caravan.component.resque.JobHandler;
import dev.caravan.component.resque.ResqueComponent;
import dev.caravan.resque.JobCalls;
import dev.caravan.resque.Namespace;
import dev.caravan.resque.RedisAddress;
import dev.caravan.resque.Resque;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol;

/**
 * Jobs that do nothing, drained from one queue of a Redis without a disk: by node-resque with one worker, and by a route
 * with a bean. And how soon a job is begun when there was nothing to do.
 */
final class Jobs implements AutoCloseable {

    private static final Namespace RESQUE = new Namespace("resque");
    private static final int DRAINED = 50_000;
    private static final int PICKED_UP = 300;
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private static final String NODE_WORKER = """
            const { Worker } = require('node-resque');
            (async () => {
              const worker = new Worker(
                { connection: { pkg: 'ioredis', host: '127.0.0.1', port: Number(process.argv[2]), namespace: 'resque' },
                  queues: ['bench'] },
                { Nothing: { perform: async () => 0 } });
              await worker.connect();
              const begun = process.hrtime.bigint();
              worker.on('pause', async () => {
                console.log(Number(process.hrtime.bigint() - begun) / 1e9);
                await worker.end();
                process.exit(0);
              });
              worker.start();
            })();
            """;

    private final Path folder;
    private final int port;
    private final Process redis;
    private final Resque resque;

    Jobs(Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        this.port = Http.freePorts(1).get(0);
        this.redis = new ProcessBuilder(
                        "redis-server",
                        "--port",
                        Integer.toString(port),
                        "--bind",
                        "127.0.0.1",
                        "--save",
                        "",
                        "--appendonly",
                        "no",
                        "--dir",
                        folder.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("redis.log").toFile())
                .start();
        this.resque = new Resque(
                RedisAddress.parse("redis://127.0.0.1:" + port),
                RESQUE,
                "bench",
                "bench",
                1,
                JobCalls.NONE,
                InstantSource.system());
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!resque.answers()) {
            if (System.nanoTime() > deadline || !redis.isAlive()) {
                throw new IOException("redis-server does not answer");
            }
            Thread.sleep(20);
        }
    }

    void measure(Report report, int rounds) throws IOException, InterruptedException {
        String title = "Resque jobs that do nothing";
        drain();
        for (int round = 1; round <= rounds; round++) {
            Bench.progress(title + ", round " + round);
            double node = nodeResque();
            if (node > 0) {
                report.baseline(title, "finished/s", "", node);
            }
            long before = scripts();
            report.caravan(title, "finished/s", "", drain());
            // Each push is one, too.
            report.caravan(title, "commands a job", "", (double) (scripts() - before - DRAINED) / DRAINED);
        }
        pickUp(report);
    }

    private void push(int jobs) {
        for (int i = 0; i < jobs; i++) {
            resque.push(RESQUE, Duration.ZERO, "bench", "Nothing", "[]");
        }
    }

    private DefaultCamelContext camel(String options, Processor handler, Runnable complete) throws IOException {
        var camel = new DefaultCamelContext();
        camel.addComponent("resque", new ResqueComponent(resque, complete));
        camel.getRegistry().bind("Nothing", handler);
        var routes = new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(noErrorHandler());
                from("resque:bench" + options)
                        .process(new JobHandler(Map.of(), "openfaas-fn", function -> false))
                        .toD("${exchangeProperty.CaravanHandler}");
            }
        };
        try {
            camel.addRoutes(routes);
        } catch (Exception e) {
            throw new IOException(e);
        }
        camel.start();
        return camel;
    }

    /** How many scripts Redis was asked to run; a worker asks for nothing else job by job. */
    private long scripts() {
        try (var connection = new Connection("127.0.0.1", port)) {
            connection.sendCommand(Protocol.Command.INFO, "commandstats");
            return new String((byte[]) connection.getOne(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith("cmdstat_eval"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll(".*:calls=(\\d+),.*", "$1")))
                    .sum();
        }
    }

    /** Jobs a second, from the start of the route to the moment at which the queue is empty and all is told. */
    private double drain() throws IOException, InterruptedException {
        push(DRAINED);
        var complete = new CountDownLatch(1);
        long begun = System.nanoTime();
        try (var camel = camel("?exitOnComplete=true", exchange -> {}, complete::countDown)) {
            if (!complete.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException("the jobs were not done within " + LIMIT);
            }
            return DRAINED / ((System.nanoTime() - begun) / 1e9);
        }
    }

    /** 0 where there is no node-resque, which the launcher installs. */
    private double nodeResque() throws IOException, InterruptedException {
        Path modules = Path.of("target", "tools", "node-resque", "node_modules").toAbsolutePath();
        if (Files.notExists(modules.resolve("node-resque"))) {
            Bench.progress("no node-resque in " + modules + ", so Caravan is compared with nothing");
            return 0;
        }
        push(DRAINED);
        Path script = Files.writeString(folder.resolve("worker.js"), NODE_WORKER);
        var builder = new ProcessBuilder("node", script.toString(), Integer.toString(port))
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("NODE_PATH", modules.toString());
        Process node = builder.start();
        String seconds = new String(node.getInputStream().readAllBytes()).strip();
        if (node.waitFor() != 0) {
            throw new IOException("node-resque ended with " + node.exitValue());
        }
        return DRAINED / Double.parseDouble(seconds);
    }

    private void pickUp(Report report) throws IOException, InterruptedException {
        String title = "Resque job begun, worker idle";
        Bench.progress(title);
        var begun = new LinkedBlockingQueue<Long>();
        List<Double> millis = new ArrayList<>();
        try (var camel = camel("", exchange -> begun.add(System.nanoTime()), () -> {})) {
            for (int i = 0; i < PICKED_UP; i++) {
                Thread.sleep(PAUSE.toMillis() + i % 41);
                long pushed = System.nanoTime();
                push(1);
                Long seen = begun.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
                if (seen == null) {
                    throw new IOException("a job was not begun within " + LIMIT);
                }
                millis.add((seen - pushed) / 1e6);
            }
        }
        Collections.sort(millis);
        report.caravan(title, "p50", "ms", millis.get(PICKED_UP / 2));
        report.caravan(title, "p99", "ms", millis.get(PICKED_UP * 99 / 100));
        report.caravan(title, "longest", "ms", millis.get(PICKED_UP - 1));
    }

    @Override
    public void close() {
        resque.close();
        redis.destroy();
    }
}
