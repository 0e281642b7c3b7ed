package dev.caravan.gateway;

import dev.caravan.function.CallEvents;
import dev.caravan.gateway.AcceptCall.Accepting;
import dev.caravan.ledger.LedgerException;
import dev.caravan.order.CallOrder;
import dev.caravan.queue.BodyFiles;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code refuseCall}: the broker did not take the call, so the caller is told to come again: 503, never a false 202. */
public final class RefuseCall implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(RefuseCall.class);

    private final BodyFiles bodyFiles;
    private final CallOrder order;
    private final CallEvents events;

    public RefuseCall(BodyFiles bodyFiles, CallOrder order, CallEvents events) {
        this.order = order;
        this.bodyFiles = bodyFiles;
        this.events = events;
    }

    @Override
    public void process(Exchange exchange) {
        Accepting refused = Accepting.of(exchange);
        Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        LOG.warn(
                "call refused, the broker did not take it function={} error={}",
                refused.call().function(),
                String.valueOf(cause).replace('\n', ' '));
        if (leavesLine(refused) && refused.bodyFile() != null) {
            bodyFiles.delete(refused.bodyFile());
        }
        events.refused(503);
        throw new HttpFailure(503, "the broker did not take the call", Map.of("Retry-After", "5"));
    }

    /** False when it could not be taken out: then it is sent again, and needs its body. */
    private boolean leavesLine(Accepting refused) {
        try {
            order.leave(refused.call());
            return true;
        } catch (LedgerException e) {
            LOG.warn(
                    "a call that was refused stays in its line call={} error={}",
                    refused.call().id(),
                    e.getMessage());
            return false;
        }
    }
}
