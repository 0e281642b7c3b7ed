package dev.caravan.gateway;

import dev.caravan.component.Cancellation;
import dev.caravan.component.CaravanHeaders;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * An answer that is read piece by piece as the client takes it, by something that may block: one piece is in memory at a
 * time. It runs on a worker thread, never on the event loop, and ends when there is no next piece.
 */
final class PulledAnswer implements ReadStream<Buffer> {

    private final Callable<Optional<String>> next;

    // On the event loop only, but for the flag by which a client that has gone is known.
    private volatile boolean over;
    private @Nullable Handler<Buffer> handler;
    private @Nullable Handler<Void> atEnd;
    private @Nullable Handler<Throwable> broken;
    private boolean flowing;
    private boolean pulling;

    PulledAnswer(Callable<Optional<String>> next) {
        this.next = next;
    }

    /** Makes this the answer to the exchange's request. */
    void to(Exchange exchange) {
        Cancellation cancellation = exchange.getProperty(CaravanHeaders.CANCELLATION, Cancellation.class);
        if (cancellation != null) {
            cancellation.onCancel(() -> over = true);
        }
        exchange.getMessage().setBody(this);
    }

    @Override
    public PulledAnswer exceptionHandler(@Nullable Handler<Throwable> toldOfFailures) {
        broken = toldOfFailures;
        return this;
    }

    @Override
    public PulledAnswer handler(@Nullable Handler<Buffer> reader) {
        handler = reader;
        return this;
    }

    @Override
    public PulledAnswer endHandler(@Nullable Handler<Void> toldOfTheEnd) {
        atEnd = toldOfTheEnd;
        return this;
    }

    @Override
    public PulledAnswer pause() {
        flowing = false;
        return this;
    }

    @Override
    public PulledAnswer fetch(long amount) {
        return resume();
    }

    @Override
    public PulledAnswer resume() {
        flowing = true;
        pull();
        return this;
    }

    private void pull() {
        if (!flowing || pulling || over) {
            return;
        }
        pulling = true;
        Context loop = Vertx.currentContext();
        loop.executeBlocking(next, false).onComplete(piece -> {
            pulling = false;
            if (over) {
                return;
            }
            if (piece.failed()) {
                over = true;
                fail(piece.cause());
            } else if (piece.result().isEmpty()) {
                over = true;
                end();
            } else {
                write(piece.result().get());
                pull();
            }
        });
    }

    private void write(String piece) {
        if (handler != null) {
            handler.handle(Buffer.buffer(piece));
        }
    }

    private void end() {
        if (atEnd != null) {
            atEnd.handle(null);
        }
    }

    private void fail(Throwable cause) {
        if (broken != null) {
            broken.handle(cause);
        }
    }
}
