package dev.caravan.gateway;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.streams.ReadStream;
import org.jspecify.annotations.Nullable;

/** The body of a request that waits for {@code 100 Continue}: said when somebody starts to read, and not before. */
final class ContinuedBody implements ReadStream<Buffer> {

    private final HttpServerRequest request;
    private boolean continued;

    ContinuedBody(HttpServerRequest request) {
        this.request = request;
    }

    @Override
    public ContinuedBody exceptionHandler(@Nullable Handler<Throwable> handler) {
        request.exceptionHandler(handler);
        return this;
    }

    @Override
    public ContinuedBody handler(@Nullable Handler<Buffer> handler) {
        if (handler != null && !continued) {
            continued = true;
            request.response().writeContinue();
        }
        request.handler(handler);
        return this;
    }

    @Override
    public ContinuedBody pause() {
        request.pause();
        return this;
    }

    @Override
    public ContinuedBody resume() {
        request.resume();
        return this;
    }

    @Override
    public ContinuedBody fetch(long amount) {
        request.fetch(amount);
        return this;
    }

    @Override
    public ContinuedBody endHandler(@Nullable Handler<Void> handler) {
        request.endHandler(handler);
        return this;
    }
}
