package dev.caravan.gateway;

import dev.caravan.function.CallEvents;
import dev.caravan.gateway.AcceptCall.Accepting;
import dev.caravan.ledger.LedgerException;
import dev.caravan.order.CallOrder;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code joinLine}: gives a call with an {@code X-Order-Key} its place among those of its key. Comes after {@code
 * claimKey} and before the send. Sets {@value #WAITS} when others are before it: then it is accepted, and sent when it is
 * its turn. Without the header it does nothing, nor with an {@code X-Delay}: such a call gets its place when it is due.
 *
 * <p>Refuses with one line: 503 when its place cannot be written.
 */
public final class JoinLine implements Processor {

    /** Exchange property: true when there is nothing to send now. */
    static final String WAITS = "CaravanWaits";

    private static final Logger LOG = LoggerFactory.getLogger(JoinLine.class);

    private final CallOrder order;
    private final CallEvents events;

    public JoinLine(CallOrder order, CallEvents events) {
        this.order = order;
        this.events = events;
    }

    @Override
    public void process(Exchange exchange) {
        Accepting accepting = Accepting.of(exchange);
        boolean replayed = exchange.getProperty(ClaimKey.REPLAYED) != null;
        if (accepting.call().orderKey() == null || accepting.notBefore() != null || replayed) {
            return;
        }
        try {
            byte[] body = exchange.getMessage().getBody(byte[].class);
            if (!order.join(accepting.call(), body, accepting.bodyFile())) {
                exchange.setProperty(WAITS, true);
            }
        } catch (LedgerException e) {
            // A file of its body stays: its place may be on disk all the same.
            LOG.warn("call refused, its place cannot be written error={}", e.getMessage());
            events.refused(503);
            throw new HttpFailure(503, "the order of the call could not be written", Map.of("Retry-After", "5"));
        }
    }
}
