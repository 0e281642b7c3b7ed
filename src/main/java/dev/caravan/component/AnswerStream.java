package dev.caravan.component;

import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import org.jspecify.annotations.Nullable;

/**
 * A function's answer whose body is still under way: the message body of a streamed call, and its exchange property.
 *
 * <p>It starts paused. Whoever holds it reads it to the end or {@linkplain #abort aborts} it; otherwise the connection to
 * the function stays taken until the call's timeout.
 */
public final class AnswerStream implements ReadStream<Buffer> {

    private final HttpClientRequest request;
    private final HttpClientResponse response;
    private final FunctionCall call;
    private @Nullable Handler<Throwable> broken;
    private @Nullable Handler<Void> ended;

    AnswerStream(HttpClientRequest request, HttpClientResponse response, FunctionCall call) {
        this.request = request;
        this.response = response;
        this.call = call;
        response.exceptionHandler(this::breakOff);
        response.endHandler(this::end);
    }

    public int status() {
        return response.statusCode();
    }

    /** The function's headers as they came, hop-by-hop ones included. */
    public MultiMap headers() {
        return response.headers();
    }

    /** The fields that came after the body; none before its end. */
    public MultiMap trailers() {
        return response.trailers();
    }

    /** Whether the function speaks another protocol from here on: this stream and {@link #upgraded} carry its bytes. */
    public boolean isUpgraded() {
        return response.statusCode() == 101;
    }

    /** Where the bytes for the function go once it {@linkplain #isUpgraded speaks another protocol}. */
    public WriteStream<Buffer> upgraded() {
        return new UpgradedOutput(request.connection());
    }

    /** Bytes in the body as announced; -1 when unknown. */
    public long length() {
        String length = response.getHeader("content-length");
        return length == null ? -1 : Long.parseLong(length);
    }

    /** Nobody wants the rest: cuts the connection to the function. Harmless when the body has ended. */
    public void abort() {
        call.abort();
    }

    @Override
    public AnswerStream exceptionHandler(@Nullable Handler<Throwable> handler) {
        broken = handler;
        return this;
    }

    @Override
    public AnswerStream handler(@Nullable Handler<Buffer> handler) {
        response.handler(handler);
        return this;
    }

    @Override
    public AnswerStream pause() {
        response.pause();
        return this;
    }

    @Override
    public AnswerStream resume() {
        response.resume();
        return this;
    }

    @Override
    public AnswerStream fetch(long amount) {
        response.fetch(amount);
        return this;
    }

    @Override
    public AnswerStream endHandler(@Nullable Handler<Void> handler) {
        ended = handler;
        return this;
    }

    private void end(Void nothing) {
        call.streamEnded();
        if (ended != null) {
            ended.handle(null);
        }
    }

    private void breakOff(Throwable failure) {
        call.streamBroken();
        if (broken != null) {
            broken.handle(failure);
        }
    }
}
