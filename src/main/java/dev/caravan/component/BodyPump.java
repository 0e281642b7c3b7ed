package dev.caravan.component;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;

/**
 * Carries a body from one connection to another, chunk by chunk, no faster than the receiver takes it.
 *
 * <p>Unlike Vert.x's own pipe it never ends the receiver when the sender breaks off, since that would make half a body
 * look whole; and it sends the last chunk of a body of known length together with the end, which saves a write per call.
 */
public final class BodyPump {

    private final ReadStream<Buffer> from;
    private final WriteStream<Buffer> to;
    private long left;
    private Runnable beforeEnd = () -> {};

    /** @param length the body's length in bytes; -1 when unknown */
    public BodyPump(ReadStream<Buffer> from, WriteStream<Buffer> to, long length) {
        this.from = from;
        this.to = to;
        this.left = length == 0 ? -1 : length;
    }

    /** Runs {@code action} before the receiver of a body of unknown length is told the end, e.g. to add trailers. */
    public BodyPump beforeEnd(Runnable action) {
        beforeEnd = action;
        return this;
    }

    /**
     * Starts, and resumes the paused sender.
     *
     * @param ended called once the receiver was told the end
     * @param broken called when the sender broke off; the receiver is left open
     */
    public void start(Runnable ended, Handler<Throwable> broken) {
        from.exceptionHandler(broken);
        from.endHandler(end -> {
            if (left != 0) {
                left = 0;
                beforeEnd.run();
                to.end();
                ended.run();
            }
        });
        from.handler(chunk -> {
            if (left > 0 && (left -= chunk.length()) <= 0) {
                left = 0;
                to.end(chunk);
                ended.run();
                return;
            }
            to.write(chunk);
            if (to.writeQueueFull()) {
                from.pause();
                to.drainHandler(drained -> from.resume());
            }
        });
        from.resume();
    }
}
