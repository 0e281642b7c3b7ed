package dev.caravan.gateway;

import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.RequestHead;
import dev.caravan.component.calls.RunningCalls;
import dev.caravan.function.CallEvents;
import dev.caravan.function.CallId;
import dev.caravan.ledger.CallStatus;
import dev.caravan.ledger.Cancelled;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerException;
import dev.caravan.order.CallOrder;
import java.time.Duration;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code cancelCall}: takes the call that the path names back, whether it waits or runs, and answers 202 once that is on
 * disk; the same when it is over already, and then it stays what it is. 404 for an id that was never accepted.
 */
public final class CancelCall implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(CancelCall.class);

    /** How long an attempt that has its answer may take to be settled. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Ledger ledger;
    private final RunningCalls running;
    private final CallOrder order;
    private final CallEvents events;

    public CancelCall(Ledger ledger, RunningCalls running, CallOrder order, CallEvents events) {
        this.ledger = ledger;
        this.running = running;
        this.order = order;
        this.events = events;
    }

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        RequestHead head = exchange.getProperty(CaravanHeaders.REQUEST_HEAD, RequestHead.class);
        try {
            cancel(CallId.parse(head.parameters().get("id")).orElseThrow(CancelCall::unknown));
        } catch (LedgerException e) {
            LOG.warn("call not cancelled, the ledger cannot be written error={}", e.getMessage());
            throw new HttpFailure(503, "the ledger cannot be written now", Map.of("Retry-After", "5"));
        }
        Message answer = exchange.getMessage();
        answer.removeHeaders("*");
        answer.setHeader(Exchange.HTTP_RESPONSE_CODE, 202);
        answer.setBody(null);
    }

    private void cancel(CallId id) throws InterruptedException {
        if (!running.stop(id, PATIENCE)) {
            throw HttpFailure.busy("the call is just being finished; try again");
        }
        Cancelled cancelled = ledger.cancel(id).orElseThrow(CancelCall::unknown);
        running.interrupt(id);
        order.cancelled(cancelled.call());
        if (cancelled.first()) {
            CallStatus call = cancelled.call();
            events.cancelled(id, call.function(), call.queue(), call.generation(), call.attempts());
        }
    }

    private static HttpFailure unknown() {
        return new HttpFailure(404, "there is no call with that id");
    }
}
