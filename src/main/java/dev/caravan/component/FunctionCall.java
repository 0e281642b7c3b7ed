package dev.caravan.component;

import dev.caravan.function.CallEvents;
import dev.caravan.function.FailureCode;
import dev.caravan.function.FunctionCallException;
import dev.caravan.function.FunctionName;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.AsyncResult;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.streams.ReadStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call of a function over HTTP/1.1, from choosing a replica to the last byte. All of it runs on one event loop.
 *
 * <p>It tells its outcome once: an answer (the whole one, or in stream mode its head) or a failure. A replica that
 * refuses the connection costs nothing, so the others are tried; a kept connection that turns out to be closed is
 * replaced once when the body can be sent again.
 *
 * <p>A call that asks for another protocol and gets it (101) lasts until either side closes its connection: from then on
 * it has no time limit, and ends under that status.
 */
final class FunctionCall {

    /** Who waits for it. Exactly one method is called, once, on the event loop. */
    interface Receiver {
        void streaming(AnswerStream answer);

        void answered(HttpClientResponse response, Buffer body, long size, Duration took);

        void failed(RuntimeException failure);
    }

    /**
     * What to send.
     *
     * @param replicas where; tried from {@code first} on
     * @param uri raw path and query
     * @param headers adds the request's headers
     * @param body null for none, a {@link Buffer}, or a {@code ReadStream<Buffer>}
     * @param bodyLength of a stream, in bytes; -1 when unknown
     * @param stream whether the answer is handed on at its head
     * @param maxAnswer bytes of a buffered answer that are kept
     */
    record Order(
            FunctionName function,
            List<URI> replicas,
            int first,
            HttpMethod method,
            String uri,
            RequestHeaders headers,
            @Nullable Object body,
            long bodyLength,
            boolean stream,
            Duration timeout,
            long maxAnswer) {

        /** The same, for replicas that were not there yet. */
        Order at(List<URI> where, int start) {
            return new Order(
                    function, where, start, method, uri, headers, body, bodyLength, stream, timeout, maxAnswer);
        }
    }

    private static final int SWITCHING_PROTOCOLS = 101;

    private enum Phase {
        CONNECTING,
        SENT,
        ANSWERING,
        OVER
    }

    private final Vertx vertx;
    private final FunctionClient client;
    private final CallEvents events;
    private final Order order;
    private final Receiver receiver;
    private final boolean upgrade;
    private final long started = System.nanoTime();

    private Phase phase = Phase.CONNECTING;
    private long timer;
    private int refused;
    private boolean resent;
    private boolean sending;
    private boolean reused;
    private int status;
    private @Nullable HttpClientRequest request;

    FunctionCall(Vertx vertx, FunctionClient client, CallEvents events, Order order, Receiver receiver) {
        this.vertx = vertx;
        this.client = client;
        this.events = events;
        this.order = order;
        this.receiver = receiver;
        this.upgrade = order.headers().upgrade();
    }

    void start() {
        events.invocationStarted(order.function());
        timer = vertx.setTimer(Math.max(1, order.timeout().toMillis()), fired -> timedOut());
        connect(fresh());
    }

    /** Connections that were not tried yet. An upgraded one is never given back, so it is not taken from the others. */
    private HttpClient fresh() {
        return upgrade ? client.upgrading() : client.pooled();
    }

    /** The answer is not wanted any more. Safe in any phase, on the event loop only. */
    void abort() {
        if (phase == Phase.ANSWERING) {
            over(status);
        } else if (phase != Phase.OVER) {
            fail(FailureCode.UNREACHABLE, "the call was given up");
        }
        reset();
    }

    private void connect(HttpClient from) {
        URI replica = order.replicas()
                .get((order.first() + refused) % order.replicas().size());
        var options = new RequestOptions()
                .setMethod(order.method())
                .setHost(replica.getHost())
                .setPort(replica.getPort() < 0 ? 80 : replica.getPort())
                .setURI(order.uri());
        from.request(options).onComplete(this::connected);
    }

    private void connected(AsyncResult<HttpClientRequest> connection) {
        if (connection.succeeded()) {
            send(connection.result());
        } else if (phase == Phase.CONNECTING && ++refused < order.replicas().size()) {
            connect(fresh());
        } else if (phase == Phase.CONNECTING) {
            fail(FailureCode.UNREACHABLE, "no replica accepts a connection");
        }
    }

    private void send(HttpClientRequest ready) {
        request = ready;
        // Every failure comes through the response; unhandled here, Vert.x would log it as an error.
        ready.exceptionHandler(told -> {});
        if (phase == Phase.OVER) {
            reset();
            return;
        }
        phase = Phase.SENT;
        reused = !resent && client.proven(ready.connection());
        order.headers().accept(ready.headers());
        ready.response().onComplete(this::responded);
        Object body = order.body();
        if (upgrade) {
            sending = true; // until the connection is closed: whatever the answer, no other call gets it
            ready.connect();
        } else if (body == null) {
            ready.end();
        } else if (body instanceof Buffer whole) {
            ready.end(whole);
        } else {
            @SuppressWarnings("unchecked") // what Order.body says
            var stream = (ReadStream<Buffer>) body;
            if (order.bodyLength() < 0) {
                ready.setChunked(true);
            }
            sending = true;
            var pump = new BodyPump(stream, ready, order.bodyLength());
            RequestTrailers trailers = order.headers().trailers();
            if (trailers != null) {
                pump.beforeEnd(() -> trailers.sendAtTheEndOnce(ready.connection()));
            }
            pump.start(() -> sending = false, broken -> abort());
        }
    }

    private void responded(AsyncResult<HttpClientResponse> result) {
        HttpClientRequest sent = request;
        if (phase != Phase.SENT || sent == null) {
            return;
        }
        if (result.failed()) {
            if (stale(result.cause())) {
                resent = true;
                phase = Phase.CONNECTING;
                connect(client.single());
            } else {
                fail(FailureCode.UNREACHABLE, why(result.cause()));
                reset();
            }
            return;
        }
        HttpClientResponse response = result.result();
        status = response.statusCode();
        if (status < 200 && !(upgrade && status == SWITCHING_PROTOCOLS)) {
            // 100 and 103 are not told to us. Any other is no answer, or one to a question that nobody asked.
            response.exceptionHandler(told -> {});
            fail(FailureCode.UNREACHABLE, "its answer is not HTTP");
            reset();
            return;
        }
        phase = Phase.ANSWERING;
        if (status == SWITCHING_PROTOCOLS) {
            vertx.cancelTimer(timer);
        } else if (!resent && !upgrade) {
            client.prove(sent.connection());
        }
        if (order.stream()) {
            response.pause();
            receiver.streaming(new AnswerStream(sent, response, this));
        } else {
            collect(response);
        }
    }

    /** Whether the function closed this kept connection while nobody used it, so that it never saw the request. */
    private boolean stale(Throwable failure) {
        return reused && !(order.body() instanceof ReadStream) && !(failure instanceof DecoderException);
    }

    private void collect(HttpClientResponse response) {
        Buffer body = Buffer.buffer();
        var size = new long[1];
        response.handler(chunk -> {
            int room = (int) Math.min(Integer.MAX_VALUE, order.maxAnswer() - body.length());
            body.appendBuffer(chunk, 0, Math.min(room, chunk.length()));
            size[0] += chunk.length();
        });
        response.exceptionHandler(failure -> {
            if (phase == Phase.ANSWERING) {
                fail(FailureCode.UNREACHABLE, "it broke off in the middle of its answer");
                reset();
            }
        });
        response.endHandler(end -> {
            if (phase == Phase.ANSWERING) {
                over(status);
                resetUnlessSent();
                receiver.answered(response, body, size[0], Duration.ofNanos(System.nanoTime() - started));
            }
        });
    }

    void streamEnded() {
        if (phase == Phase.ANSWERING) {
            over(status);
            resetUnlessSent();
        }
    }

    void streamBroken() {
        if (phase == Phase.ANSWERING) {
            over(status == SWITCHING_PROTOCOLS ? status : FailureCode.UNREACHABLE.status());
        }
    }

    private void timedOut() {
        if (phase == Phase.ANSWERING && order.stream()) {
            over(FailureCode.TIMEOUT.status());
        } else if (phase != Phase.OVER) {
            fail(FailureCode.TIMEOUT, "no complete answer within " + readable(order.timeout()));
        }
        reset();
    }

    private void fail(FailureCode code, String reason) {
        over(code.status());
        receiver.failed(new FunctionCallException(code, "function \"" + order.function() + "\": " + reason));
    }

    private void over(int outcome) {
        phase = Phase.OVER;
        vertx.cancelTimer(timer);
        events.invocationFinished(order.function(), outcome, Duration.ofNanos(System.nanoTime() - started));
    }

    /** An answer that came before the whole body was sent leaves a connection that cannot be used again. */
    private void resetUnlessSent() {
        if (sending) {
            reset();
        }
    }

    private void reset() {
        if (request != null) {
            request.reset();
        }
    }

    private static String why(Throwable failure) {
        return failure instanceof DecoderException || failure instanceof IllegalArgumentException
                ? "its answer is not HTTP"
                : "it closed the connection before it answered";
    }

    private static String readable(Duration timeout) {
        return timeout.toMillis() % 1_000 == 0 ? timeout.toSeconds() + "s" : timeout.toMillis() + "ms";
    }
}
