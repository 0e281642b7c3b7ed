package dev.caravan.gateway;

import dev.caravan.component.CaravanHeaders;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * {@code callQueued}: does what {@code callAccepted} does, and gives the route that asked for the call its message back as
 * it was before {@code callRequest}, with the call's id in {@code CaravanCallId}.
 */
public final class CallQueued implements Processor {

    private final CallAccepted accepted;

    public CallQueued(CallAccepted accepted) {
        this.accepted = accepted;
    }

    @Override
    public void process(Exchange exchange) {
        if (exchange.removeProperty(ClaimKey.REPLAYED) == null) {
            accepted.process(exchange);
        }
        exchange.removeProperty(JoinLine.WAITS);
        CallHeaders call = exchange.getProperty(CallHeaders.PROPERTY, CallHeaders.class);
        var asked = (CallRequest.Asked) Objects.requireNonNull(
                exchange.removeProperty(CallRequest.Asked.PROPERTY), "callQueued comes after callRequest");
        exchange.setProperty(CaravanHeaders.REQUEST_HEAD, asked.head());
        Message message = asked.message();
        message.setHeader(CaravanHeaders.CALL_ID, call.callId());
        exchange.setMessage(message);
    }
}
