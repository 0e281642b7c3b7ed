package dev.caravan.watchdog;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One request answered by one process: the body is its input, its output is the answer. */
final class ForkedCall {

    /** A process that has ended wrote all it will; whoever still holds its output open is a child it left behind. */
    private static final Duration OUTPUT_GRACE = Duration.ofMillis(100);

    /** How long output that was written takes to be kept. */
    private static final Duration KEEPING = Duration.ofSeconds(5);

    /** How long an answer waits for a client that is still sending what nobody reads. */
    private static final Duration UPLOAD_GRACE = Duration.ofSeconds(10);

    /** How often a call that runs looks whether somebody still waits for it. */
    private static final long LOOK = TimeUnit.SECONDS.toNanos(1);

    private enum End {
        ENDED,
        TOO_LATE,
        UNWANTED
    }

    private final Exchange exchange;
    private final ForkedAnswer answer;
    private final WatchdogSettings settings;
    private final RunningCalls running;
    private final Executor threads;
    private final FunctionLog log;
    private volatile boolean bodyFailed;

    ForkedCall(
            Exchange exchange,
            ForkedAnswer answer,
            WatchdogSettings settings,
            RunningCalls running,
            Executor threads,
            FunctionLog log) {
        this.exchange = exchange;
        this.answer = answer;
        this.settings = settings;
        this.running = running;
        this.threads = threads;
        this.log = log;
    }

    void run(Map<String, String> environment, Place place) throws IOException, InterruptedException {
        Map<String, String> variables = new HashMap<>(environment);
        if (settings.cgiHeaders()) {
            variables.putAll(CgiEnvironment.of(exchange, settings.mode() == Mode.CLASSIC));
        }
        long begin = System.nanoTime();
        ProcessGroup group;
        try {
            group = ProcessGroup.start(settings.command(), variables, place, settings.combineOutput());
        } catch (IOException e) {
            String reason = String.valueOf(e.getMessage());
            log.line(reason);
            answer.notStarted(reason);
            return;
        }
        running.started(group);
        FutureTask<@Nullable Void> upload = startUpload(group);
        try {
            await(group, upload, begin);
        } finally {
            if (group.process().isAlive()) {
                group.kill();
            }
            running.finished(group);
            if (!upload.isDone()) {
                exchange.abandon();
            }
        }
    }

    private void await(ProcessGroup group, FutureTask<@Nullable Void> upload, long begin)
            throws IOException, InterruptedException {
        Process process = group.process();
        FutureTask<@Nullable Void> download = start(() -> {
            try (InputStream output = process.getInputStream()) {
                output.transferTo(answer.output());
            } catch (IOException e) {
                group.kill(); // no room for the answer or nobody to take it, so it is of no use to go on
                throw e;
            }
            return null;
        });
        if (!settings.combineOutput()) {
            FunctionLog lines = settings.log().of("stderr", log);
            start(() -> {
                try (InputStream errors = process.getErrorStream()) {
                    OutputLines.copy(errors, settings.log().longestLine(), lines);
                }
                return null;
            });
        }
        End end = await(process);
        if (end != End.ENDED) {
            log.line("Killing process: " + settings.command().get(0));
            group.kill();
            if (end == End.TOO_LATE) {
                answer.tooLate();
            }
            return;
        }
        long nanos = System.nanoTime() - begin;
        try {
            finish(group, download);
        } catch (ExecutionException e) {
            answer.outputLost("cannot keep the function's answer: " + e.getCause());
            return;
        } catch (TimeoutException e) {
            answer.outputLost("the function has ended, but something it started keeps its output open");
            return;
        }
        if (bodyFailed) {
            answer.bodyFailed();
            return;
        }
        awaitQuietly(upload);
        answer.ended(process.exitValue(), nanos);
    }

    private End await(Process process) throws InterruptedException {
        long limit = settings.timeouts().exec().toNanos();
        long begin = System.nanoTime();
        while (true) {
            long left = limit == 0 ? Long.MAX_VALUE : limit - (System.nanoTime() - begin);
            if (process.waitFor(Math.min(left, LOOK), TimeUnit.NANOSECONDS)) {
                return End.ENDED;
            }
            if (left <= LOOK) {
                return End.TOO_LATE;
            }
            if (exchange.isClientGone()) {
                return End.UNWANTED;
            }
        }
    }

    /** A client that reads slowly has as long for each write as any; that limit ends the writing. */
    private void finish(ProcessGroup group, FutureTask<@Nullable Void> download)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            download.get(OUTPUT_GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            group.kill();
            Duration limit = KEEPING.plus(
                    settings.mode() == Mode.STREAMING ? settings.timeouts().write() : Duration.ZERO);
            download.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Feeds the body to the process. A process that does not want (all of) it has that right. */
    private FutureTask<@Nullable Void> startUpload(ProcessGroup group) {
        OutputStream input = group.process().getOutputStream();
        if (!exchange.hasBody() && !settings.marshalRequest()) {
            closeInput(input);
            FutureTask<@Nullable Void> nothing = new FutureTask<>(() -> {}, null);
            nothing.run();
            return nothing;
        }
        return start(() -> {
            var offered = new OfferedOutput(input);
            try {
                InputStream body = exchange.body();
                if (settings.marshalRequest()) {
                    MarshalledRequest.write(exchange, offered);
                } else {
                    body.transferTo(offered);
                }
            } catch (IOException e) {
                bodyFailed = true;
                group.kill();
            } finally {
                closeInput(input);
            }
            return null;
        });
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

    private FutureTask<@Nullable Void> start(Callable<@Nullable Void> pump) {
        FutureTask<@Nullable Void> task = new FutureTask<>(pump);
        threads.execute(task);
        return task;
    }

    /**
     * A process's input, for as long as it reads. What it does not want is thrown away, so that the rest of the body is
     * read all the same and the client gets its answer.
     */
    private static final class OfferedOutput extends OutputStream {

        private final OutputStream input;
        private boolean wanted = true;

        OfferedOutput(OutputStream input) {
            this.input = input;
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            if (!wanted) {
                return;
            }
            try {
                input.write(bytes, offset, length);
                input.flush();
            } catch (IOException e) {
                wanted = false;
            }
        }
    }
}
