package dev.caravan.gateway;

import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.RequestHead;
import dev.caravan.component.calls.RunningCalls;
import dev.caravan.function.CallEvents;
import dev.caravan.function.CallId;
import dev.caravan.ledger.Cancelled;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerException;
import java.time.Duration;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code cancelCall}: takes the call that the path names back, whether it waits or runs, and answers 202 once that is on
 * disk; the same when it is over already, and then it stays what it is. 404 for an id that was never accepted.
 *
 * <p>Open to whoever knows the id, unless the call's function asks for users.
 */
public final class CancelCall implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(CancelCall.class);

    /** How long an attempt that has its answer may take to be settled. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Ledger ledger;
    private final RunningCalls running;
    private final CallEvents events;
    private final @Nullable Guard guard;

    /** @param guard null when nobody is asked who he is */
    public CancelCall(Ledger ledger, RunningCalls running, CallEvents events, @Nullable Guard guard) {
        this.ledger = ledger;
        this.running = running;
        this.events = events;
        this.guard = guard;
    }

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        RequestHead head = exchange.getProperty(CaravanHeaders.REQUEST_HEAD, RequestHead.class);
        try {
            cancel(head, CallId.parse(head.parameters().get("callId")).orElseThrow(CancelCall::unknown));
        } catch (LedgerException e) {
            LOG.warn("call not cancelled, the ledger cannot be written error={}", e.getMessage());
            throw new HttpFailure(503, "the ledger cannot be written now", Map.of("Retry-After", "5"));
        }
        Message answer = exchange.getMessage();
        answer.removeHeaders("*");
        answer.setHeader(Exchange.HTTP_RESPONSE_CODE, 202);
        answer.setBody(null);
    }

    private void cancel(RequestHead head, CallId id) throws InterruptedException {
        var call = ledger.call(id).orElseThrow(CancelCall::unknown);
        if (guard != null) {
            guard.require(head, call.function());
        }
        if (!running.stop(id, PATIENCE)) {
            throw HttpFailure.busy("the call is just being finished; try again");
        }
        Cancelled cancelled = ledger.cancel(id).orElseThrow(CancelCall::unknown);
        running.interrupt(id);
        if (cancelled.first()) {
            events.cancelled(id, call.function());
        }
    }

    private static HttpFailure unknown() {
        return new HttpFailure(404, "no call has that id");
    }
}
