package dev.caravan.component;

import io.netty.channel.Channel;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.streams.WriteStream;
import org.jspecify.annotations.Nullable;

/**
 * The way to a function whose connection has left HTTP. Used on the connection's event loop only.
 *
 * <p>It writes to the channel itself. Vert.x 4.5 counts what its upgraded client requests have not sent yet, but never
 * counts it down: after 64 KiB they say that they are full, for good (Http1xClientConnection.writeBuffer drops the
 * listener of such a write).
 */
final class UpgradedOutput implements WriteStream<Buffer> {

    private final Channel channel;
    private int max = 64 * 1024;
    private int unsent;
    private boolean waited;
    private @Nullable Handler<Void> drained;

    UpgradedOutput(HttpConnection connection) {
        channel = ((ConnectionBase) connection).channel();
    }

    @Override
    public Future<Void> write(Buffer data) {
        int length = data.length();
        unsent += length;
        channel.writeAndFlush(data.getByteBuf()).addListener(done -> sent(length));
        return Future.succeededFuture();
    }

    private void sent(int length) {
        unsent -= length;
        if (waited && unsent <= max / 2 && drained != null) {
            waited = false;
            drained.handle(null);
        }
    }

    @Override
    public boolean writeQueueFull() {
        waited |= unsent > max;
        return unsent > max;
    }

    @Override
    public UpgradedOutput drainHandler(@Nullable Handler<Void> handler) {
        drained = handler;
        return this;
    }

    @Override
    public UpgradedOutput setWriteQueueMaxSize(int bytes) {
        max = bytes;
        return this;
    }

    @Override
    public void write(Buffer data, @Nullable Handler<AsyncResult<Void>> handler) {
        tell(write(data), handler);
    }

    /** There is no end but that of the connection, which is the call's to close. */
    @Override
    public void end(@Nullable Handler<AsyncResult<Void>> handler) {
        tell(Future.succeededFuture(), handler);
    }

    /** A connection that breaks is told by what is read from it. */
    @Override
    public UpgradedOutput exceptionHandler(@Nullable Handler<Throwable> handler) {
        return this;
    }

    private static void tell(Future<Void> outcome, @Nullable Handler<AsyncResult<Void>> handler) {
        if (handler != null) {
            outcome.onComplete(handler);
        }
    }
}
