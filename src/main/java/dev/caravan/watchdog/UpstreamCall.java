package dev.caravan.watchdog;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One request that goes on to a process that speaks HTTP; bytes pass both ways as they come. */
final class UpstreamCall {

    /** Of one connection, not of the message (RFC 9110, 7.6.1); the length is said anew. */
    private static final Set<String> OF_A_CONNECTION = Set.of(
            "connection",
            "content-length",
            "expect",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    /** Asking twice does no more than asking once (RFC 9110, 9.2.1). */
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

    /** What is this short is sent before the answer is looked for, on the same thread. */
    private static final int SHORT = 16 * 1024;

    private static final int MEMORY_LIMIT = 128 * 1024;

    /** The client left, so nobody wants the answer. */
    private static final class ClientGoneException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** The client did not send what it had begun to. */
    private static final class BodyFailedException extends IOException {
        private static final long serialVersionUID = 1L;

        BodyFailedException(IOException cause) {
            super("the request's body ended early", cause);
        }
    }

    private final Exchange exchange;
    private final InputStream body;
    private final boolean repeatable;
    private final WatchdogSettings settings;
    private final WatchdogSettings.Upstream target;
    private final UpstreamPool pool;
    private final Executor threads;
    private final FunctionLog log;
    private final long begin = System.nanoTime();
    private final Duration limit;
    private @Nullable FutureTask<@Nullable Void> upload;

    UpstreamCall(
            Exchange exchange,
            WatchdogSettings settings,
            WatchdogSettings.Upstream target,
            UpstreamPool pool,
            Executor threads,
            FunctionLog log) {
        this.exchange = exchange;
        this.body = new ClientBody(exchange.body());
        this.repeatable = SAFE.contains(exchange.method()) && !exchange.hasBody();
        this.settings = settings;
        this.target = target;
        this.pool = pool;
        this.threads = threads;
        this.log = log;
        this.limit = limit();
    }

    /** The limit of all calls, or the shorter one that this call asks for. */
    private Duration limit() {
        Duration all = settings.timeouts().exec();
        Duration asked =
                Variables.duration(exchange.headers().first("X-Timeout", "")).orElse(Duration.ZERO);
        return asked.isZero() || !all.isZero() && asked.compareTo(all) > 0 ? all : asked;
    }

    void run() throws IOException, InterruptedException {
        try (SpooledOutput spool = new SpooledOutput(MEMORY_LIMIT)) {
            boolean buffered = settings.bufferBody() && exchange.headers().has("Transfer-Encoding");
            if (buffered) {
                body.transferTo(spool);
            }
            send(buffered ? spool : null);
        } catch (SocketTimeoutException e) {
            log.line("no answer of the function within " + WatchdogSettings.said(limit));
            fail(504);
        } catch (ClientGoneException e) {
            log.line("the client has gone");
        } catch (IOException e) {
            log.line("call failed: " + e.getMessage());
            fail(500);
        } finally {
            if (upload != null && !upload.isDone()) {
                exchange.abandon();
            }
        }
    }

    /** An answer that has begun is cut off: its client must not take it for whole. */
    private void fail(int status) throws IOException {
        if (exchange.status() == 0) {
            exchange.answerHeaders().set(Reasons.INTERNAL, "of-watchdog");
            exchange.empty(status);
        }
    }

    private void send(@Nullable SpooledOutput spool) throws IOException, InterruptedException {
        // A kept connection may be closed at the very moment it is used; what is safe can just be sent again.
        Wire kept = pool.kept();
        if (kept != null) {
            try {
                converse(kept, spool);
                return;
            } catch (SocketTimeoutException | ClientGoneException | BadMessageException e) {
                throw e;
            } catch (IOException e) {
                if (!repeatable || exchange.status() != 0) {
                    throw e;
                }
            }
        }
        converse(pool.connect(this::checkReason), spool);
    }

    private void checkReason() throws IOException {
        if (exchange.isClientGone()) {
            throw new ClientGoneException();
        }
        if (!limit.isZero() && System.nanoTime() - begin > limit.toNanos()) {
            throw new SocketTimeoutException();
        }
    }

    private void converse(Wire wire, @Nullable SpooledOutput spool) throws IOException, InterruptedException {
        boolean again = false;
        try {
            wire.within(left());
            wire.whileWaiting(this::checkReason);
            sendHead(wire, spool);
            sendBody(wire, spool);
            again = answer(wire);
        } finally {
            if (again) {
                pool.keep(wire);
            } else {
                wire.close();
                awaitUpload(); // its next write fails
            }
        }
    }

    private Duration left() throws SocketTimeoutException {
        if (limit.isZero()) {
            return limit;
        }
        Duration left = limit.minusNanos(System.nanoTime() - begin);
        if (left.isNegative() || left.isZero()) {
            throw new SocketTimeoutException();
        }
        return left;
    }

    private void sendHead(Wire wire, @Nullable SpooledOutput spool) throws IOException {
        Headers headers = passedOn(exchange.headers());
        if (spool != null) {
            headers.set("Content-Length", Long.toString(spool.size()));
        } else if (exchange.headers().has("Transfer-Encoding")) {
            headers.set("Transfer-Encoding", "chunked");
        } else if (exchange.headers().has("Content-Length")) {
            headers.set("Content-Length", exchange.headers().first("Content-Length", "0"));
        }
        if (isUpgrade(exchange.headers())) {
            headers.set("Connection", "Upgrade");
            headers.set("Upgrade", exchange.headers().first("Upgrade", ""));
        }
        StringBuilder head = new StringBuilder(512);
        head.append(exchange.method()).append(' ').append(target.path()).append(exchange.target());
        head.append(" HTTP/1.1\r\n");
        for (Headers.Field field : headers.fields()) {
            head.append(field.name()).append(": ").append(field.value()).append("\r\n");
        }
        wire.write(head.append("\r\n").toString());
    }

    private static boolean isUpgrade(Headers headers) {
        return headers.has("Upgrade") && headers.words("Connection").contains("upgrade");
    }

    private static Headers passedOn(Headers headers) {
        Set<String> dropped = new TreeSet<>(OF_A_CONNECTION);
        dropped.addAll(headers.words("Connection"));
        dropped.remove("host"); // every request has one
        Headers passed = new Headers();
        for (Headers.Field field : headers.fields()) {
            if (!dropped.contains(field.name().toLowerCase(Locale.ROOT))) {
                passed.add(field.name(), field.value());
            }
        }
        return passed;
    }

    private void sendBody(Wire wire, @Nullable SpooledOutput spool) throws IOException {
        if (spool != null) {
            startUpload(wire, () -> {
                spool.copyTo(wire.output());
                wire.output().flush();
            });
        } else if (!exchange.hasBody()) {
            wire.output().flush();
        } else if (length() >= 0 && length() <= SHORT) {
            wire.output().write(body.readAllBytes());
            wire.output().flush();
        } else {
            BodyOutput.Framing framing = length() < 0 ? BodyOutput.Framing.CHUNKS : BodyOutput.Framing.LENGTH;
            startUpload(wire, () -> pass(new BodyOutput(wire.output(), framing, length())));
        }
    }

    /** Of the request's body; negative when it is not said. */
    private long length() {
        return exchange.headers().has("Transfer-Encoding")
                ? -1
                : Long.parseLong(exchange.headers().first("Content-Length", "0"));
    }

    private void pass(BodyOutput output) throws IOException {
        byte[] buffer = new byte[16 * 1024];
        output.flush(); // the head: the process may want to see it before there is a body
        for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
            output.write(buffer, 0, count);
            output.flush();
        }
        output.end(exchange.body().trailers());
    }

    private void startUpload(Wire wire, Pump pump) {
        FutureTask<@Nullable Void> task = new FutureTask<>(() -> {
            try {
                pump.run();
            } catch (BodyFailedException e) {
                wire.close(); // half a request is worth no answer
                throw e;
            }
            return null;
        });
        upload = task;
        threads.execute(task);
    }

    private void awaitUpload() throws InterruptedException {
        if (upload == null) {
            return;
        }
        try {
            upload.get(500, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return; // what it did not send was not wanted
        }
    }

    /** @return whether the connection can be used again */
    private boolean answer(Wire wire) throws IOException, InterruptedException {
        AnswerHead head = AnswerHead.read(wire);
        while (head.isInterim()) {
            if (head.status() != 100) { // that one was ours to say
                exchange.hint(head.status(), passedOn(head.headers()));
            }
            head = AnswerHead.read(wire);
        }
        if (head.status() == 101) {
            tunnel(wire, head);
            return false;
        }
        boolean bodiless = exchange.method().equals("HEAD") || head.status() == 204 || head.status() == 304;
        BodyInput content = bodiless ? BodyInput.none(wire) : BodyInput.ofAnswer(wire, head.headers());
        for (Headers.Field field : passedOn(head.headers()).fields()) {
            exchange.answerHeaders().add(field.name(), field.value());
        }
        if (!isStream()) {
            exchange.answerHeaders()
                    .set("X-Duration-Seconds", String.format(Locale.ROOT, "%.6f", (System.nanoTime() - begin) / 1e9));
        }
        long length = head.headers().has("Transfer-Encoding") ? -1 : head.length();
        BodyOutput output = exchange.answer(head.status(), head.reason(), length);
        copy(content, output);
        output.end(content.trailers());
        return head.mayFollow() && !content.isUntilClosed() && isUploaded();
    }

    private boolean isUploaded() {
        return upload == null ? !exchange.hasBody() : upload.isDone() && !exchange.hasBody();
    }

    private static void copy(InputStream body, OutputStream output) throws IOException {
        byte[] buffer = new byte[16 * 1024];
        for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
            output.write(buffer, 0, count);
            output.flush();
        }
    }

    /** Whoever follows a stream wants no figure that is known only at its end. */
    private boolean isStream() {
        String accept = exchange.headers().first("Accept", "").toLowerCase(Locale.ROOT);
        return accept.contains("text/event-stream") || accept.contains("application/x-ndjson");
    }

    /** Another protocol from here on: bytes both ways until one side ends. It may last longer than a call. */
    private void tunnel(Wire wire, AnswerHead head) throws IOException, InterruptedException {
        Wire client = exchange.upgrade(head.reason(), head.headers());
        wire.within(Duration.ZERO);
        wire.whileWaiting(() -> {});
        FutureTask<@Nullable Void> up = new FutureTask<>(() -> {
            try {
                pipe(client, wire);
            } finally {
                wire.close();
            }
            return null;
        });
        threads.execute(up);
        try {
            pipe(wire, client);
        } catch (IOException e) {
            return; // one of them hung up
        } finally {
            client.close();
            wire.close();
        }
    }

    private static void pipe(Wire from, Wire to) throws IOException {
        byte[] buffer = new byte[16 * 1024];
        for (int count = from.read(buffer, 0, buffer.length); count >= 0; count = from.read(buffer, 0, buffer.length)) {
            to.output().write(buffer, 0, count);
            to.output().flush();
        }
    }

    /** Tells whether it was the client's side that failed, which looks like the function's otherwise. */
    private static final class ClientBody extends FilterInputStream {

        ClientBody(InputStream body) {
            super(body);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return in.read(bytes, offset, length);
            } catch (IOException e) {
                throw new BodyFailedException(e);
            }
        }
    }

    /** Moves bytes until there are no more. */
    @FunctionalInterface
    private interface Pump {
        void run() throws IOException;
    }
}
