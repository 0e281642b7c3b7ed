package dev.caravan.gateway;

import dev.caravan.component.Cancellation;
import dev.caravan.component.CaravanHeaders;
import dev.caravan.config.Durations;
import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import dev.caravan.ledger.CallResult;
import dev.caravan.ledger.CallStatus;
import dev.caravan.ledger.Ledger;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.AsyncProcessorSupport;

/**
 * {@code callResult}: what the function answered to an asynchronous call, once the call is over. Who asks with {@code
 * wait} is answered as soon as that is so; no thread waits with him.
 *
 * <p>A call that this node finishes wakes its waiters at once. What other nodes finish is found by looking, every second
 * at first and less often later.
 */
public final class CallResultApi extends AsyncProcessorSupport {

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
    private static final Duration FIRST_LOOK = Duration.ofSeconds(1);
    private static final Duration RAREST_LOOK = Duration.ofSeconds(10);

    private final Ledger ledger;
    private final AskedCall asked;
    private final Vertx vertx;
    private final Duration keep;
    private final Duration longestWait;
    private final InstantSource clock;

    /**
     * @param stamp for the headers of answers about one call
     * @param keep how long results are kept after the call was over
     * @param callTimeout a connection that is silent for three times that is closed, so nobody waits for longer than two
     */
    public CallResultApi(
            Ledger ledger, CallStamp stamp, Vertx vertx, Duration keep, Duration callTimeout, InstantSource clock) {
        this.ledger = ledger;
        this.asked = new AskedCall(ledger, stamp);
        this.vertx = vertx;
        this.keep = keep;
        this.longestWait = shorter(LONGEST_WAIT, callTimeout.multipliedBy(2));
        this.clock = clock;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            CallStatus call = asked.of(exchange);
            if (!Asking.rights(exchange).bodies()) {
                throw new HttpFailure(403, "you do not see bodies, and a result is one");
            }
            Duration wait = wait(exchange);
            if (!call.state().terminal() && !wait.isZero()) {
                new Waiting(exchange, callback, call.callId(), wait).begin();
                return false;
            }
            answer(exchange, call);
        } catch (RuntimeException e) {
            exchange.setException(e);
        }
        callback.done(true);
        return true;
    }

    private Duration wait(Exchange exchange) {
        return QueryParameters.of(exchange)
                .text("wait")
                .map(text -> {
                    try {
                        return shorter(Durations.parse(text), longestWait);
                    } catch (IllegalArgumentException e) {
                        throw QueryParameters.refused("wait", String.valueOf(e.getMessage()), text);
                    }
                })
                .orElse(Duration.ZERO);
    }

    private void answer(Exchange exchange, CallStatus call) {
        Message message = exchange.getMessage();
        if (!call.state().terminal()) {
            new JsonAnswer(202, CallJson.status(call)).writeTo(message);
            return;
        }
        if (call.state() == CallState.CANCELLED) {
            throw new HttpFailure(410, "the call was cancelled");
        }
        Instant finishedAt = call.finishedAt();
        if (finishedAt != null && finishedAt.plus(keep).isBefore(clock.instant())) {
            throw gone();
        }
        CallResult result = ledger.result(call.callId()).orElseThrow(CallResultApi::gone);
        ByteBuffer body = result.body();
        if (body == null) {
            throw new HttpFailure(
                    410, "the result had " + result.size() + " bytes, more than CARAVAN_RESULT_LIMIT keeps");
        }
        message.removeHeaders("*");
        if (body.hasRemaining()) {
            message.setHeader(Exchange.CONTENT_TYPE, "text/plain"); // as for /function, unless the function said it
        }
        result.headers().forEach(message::setHeader);
        int status = call.statusCode() == 0 ? 503 : call.statusCode();
        message.setHeader("X-Function-Name", call.function().name());
        message.setHeader("X-Function-Status", Integer.toString(status));
        if (call.startedAt() != null && finishedAt != null) {
            message.setHeader(
                    "X-Duration-Seconds",
                    CallHeaders.seconds(
                            Duration.between(call.startedAt(), finishedAt).toNanos()));
        }
        if (call.generation() > 1) {
            message.setHeader("X-Caravan-Generation", Integer.toString(call.generation()));
        }
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, 200);
        message.setBody(bytes(body));
    }

    private static HttpFailure gone() {
        return new HttpFailure(410, "the result is no longer kept (CARAVAN_KEEP_RESULTS, CARAVAN_RESULTS_SIZE)");
    }

    private static byte[] bytes(ByteBuffer body) {
        var bytes = new byte[body.remaining()];
        body.duplicate().get(bytes);
        return bytes;
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    /** Somebody who waits: until the call is over, the time is, or the gateway stops. */
    private final class Waiting {

        private final Exchange exchange;
        private final AsyncCallback callback;
        private final CallId id;
        private final long deadline;
        private final AtomicBoolean over = new AtomicBoolean();
        private final Runnable wake = this::look;
        private volatile Duration pause = FIRST_LOOK;

        Waiting(Exchange exchange, AsyncCallback callback, CallId id, Duration wait) {
            this.exchange = exchange;
            this.callback = callback;
            this.id = id;
            this.deadline = System.nanoTime() + wait.toNanos();
        }

        void begin() {
            Cancellation cancellation = exchange.getProperty(CaravanHeaders.CANCELLATION, Cancellation.class);
            if (cancellation != null) {
                cancellation.onCancel(this::leave);
            }
            ledger.watch().add(id, wake);
            look();
        }

        /** On whatever thread; the ledger is asked on one that may wait. */
        private void look() {
            if (!over.get()) {
                vertx.<Void>executeBlocking(
                        () -> {
                            lookNow();
                            return null;
                        },
                        false);
            }
        }

        private void lookNow() {
            try {
                CallStatus call =
                        ledger.call(id).orElseThrow(() -> new HttpFailure(404, "there is no call with that id"));
                long left = deadline - System.nanoTime();
                if (call.state().terminal() || left <= 0 || ledger.watch().closed()) {
                    finish(() -> answer(exchange, call));
                } else {
                    vertx.setTimer(
                            Math.max(1, Math.min(Duration.ofNanos(left).toMillis() + 1, pause.toMillis())),
                            passed -> look());
                    pause = shorter(pause.multipliedBy(3).dividedBy(2), RAREST_LOOK);
                }
            } catch (RuntimeException e) {
                finish(() -> {
                    throw e;
                });
            }
        }

        private void leave() {
            finish(() -> {
                throw new HttpFailure(503, "nobody waits any longer");
            });
        }

        private void finish(Runnable answer) {
            if (!over.compareAndSet(false, true)) {
                return;
            }
            ledger.watch().remove(id, wake);
            try {
                answer.run();
            } catch (RuntimeException e) {
                exchange.setException(e);
            }
            callback.done(false);
        }
    }
}
