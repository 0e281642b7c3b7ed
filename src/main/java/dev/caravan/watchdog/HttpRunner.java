package dev.caravan.watchdog;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** One process that speaks HTTP: it is started at once, and every request goes on to it. */
final class HttpRunner implements FunctionRunner {

    private final Map<String, String> environment;
    private final WatchdogSettings settings;
    private final WatchdogSettings.Upstream upstream;
    private final Place place;
    private final Executor threads;
    private final FunctionLog log;
    private final IntConsumer ended;
    private final UpstreamPool pool;
    private final CallLog calls;
    private volatile @Nullable ProcessGroup function;

    /** @param ended told the exit status of the process when it ends */
    HttpRunner(
            Map<String, String> environment,
            WatchdogSettings settings,
            Place place,
            Executor threads,
            FunctionLog log,
            IntConsumer ended) {
        this.environment = environment;
        this.settings = settings;
        this.upstream = settings.upstream().orElseThrow();
        this.place = place;
        this.threads = threads;
        this.log = log;
        this.ended = ended;
        this.pool = new UpstreamPool(upstream.address());
        this.calls = new CallLog(settings, log);
    }

    @Override
    public void start() throws IOException {
        log.line("Forking: " + settings.command().get(0) + ", arguments: "
                + settings.command().subList(1, settings.command().size()));
        ProcessGroup started = ProcessGroup.start(settings.command(), environment, place, false);
        function = started;
        started.process().getOutputStream().close();
        follow("stdout", started.process().getInputStream());
        follow("stderr", started.process().getErrorStream());
        pool.functionStarted();
        threads.execute(() -> await(started.process()));
    }

    private void follow(String stream, InputStream output) {
        log.line("Started logging: " + stream + " from function.");
        FunctionLog lines = settings.log().of(stream, log);
        threads.execute(() -> {
            try {
                OutputLines.copy(output, settings.log().longestLine(), lines);
            } catch (IOException e) {
                log.line("cannot read " + stream + " of the function any more: " + e.getMessage());
            }
        });
    }

    private void await(Process process) {
        try {
            int status = process.waitFor();
            pool.functionEnded();
            log.line("Forked function has terminated: exit status " + status);
            ended.accept(status);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the watchdog closes
        }
    }

    @Override
    public void answer(Exchange exchange) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        new UpstreamCall(exchange, settings, upstream, pool, threads, log).run();
        if (!exchange.headers().first("User-Agent", "").startsWith("kube-probe")) {
            String status = (exchange.status() + " " + Reasons.of(exchange.status())).strip();
            calls.done(exchange, status, System.nanoTime() - begin);
        }
    }

    @Override
    public void terminate() {
        ProcessGroup running = function;
        if (running != null) {
            running.terminate();
        }
    }

    @Override
    public void close() {
        ProcessGroup running = function;
        if (running != null) {
            running.kill();
        }
        pool.close();
    }
}
