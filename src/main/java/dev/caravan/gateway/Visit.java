package dev.caravan.gateway;

import dev.caravan.component.AnswerStream;
import dev.caravan.component.BodyPump;
import dev.caravan.component.Cancellation;
import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.RequestTrailers;
import dev.caravan.gateway.auth.Caller;
import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import io.vertx.core.streams.ReadStream;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One HTTP request, from its head to the last byte of its answer. All but the route itself runs on its event loop. */
final class Visit {

    private static final Logger LOG = LoggerFactory.getLogger(Visit.class);

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final String path;
    private final @Nullable String query;
    private final @Nullable RequestTrailers trailers;
    private final boolean apart;
    private final House house;
    private final Context context = Vertx.currentContext();
    private final Thread loop = Thread.currentThread();
    private final RequestMessage message = new RequestMessage();
    private final Cancellation cancellation = new Cancellation();

    private @Nullable CollectedBody collected;
    private @Nullable HttpConsumer consumer;
    private @Nullable Caller caller;

    /** The route is done with it; still counted as running there until the answer is out. */
    private @Nullable Exchange processed;

    private boolean answered;
    private boolean counted;

    /** @param apart whether what a function answers must not act on the console, as a page of the same origin could */
    Visit(HttpServerRequest request, String path, @Nullable String query, boolean apart, House house) {
        this.request = request;
        this.response = request.response();
        this.path = path;
        this.query = query;
        this.apart = apart;
        this.trailers = RequestTrailers.announcedBy(request);
        this.house = house;
    }

    /** Answers without asking a route. */
    void refuse(Failure failure) {
        write(failure, null);
    }

    /** The same, for a request after which nobody can tell where the next one would begin. */
    void refuseAndClose(Failure failure) {
        response.headers().set("Connection", "close");
        write(failure, null);
        request.connection().close();
    }

    void refuseEmpty(int status, Map<String, String> headers) {
        answered = true;
        response.setStatusCode(status);
        headers.forEach(response.headers()::set);
        end(null);
    }

    /**
     * @param parameters the template's, raw
     * @param who null when nobody was asked
     */
    void serve(HttpConsumer route, Map<String, String> parameters, @Nullable Caller who) {
        consumer = route;
        caller = who;
        counted = true;
        house.running().incrementAndGet();
        ServedConnection.begin(request.connection(), this);
        if (RequestBodies.isUnreadable(request)) {
            refuseAndClose(new Failure(501, "a body can only be sent as it is or chunked", Map.of()));
        } else if (route.streaming()) {
            stream(route, parameters);
        } else {
            collect(route, parameters);
        }
    }

    /** For any thread. */
    void clientGone() {
        context.runOnContext(now -> {
            cancellation.cancel();
            over();
        });
    }

    // ---- the request ----

    private void stream(HttpConsumer route, Map<String, String> parameters) {
        ReadStream<Buffer> body = null;
        if (RequestBodies.isExpected(request)) {
            request.pause();
            body = RequestBodies.waitsForContinue(request) ? new ContinuedBody(request) : request;
        }
        run(route, parameters, body);
    }

    private void collect(HttpConsumer route, Map<String, String> parameters) {
        if (!RequestBodies.isExpected(request)) {
            dispatch(route, parameters, null);
            return;
        }
        var body = new CollectedBody(request, house.budget(), house.maxBody(), this::refuse);
        collected = body;
        body.collect(whole -> dispatch(route, parameters, whole), this::over);
    }

    private void dispatch(HttpConsumer route, Map<String, String> parameters, byte @Nullable [] body) {
        try {
            house.workers().execute(() -> run(route, parameters, body));
        } catch (RejectedExecutionException e) {
            write(Failure.of(e, path), null);
        }
    }

    private void run(HttpConsumer route, Map<String, String> parameters, @Nullable Object body) {
        Exchange exchange = route.createExchange(false);
        try {
            // An HTTP/1.0 client would take the hints for the answer (RFC 9110 section 15.2).
            Consumer<MultiMap> hints = request.version() == HttpVersion.HTTP_1_1 ? this::hint : null;
            message.fill(exchange, request, path, query, hints, trailers, parameters);
            exchange.getMessage().setBody(body);
            exchange.setProperty(CaravanHeaders.CANCELLATION, cancellation);
            if (caller != null) {
                exchange.setProperty(Caller.PROPERTY, caller);
            }
            route.createUoW(exchange);
        } catch (Exception e) {
            exchange.setException(e);
            finish(exchange);
            return;
        }
        if (house.audit().concerns(route, request.method())) {
            route.getAsyncProcessor().process(exchange, done -> note(exchange));
        } else {
            route.getAsyncProcessor().process(exchange, done -> finish(exchange));
        }
    }

    /** Before the answer, so that what somebody was told has happened is found. */
    private void note(Exchange exchange) {
        if (Context.isOnEventLoopThread()) {
            try {
                house.workers().execute(() -> note(exchange));
                return;
            } catch (RejectedExecutionException e) {
                LOG.error("operator action not kept, stopping request={} {}", request.method(), path);
            }
        } else {
            String asked = query == null ? path : path + "?" + query;
            house.audit().note(exchange, caller, request.method() + " " + asked, request.getHeader(Audit.REASON));
        }
        finish(exchange);
    }

    // ---- the answer ----

    /** The route is done; on any thread. */
    private void finish(Exchange exchange) {
        Object body = exchange.getException() == null ? exchange.getMessage().getBody() : null;
        boolean convert = body != null && !isReady(body);
        if (convert && Context.isOnEventLoopThread()) {
            try {
                house.workers().execute(() -> finish(exchange));
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
            answer(exchange, answer);
        } else {
            context.runOnContext(now -> answer(exchange, answer));
        }
    }

    /** Whether it can be written without asking Camel's converters, which may block. */
    private static boolean isReady(Object body) {
        return body instanceof ReadStream || body instanceof Buffer || body instanceof byte[] || body instanceof String;
    }

    private void answer(Exchange exchange, @Nullable Object body) {
        processed = exchange;
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
        }
    }

    private void write(Failure failure, @Nullable Exchange exchange) {
        answered = true;
        response.setStatusCode(failure.status());
        MultiMap headers = response.headers();
        failure.addHeadersTo(headers);
        CallHeaders call = callHeaders(exchange);
        if (FunctionPath.isCall(path)) {
            headers.set("X-OpenFaaS-Internal", "proxy");
            call = call == null ? house.stamp().stamp(request.headers()) : call;
        }
        if (call != null) {
            call.addMissingTo(headers);
        }
        end(Buffer.buffer(failure.line() + "\n"));
    }

    /** Writes early hints, unless the answer has begun. For any thread. */
    private void hint(MultiMap fields) {
        if (Thread.currentThread() != loop) {
            context.runOnContext(now -> hint(fields));
        } else if (!answered && !response.closed()) {
            MultiMap hints = HeadersMultiMap.httpHeaders();
            AnswerHeaders.copyEndToEnd(fields, hints);
            response.writeEarlyHints(hints);
        }
    }

    private static @Nullable CallHeaders callHeaders(@Nullable Exchange exchange) {
        return exchange == null ? null : exchange.getProperty(CallHeaders.PROPERTY, CallHeaders.class);
    }

    private void write(Exchange exchange, @Nullable Object body, @Nullable AnswerStream stream) {
        answered = true;
        Integer said = exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        int status = said == null ? 200 : said;
        response.setStatusCode(status);
        MultiMap headers = response.headers();
        if (stream != null) {
            AnswerHeaders.copyVerbatim(stream, headers);
        }
        AnswerHeaders.copyFromMessage(exchange, message, headers);
        CallHeaders call = callHeaders(exchange);
        if (call != null) {
            call.addMissingTo(headers);
        }

        if (FunctionPath.isCall(path)) {
            AnswerHeaders.keepFromConsole(headers, apart);
        }

        if (stream != null && stream.isUpgraded()) {
            tunnel(stream);
        } else if (stream != null) {
            AnswerHeaders.addMissingContentType(request.headers(), status, headers);
            pump(stream, AnswerHeaders.hasContent(status) ? stream.length() : 0);
        } else if (body instanceof LiveAnswer<?> lines) {
            release(); // nor does its route wait for what may never end
            lines.joins(house.live(), () -> house.mayStay().test(caller));
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

    private void pump(ReadStream<Buffer> body, long length) {
        if (request.method() == HttpMethod.HEAD || length == 0) {
            body.handler(ignored -> {});
            body.resume();
            end(null);
            return;
        }
        var pump = new BodyPump(body, response, length);
        if (length < 0) {
            response.setChunked(true);
            if (body instanceof AnswerStream answer) {
                pump.beforeEnd(() -> AnswerHeaders.copyTrailers(answer.trailers(), response.trailers()));
            }
        }
        pump.start(this::ended, broken -> request.connection().close());
        // A stream's head must not wait for its first event; whatever came along with the head is written by then.
        context.runOnContext(later -> {
            if (!response.headWritten() && !response.closed()) {
                response.write(Buffer.buffer());
            }
        });
    }

    /** The route is not held up by it: a stop or a reload does not wait for what may never end. */
    private void tunnel(AnswerStream stream) {
        release();
        ServedConnection.end(request.connection(), this); // from here on the tunnel looks after both
        request.toNetSocket()
                .onSuccess(client -> new Tunnel(context, client, stream, this::over).open())
                .onFailure(broken -> {
                    LOG.warn("cannot leave HTTP request={} error={}", path, broken.toString());
                    stream.abort();
                    request.connection().close();
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
        RequestBodies.drain(request);
    }

    /** Harmless when it is over already. */
    private void over() {
        if (counted) {
            counted = false;
            ServedConnection.end(request.connection(), this);
            house.running().decrementAndGet();
        }
        if (collected != null) {
            collected.release();
        }
        release();
    }

    private void release() {
        Exchange done = processed;
        if (done != null && consumer != null) {
            processed = null;
            consumer.doneUoW(done);
            consumer.releaseExchange(done, false);
        }
    }
}
