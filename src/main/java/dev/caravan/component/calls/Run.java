package dev.caravan.component.calls;

import dev.caravan.component.Cancellation;
import dev.caravan.component.CaravanHeaders;
import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.Exchange;

/**
 * A message of a call from its taking to its end on this node. It is either judged or cancelled, whichever comes first:
 * so what follows from an answer (a callback, a letter) is never sent for a call that somebody has just taken back.
 */
final class Run {

    private static final String PROPERTY = "CaravanRun";

    private enum Phase {
        OPEN,
        JUDGED,
        CANCELLED
    }

    private final CallId id;
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.OPEN);
    private final Cancellation cord = new Cancellation();
    private final CountDownLatch over = new CountDownLatch(1);

    Run(Call call) {
        this.id = call.id();
    }

    /** @throws IllegalStateException when the route did not take a call first */
    static Run of(Exchange exchange) {
        Run run = exchange.getProperty(PROPERTY, Run.class);
        if (run == null) {
            throw new IllegalStateException("this step needs takeCall before it in the route");
        }
        return run;
    }

    /** The function's call on this exchange ends when this is interrupted. */
    void on(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
        exchange.setProperty(CaravanHeaders.CANCELLATION, cord);
    }

    CallId id() {
        return id;
    }

    /** From here on it ends as it is judged; false when it was cancelled before. */
    boolean judge() {
        return phase.compareAndSet(Phase.OPEN, Phase.JUDGED) || phase.get() == Phase.JUDGED;
    }

    /** From here on it ends as cancelled; false when it was judged before. */
    boolean cancel() {
        return phase.compareAndSet(Phase.OPEN, Phase.CANCELLED) || phase.get() == Phase.CANCELLED;
    }

    /** Ends the call of the function, if it is still on. */
    void interrupt() {
        cord.cancel();
    }

    /** Its exchange is done: what followed is sent and settled, or the message goes back to its queue. */
    void end() {
        over.countDown();
    }

    /** False when it was not over by then. */
    boolean awaitEnd(Duration patience) throws InterruptedException {
        return over.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }
}
