package dev.caravan.gateway;

import dev.caravan.function.CallEvents;
import dev.caravan.gateway.AcceptCall.Accepting;
import dev.caravan.ledger.Ledger;
import dev.caravan.order.CallOrder;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * {@code callAccepted}: the broker, or its line, has the call on disk; tells the ledger and answers 202 with the call's
 * id and when it came in.
 */
public final class CallAccepted implements Processor {

    private final Ledger ledger;
    private final CallOrder order;
    private final CallEvents events;

    public CallAccepted(Ledger ledger, CallOrder order, CallEvents events) {
        this.ledger = ledger;
        this.order = order;
        this.events = events;
    }

    @Override
    public void process(Exchange exchange) {
        Accepting accepted = Accepting.of(exchange);
        if (accepted.lease() != null) {
            accepted.lease().sent();
        }
        order.sent(accepted.call());
        ledger.accepted(accepted.call(), accepted.notBefore());
        events.accepted(accepted.call());

        CallHeaders answered = exchange.getProperty(CallHeaders.PROPERTY, CallHeaders.class);
        exchange.setProperty(
                CallHeaders.PROPERTY, answered.as(accepted.call().id().text()));
        Message answer = exchange.getMessage();
        answer.removeHeaders("*");
        answer.setHeader(Exchange.HTTP_RESPONSE_CODE, 202);
        answer.setBody(null);
    }
}
