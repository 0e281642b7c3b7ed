package dev.caravan.watchdog;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One request answered by one process: the body is its input, its output is the answer (contract section 6.3). */
final class ForkedCall {

    private static final int MEMORY_LIMIT = 1024 * 1024;

    /** A process that has ended wrote all it will; whoever still holds its output open is a child it left behind. */
    private static final Duration OUTPUT_GRACE = Duration.ofMillis(100);

    /** How long an answer waits for a client that is still sending what nobody reads. */
    private static final Duration UPLOAD_GRACE = Duration.ofSeconds(10);

    /** How often a call that runs looks whether somebody still waits for it. */
    private static final long LOOK = TimeUnit.SECONDS.toNanos(1);

    private enum End {
        ENDED,
        TOO_LATE,
        UNWANTED
    }

    private final HttpExchange exchange;
    private final ClientWatch clients;
    private final WatchdogSettings settings;
    private final RunningCalls running;
    private final Executor threads;
    private final FunctionLog log;
    private volatile boolean clientGone;

    ForkedCall(
            HttpExchange exchange,
            ClientWatch clients,
            WatchdogSettings settings,
            RunningCalls running,
            Executor threads,
            FunctionLog log) {
        this.exchange = exchange;
        this.clients = clients;
        this.settings = settings;
        this.running = running;
        this.threads = threads;
        this.log = log;
    }

    void run(Map<String, String> environment, Place place) throws IOException, InterruptedException {
        Map<String, String> variables = new HashMap<>(environment);
        if (settings.cgiHeaders()) {
            variables.putAll(CgiEnvironment.of(exchange));
        }
        log.line("Forking fprocess.");
        long begin = System.nanoTime();
        ProcessGroup group;
        try {
            group = ProcessGroup.start(settings.command(), variables, place, settings.combineOutput());
        } catch (IOException e) {
            fail(String.valueOf(e.getMessage()));
            return;
        }
        running.started(group);
        try (SpooledOutput output = new SpooledOutput(MEMORY_LIMIT)) {
            answer(group, output, begin);
        } finally {
            if (group.process().isAlive()) {
                group.kill();
            }
            running.finished(group);
        }
    }

    private void answer(ProcessGroup group, SpooledOutput output, long begin) throws IOException, InterruptedException {
        Process process = group.process();
        FutureTask<@Nullable Void> upload = startUpload(group);
        FutureTask<@Nullable Void> download = start(() -> {
            try {
                process.getInputStream().transferTo(output);
            } catch (IOException e) {
                group.kill(); // no room for the answer, so it is of no use to go on
                throw e;
            }
        });
        if (!settings.combineOutput()) {
            start(() -> OutputLines.copy(process.getErrorStream(), line -> log.line("stderr: " + line)));
        }

        End end = await(process);
        if (end != End.ENDED) {
            log.line("Killing process: " + settings.command().get(0));
            group.kill();
            if (end == End.TOO_LATE) {
                Answer.text(exchange, 408, "Killed process.\n");
            }
            return;
        }
        try {
            finish(group, download);
        } catch (ExecutionException e) {
            fail("cannot keep the function's answer: " + e.getCause());
            return;
        } catch (TimeoutException e) {
            fail("the function has ended, but something it started keeps its output open");
            return;
        }
        if (clientGone) {
            Answer.text(exchange, 400, "the request's body ended early\n");
            return;
        }
        awaitQuietly(upload);
        report(process.exitValue(), output, System.nanoTime() - begin);
    }

    private End await(Process process) throws InterruptedException {
        long limit = settings.execTimeout().toNanos();
        long begin = System.nanoTime();
        while (true) {
            long left = limit == 0 ? Long.MAX_VALUE : limit - (System.nanoTime() - begin);
            if (process.waitFor(Math.min(left, LOOK), TimeUnit.NANOSECONDS)) {
                return End.ENDED;
            }
            if (left <= LOOK) {
                return End.TOO_LATE;
            }
            if (clients.isGone(exchange.getRemoteAddress())) {
                return End.UNWANTED;
            }
        }
    }

    private static void finish(ProcessGroup group, FutureTask<@Nullable Void> download)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            download.get(OUTPUT_GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            group.kill();
            download.get(5, TimeUnit.SECONDS);
        }
    }

    private void report(int status, SpooledOutput output, long nanos) throws IOException {
        String seconds = String.format(Locale.ROOT, "%.6f", nanos / 1e9);
        String head = status == 0 ? "" : "exit status " + status + "\n";
        exchange.getResponseHeaders().set("Content-Type", contentType(output));
        if (status == 0) {
            exchange.getResponseHeaders().set("X-Duration-Seconds", seconds);
        } else {
            log.line("exit status " + status);
        }
        long bytes = output.size();
        Answer.send(exchange, status == 0 ? 200 : 500, head, output);
        log.line("Wrote " + bytes + " Bytes - Duration: " + seconds + "s");
    }

    /** As set; else the request's; else text when it looks like text. */
    private String contentType(SpooledOutput output) throws IOException {
        String asked = exchange.getRequestHeaders().getFirst("Content-Type");
        if (!settings.contentType().isEmpty()) {
            return settings.contentType();
        }
        if (asked != null && !asked.isBlank()) {
            return asked;
        }
        for (byte b : output.head(512)) {
            if (b >= 0 && b < ' ' && "\t\n\f\r\u001b".indexOf(b) < 0) {
                return "application/octet-stream";
            }
        }
        return Answer.TEXT;
    }

    private void fail(String line) throws IOException {
        log.line(line);
        Answer.internal(exchange, 500, "watchdog", line);
    }

    /** Feeds the body to the process. A process that does not want (all of) it has that right. */
    private FutureTask<@Nullable Void> startUpload(ProcessGroup group) {
        OutputStream input = group.process().getOutputStream();
        String length = exchange.getRequestHeaders().getFirst("Content-Length");
        if (!exchange.getRequestHeaders().containsKey("Transfer-Encoding") && (length == null || length.equals("0"))) {
            closeInput(input);
            FutureTask<@Nullable Void> nothing = new FutureTask<>(() -> {}, null);
            nothing.run();
            return nothing;
        }
        return start(() -> {
            boolean wanted = true;
            byte[] buffer = new byte[64 * 1024];
            try (InputStream body = exchange.getRequestBody()) {
                for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                    wanted = wanted && offer(input, buffer, count);
                }
            } catch (IOException e) {
                clientGone = true;
                group.kill();
            } finally {
                closeInput(input);
            }
        });
    }

    /** Whether the process still reads. The rest of the body is read all the same, so that the client gets its answer. */
    private static boolean offer(OutputStream input, byte[] buffer, int count) {
        try {
            input.write(buffer, 0, count);
            input.flush();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void closeInput(OutputStream input) {
        try {
            input.close();
        } catch (IOException e) {
            return; // it was closed from the other end, which is what we want
        }
    }

    private void awaitQuietly(FutureTask<@Nullable Void> upload) throws InterruptedException {
        try {
            upload.get(UPLOAD_GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            log.line("answered before the whole body had come");
        }
    }

    private FutureTask<@Nullable Void> start(Pump pump) {
        FutureTask<@Nullable Void> task = new FutureTask<>(() -> {
            pump.run();
            return null;
        });
        threads.execute(task);
        return task;
    }

    /** Moves bytes until there are no more. */
    @FunctionalInterface
    private interface Pump {
        void run() throws IOException;
    }
}
