package dev.caravan.gateway;

import dev.caravan.component.Cancellation;
import dev.caravan.component.CaravanHeaders;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * An answer that goes on for as long as something happens: set as a message's body, it subscribes once the answer's head
 * is written, and writes each item at once. It holds no thread.
 *
 * <p>A client that reads slowly is waited for: at most {@value #DEMAND} items are asked for ahead. One that has gone
 * ends the subscription; so does a gateway that stops and a session that is over, and then the client gets the end of a
 * whole answer. While nothing
 * happens a heartbeat is written now and then, so that nobody on the way takes the connection for dead.
 *
 * @param <T> what happens
 */
final class LiveAnswer<T> implements ReadStream<Buffer> {

    static final int DEMAND = 64;

    private static final long HEARTBEAT_MILLIS = 30_000;

    private final Flow.Publisher<T> source;
    private final Function<T, String> text;
    private final Buffer heartbeat;
    private final Queue<T> arrived = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean awaited = new AtomicBoolean();
    private volatile @Nullable Throwable failure;
    private volatile boolean complete;

    // From here on: on the event loop only.
    private @Nullable Context loop;
    private Flow.@Nullable Subscription subscription;
    private @Nullable Handler<Buffer> handler;
    private @Nullable Handler<Void> atEnd;
    private @Nullable Handler<Throwable> broken;
    private @Nullable LiveAnswers others;
    private long timer;
    private int asked;
    private boolean flowing;
    private boolean quiet;
    private boolean over;

    /**
     * @param text an item as it is written
     * @param heartbeat what a client skips
     */
    LiveAnswer(Flow.Publisher<T> source, Function<T, String> text, String heartbeat) {
        this.source = source;
        this.text = text;
        this.heartbeat = Buffer.buffer(heartbeat);
    }

    /** Makes this the answer to the exchange's request. */
    void to(Exchange exchange) {
        Cancellation cancellation = exchange.getProperty(CaravanHeaders.CANCELLATION, Cancellation.class);
        if (cancellation != null) {
            cancellation.onCancel(this::leave);
        }
        exchange.getMessage().setBody(this);
    }

    /** Counts it among those that are ended when the gateway stops, or when {@code wanted} says no. */
    void joins(LiveAnswers open, BooleanSupplier wanted) {
        others = open;
        open.opened(this, wanted);
    }

    /** Writes what has arrived, and the end. For any thread. */
    void end() {
        complete = true;
        schedule();
    }

    @Override
    public LiveAnswer<T> exceptionHandler(@Nullable Handler<Throwable> toldOfFailures) {
        broken = toldOfFailures;
        return this;
    }

    @Override
    public LiveAnswer<T> handler(@Nullable Handler<Buffer> reader) {
        handler = reader;
        return this;
    }

    @Override
    public LiveAnswer<T> endHandler(@Nullable Handler<Void> toldOfTheEnd) {
        atEnd = toldOfTheEnd;
        return this;
    }

    @Override
    public LiveAnswer<T> pause() {
        flowing = false;
        return this;
    }

    @Override
    public LiveAnswer<T> fetch(long amount) {
        return resume();
    }

    @Override
    public LiveAnswer<T> resume() {
        flowing = true;
        if (loop == null) {
            begin();
        } else {
            write();
        }
        return this;
    }

    private void begin() {
        Context here = Vertx.currentContext();
        loop = here;
        if (over) {
            return;
        }
        timer = here.owner().setPeriodic(HEARTBEAT_MILLIS, passed -> beat());
        source.subscribe(new Arrivals());
        schedule(); // it may have been ended before
    }

    private void schedule() {
        Context here = loop;
        if (here != null && awaited.compareAndSet(false, true)) {
            here.runOnContext(now -> {
                awaited.set(false);
                write();
            });
        }
    }

    /** All that has arrived goes out together: a burst is one write, a single item waits for nobody. */
    private void write() {
        if (over || !flowing) {
            return;
        }
        boolean last = complete; // before the queue is looked at: whatever arrived first is written first
        Buffer buffer = Buffer.buffer();
        int count = 0;
        for (T item = arrived.poll(); item != null; item = arrived.poll()) {
            buffer.appendString(text.apply(item));
            count++;
        }
        if (count > 0 && handler != null) {
            quiet = false;
            handler.handle(buffer);
        }
        if (last) {
            finish();
        } else {
            ask(count);
        }
    }

    private void ask(int written) {
        asked -= written;
        if (subscription != null && asked <= DEMAND / 2) {
            int more = DEMAND - asked;
            asked = DEMAND;
            subscription.request(more);
        }
    }

    private void finish() {
        Throwable why = failure;
        leave();
        if (why != null && broken != null) {
            broken.handle(why);
        } else if (why == null && atEnd != null) {
            atEnd.handle(null);
        }
    }

    private void beat() {
        if (quiet && flowing && !over && handler != null) {
            handler.handle(heartbeat);
        }
        quiet = true;
    }

    private void leave() {
        if (over) {
            return;
        }
        over = true;
        if (others != null) {
            others.over(this);
        }
        if (loop != null) {
            loop.owner().cancelTimer(timer);
        }
        if (subscription != null) {
            subscription.cancel();
        }
        arrived.clear();
    }

    /** Carries what the source says, on whatever thread, over to the event loop. */
    private final class Arrivals implements Flow.Subscriber<T> {

        @Override
        public void onSubscribe(Flow.Subscription made) {
            Context here = loop;
            if (here == null) {
                throw new IllegalStateException("subscribed before it was read");
            }
            here.runOnContext(now -> {
                subscription = made;
                if (over) {
                    made.cancel();
                } else {
                    ask(0);
                }
            });
        }

        @Override
        public void onNext(T item) {
            arrived.add(item);
            schedule();
        }

        @Override
        public void onComplete() {
            end();
        }

        @Override
        public void onError(Throwable thrown) {
            failure = thrown;
            end();
        }
    }
}
