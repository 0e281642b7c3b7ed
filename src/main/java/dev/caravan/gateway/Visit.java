package dev.caravan.gateway;

import dev.caravan.component.AnswerStream;
import dev.caravan.component.BodyPump;
import dev.caravan.component.Cancellation;
import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.FunctionAnswer;
import dev.caravan.component.HeaderRules;
import dev.caravan.component.RequestHead;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.streams.ReadStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One HTTP request, from its head to the last byte of its answer. All but the route itself runs on its event loop. */
final class Visit {

    private static final Logger LOG = LoggerFactory.getLogger(Visit.class);

    /** What is still read of a body that nobody wanted, to keep the connection; beyond it the connection is closed. */
    private static final long MAX_DRAIN = 256 * 1024;

    private static final int MAX_PARAMETERS = 256;

    /** Who is served on a connection; requests in line behind it have no visit yet. */
    private static final AttributeKey<Visit> CURRENT = AttributeKey.valueOf("dev.caravan.visit");

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final String path;
    private final @Nullable String query;
    private final Executor workers;
    private final BodyBudget budget;
    private final long maxBody;
    private final AtomicInteger running;
    private final LiveAnswers live;
    private final Context context = Vertx.currentContext();
    private final Thread loop = Thread.currentThread();

    /** Values that this class put on the message: what is still there in the end was not set by the route. */
    private final List<Object> received = new ArrayList<>(24);

    private final Cancellation cancellation = new Cancellation();
    private long held;
    private boolean answered;
    private boolean counted;

    Visit(
            HttpServerRequest request,
            String path,
            @Nullable String query,
            Executor workers,
            BodyBudget budget,
            long maxBody,
            AtomicInteger running,
            LiveAnswers live) {
        this.request = request;
        this.response = request.response();
        this.path = path;
        this.query = query;
        this.workers = workers;
        this.budget = budget;
        this.maxBody = maxBody;
        this.running = running;
        this.live = live;
    }

    /** Answers without asking a route. */
    void refuse(Failure failure) {
        write(failure, null);
    }

    void refuseEmpty(int status, Map<String, String> headers) {
        answered = true;
        response.setStatusCode(status);
        headers.forEach(response.headers()::set);
        end(null);
    }

    /** @param parameters the template's, raw */
    void serve(HttpConsumer consumer, Map<String, String> parameters) {
        counted = true;
        running.incrementAndGet();
        channel().attr(CURRENT).set(this);
        if (consumer.streaming()) {
            stream(consumer, parameters);
        } else {
            collect(consumer, parameters);
        }
    }

    /**
     * Tells the visit that is served on a connection when the connection closes. Not by Vert.x's own handler: it fails
     * over a connection with another request in line (4.5, a {@code NullPointerException}) and then tells nobody.
     */
    static void watch(HttpConnection connection) {
        Channel channel = ((ConnectionBase) connection).channel();
        channel.closeFuture().addListener(closed -> {
            Visit current = channel.attr(CURRENT).getAndSet(null);
            if (current != null) {
                current.context.runOnContext(now -> current.gone());
            }
        });
    }

    private Channel channel() {
        return ((ConnectionBase) request.connection()).channel();
    }

    private void gone() {
        cancellation.cancel();
        over();
    }

    // ---- the request ----

    private void stream(HttpConsumer consumer, Map<String, String> parameters) {
        ReadStream<Buffer> body = null;
        if (hasBody()) {
            request.pause();
            body = expectsContinue() ? new ContinuedBody(request) : request;
        }
        run(consumer, parameters, body);
    }

    private void collect(HttpConsumer consumer, Map<String, String> parameters) {
        if (!hasBody()) {
            dispatch(consumer, parameters, null);
            return;
        }
        long announced = announcedLength();
        if (announced > maxBody) {
            tooLarge();
            return;
        }
        if (announced > 0 && !hold(announced)) {
            return;
        }
        if (expectsContinue()) {
            response.writeContinue();
        }
        Buffer body = announced > 0 ? Buffer.buffer((int) announced) : Buffer.buffer();
        request.handler(chunk -> {
            if (answered) {
                return;
            }
            if (body.length() + chunk.length() > maxBody) {
                tooLarge();
            } else if (announced >= 0 || hold(chunk.length())) {
                body.appendBuffer(chunk);
            }
        });
        request.exceptionHandler(gone -> over());
        request.endHandler(end -> {
            if (!answered) {
                dispatch(consumer, parameters, body.getBytes());
            }
        });
    }

    private void dispatch(HttpConsumer consumer, Map<String, String> parameters, byte @Nullable [] body) {
        try {
            workers.execute(() -> run(consumer, parameters, body));
        } catch (RejectedExecutionException e) {
            write(Failure.of(e, path), null);
        }
    }

    private void run(HttpConsumer consumer, Map<String, String> parameters, @Nullable Object body) {
        Exchange exchange = consumer.createExchange(false);
        try {
            fill(exchange, parameters, body);
            consumer.createUoW(exchange);
        } catch (Exception e) {
            exchange.setException(e);
            finish(consumer, exchange);
            return;
        }
        consumer.getAsyncProcessor().process(exchange, done -> finish(consumer, exchange));
    }

    private boolean hasBody() {
        MultiMap headers = request.headers();
        return headers.contains("transfer-encoding") || announcedLength() > 0;
    }

    private boolean expectsContinue() {
        return "100-continue".equalsIgnoreCase(request.getHeader("expect"));
    }

    /** -1 when unknown. */
    private long announcedLength() {
        String length = request.getHeader("content-length");
        return length == null ? -1 : Long.parseLong(length);
    }

    private void tooLarge() {
        write(new Failure(413, "the body is larger than " + maxBody + " bytes", Map.of()), null);
    }

    private boolean hold(long bytes) {
        if (budget.take(bytes)) {
            held += bytes;
            return true;
        }
        write(new Failure(503, "too many bodies at once; try again", Map.of("Retry-After", "1")), null);
        return false;
    }

    private void fill(Exchange exchange, Map<String, String> rawParameters, @Nullable Object body) {
        MultiMap headers = request.headers();
        Map<String, String> parameters = decoded(rawParameters);
        String host = headers.get("host");
        var head = new RequestHead(
                request.method().name(), path, query, headers, remoteAddress(), request.scheme(), host, parameters);
        exchange.setProperty(CaravanHeaders.REQUEST_HEAD, head);
        exchange.setProperty(CaravanHeaders.CANCELLATION, cancellation);

        Message message = exchange.getMessage();
        if (query != null) {
            queryParameters(message, query);
        }
        for (Map.Entry<String, String> header : headers) {
            if (HeaderRules.entersMessages(header.getKey())) {
                add(message, header.getKey(), header.getValue());
            }
        }
        parameters.forEach((name, value) -> {
            if (HeaderRules.parameterEntersMessages(name)) {
                put(message, name, value);
            }
        });
        message.setHeader(Exchange.HTTP_METHOD, head.method());
        message.setHeader(Exchange.HTTP_PATH, path);
        message.setHeader(Exchange.HTTP_URI, request.uri());
        message.setHeader(Exchange.HTTP_URL, head.scheme() + "://" + (host == null ? "" : host) + path);
        if (query != null) {
            message.setHeader(Exchange.HTTP_QUERY, query);
        }
        message.setBody(body);
    }

    private void queryParameters(Message message, String text) {
        int from = 0;
        for (int count = 0; from <= text.length() && count < MAX_PARAMETERS; count++) {
            int amp = text.indexOf('&', from);
            int end = amp < 0 ? text.length() : amp;
            int equals = text.indexOf('=', from);
            int split = equals < 0 || equals > end ? end : equals;
            String name = text.substring(from, split);
            if (HeaderRules.parameterEntersMessages(name)) {
                add(message, name, split == end ? "" : percentDecoded(text.substring(split + 1, end), true));
            }
            from = end + 1;
        }
    }

    /** A repeated name becomes a list, as Camel users know it. */
    private void add(Message message, String name, String value) {
        Object before = message.getHeader(name);
        if (before == null) {
            put(message, name, value);
            return;
        }
        List<Object> all = new ArrayList<>();
        if (before instanceof Collection<?> several) {
            all.addAll(several);
        } else {
            all.add(before);
        }
        all.add(value);
        put(message, name, all);
    }

    private void put(Message message, String name, Object value) {
        message.setHeader(name, value);
        received.add(value);
    }

    private static Map<String, String> decoded(Map<String, String> raw) {
        if (raw.isEmpty()) {
            return raw;
        }
        Map<String, String> decoded = new HashMap<>();
        raw.forEach((name, value) -> decoded.put(name, percentDecoded(value, false)));
        return decoded;
    }

    private static String percentDecoded(String text, boolean plusIsSpace) {
        boolean plain = text.indexOf('%') < 0 && (!plusIsSpace || text.indexOf('+') < 0);
        if (plain) {
            return text;
        }
        try {
            return URLDecoder.decode(plusIsSpace ? text : text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text; // a stray percent sign: it means itself
        }
    }

    private String remoteAddress() {
        SocketAddress peer = request.remoteAddress();
        return peer == null ? "" : peer.hostAddress() + ":" + peer.port();
    }

    // ---- the answer ----

    /** The route is done; on any thread. */
    private void finish(HttpConsumer consumer, Exchange exchange) {
        Object body = exchange.getException() == null ? exchange.getMessage().getBody() : null;
        boolean convert = body != null
                && !(body instanceof ReadStream)
                && !(body instanceof Buffer)
                && !(body instanceof byte[])
                && !(body instanceof String);
        if (convert && Context.isOnEventLoopThread()) {
            try {
                workers.execute(() -> finish(consumer, exchange));
                return;
            } catch (RejectedExecutionException e) {
                exchange.setException(e);
            }
        } else if (convert) {
            try {
                body = exchange.getMessage().getMandatoryBody(byte[].class);
            } catch (Exception e) {
                exchange.setException(e);
            }
        }
        Object answer = body;
        if (Thread.currentThread() == loop) {
            answer(consumer, exchange, answer);
        } else {
            context.runOnContext(now -> answer(consumer, exchange, answer));
        }
    }

    private void answer(HttpConsumer consumer, Exchange exchange, @Nullable Object body) {
        AnswerStream stream = exchange.getProperty(CaravanHeaders.ANSWER_STREAM, AnswerStream.class);
        try {
            if (answered || response.closed()) {
                over();
            } else if (exchange.getException() != null) {
                write(Failure.of(exchange.getException(), request.method() + " " + path), exchange);
            } else {
                write(exchange, body, body == stream ? stream : null);
            }
        } catch (RuntimeException e) {
            LOG.error("answer failed request={}", path, e);
            request.connection().close();
        } finally {
            if (stream != null && (body != stream || response.closed())) {
                stream.abort();
            }
            consumer.doneUoW(exchange);
            consumer.releaseExchange(exchange, false);
        }
    }

    private void write(Failure failure, @Nullable Exchange exchange) {
        answered = true;
        MultiMap headers = response.headers();
        response.setStatusCode(failure.status());
        headers.set("Content-Type", "text/plain; charset=utf-8");
        headers.set("X-Content-Type-Options", "nosniff");
        failure.headers().forEach(headers::set);
        addCallHeaders(exchange);
        end(Buffer.buffer(failure.line() + "\n"));
    }

    private void addCallHeaders(@Nullable Exchange exchange) {
        CallHeaders call = exchange == null ? null : exchange.getProperty(CallHeaders.PROPERTY, CallHeaders.class);
        if (call != null) {
            call.addMissingTo(response.headers());
        }
    }

    private void write(Exchange exchange, @Nullable Object body, @Nullable AnswerStream stream) {
        answered = true;
        Message message = exchange.getMessage();
        Integer status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        response.setStatusCode(status == null ? 200 : status);
        MultiMap headers = response.headers();
        if (stream != null) {
            copyVerbatim(stream.headers(), headers);
        }
        copyFromMessage(exchange, headers);
        addCallHeaders(exchange);

        if (stream != null) {
            pump(stream, stream.length());
        } else if (body instanceof LiveAnswer<?> lines) {
            lines.joins(live);
            pump(lines, -1);
        } else if (body instanceof ReadStream) {
            @SuppressWarnings("unchecked") // the only streams in routes are of buffers
            var other = (ReadStream<Buffer>) body;
            pump(other, -1);
        } else if (body instanceof byte[] bytes) {
            end(Buffer.buffer(Unpooled.wrappedBuffer(bytes)));
        } else if (body instanceof String text) {
            end(Buffer.buffer(text));
        } else {
            end((Buffer) body);
        }
    }

    private static void copyVerbatim(MultiMap from, MultiMap to) {
        Set<String> listed = HeaderRules.listedByConnection(from);
        for (Map.Entry<String, String> header : from) {
            String name = header.getKey();
            boolean stays = HeaderRules.isHopByHop(name)
                    || HeaderRules.isInternal(name)
                    || listed != null && listed.contains(name);
            if (!stays) {
                to.add(name, header.getValue());
            }
        }
    }

    private void copyFromMessage(Exchange exchange, MultiMap to) {
        FunctionAnswer answer = exchange.getProperty(CaravanHeaders.FUNCTION_ANSWER, FunctionAnswer.class);
        exchange.getMessage().getHeaders().forEach((name, value) -> {
            if (value == null || isReceived(value) || !HeaderRules.leavesMessages(name)) {
                return;
            }
            List<String> several = answer == null ? null : answer.headers().get(name);
            if (several != null && several.get(0) == value) {
                to.set(name, several);
            } else if (value instanceof Collection<?> values) {
                to.remove(name);
                values.forEach(one -> addValid(to, name, one));
            } else {
                to.remove(name);
                addValid(to, name, value);
            }
        });
    }

    private static void addValid(MultiMap to, String name, @Nullable Object value) {
        if (value instanceof String || value instanceof Number || value instanceof Boolean) {
            String text = value.toString();
            if (HeaderRules.isValue(text)) {
                to.add(name, text);
            }
        }
    }

    /** By identity: an equal value that the route has set itself does leave. */
    private boolean isReceived(Object value) {
        for (int i = 0; i < received.size(); i++) {
            if (received.get(i) == value) {
                return true;
            }
        }
        return false;
    }

    private void pump(ReadStream<Buffer> body, long length) {
        if (request.method() == HttpMethod.HEAD || length == 0) {
            body.handler(ignored -> {});
            body.resume();
            end(null);
            return;
        }
        if (length < 0) {
            response.setChunked(true);
        }
        new BodyPump(body, response, length)
                .start(this::ended, broken -> request.connection().close());
        // A stream's head must not wait for its first event; whatever came along with the head is written by then.
        context.runOnContext(later -> {
            if (!response.headWritten() && !response.closed()) {
                response.write(Buffer.buffer());
            }
        });
    }

    private void end(@Nullable Buffer body) {
        if (request.method() == HttpMethod.HEAD && body != null) {
            response.headers().set("Content-Length", Integer.toString(body.length()));
            response.end();
        } else if (body == null) {
            response.end();
        } else {
            response.end(body);
        }
        ended();
    }

    private void ended() {
        over();
        if (request.isEnded()) {
            return;
        }
        if (expectsContinue()) {
            // Whether the body follows is the client's guess now, so the connection is no use.
            request.connection().close();
            return;
        }
        var left = new long[] {MAX_DRAIN};
        request.exceptionHandler(gone -> {});
        request.endHandler(end -> {});
        request.handler(chunk -> {
            left[0] -= chunk.length();
            if (left[0] < 0) {
                request.connection().close();
            }
        });
        request.resume();
    }

    private void over() {
        if (counted) {
            counted = false;
            channel().attr(CURRENT).compareAndSet(this, null);
            running.decrementAndGet();
        }
        if (held > 0) {
            budget.giveBack(held);
            held = 0;
        }
    }
}
