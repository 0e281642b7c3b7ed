package dev.caravan.gateway;

import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.RequestHead;
import dev.caravan.function.CallId;
import dev.caravan.ledger.CallStatus;
import dev.caravan.ledger.Ledger;
import java.util.Optional;
import org.apache.camel.Exchange;

/** Finds the call whose id stands in a request's path, as <code>{id}</code>. */
final class AskedCall {

    private final Ledger ledger;
    private final CallStamp stamp;

    AskedCall(Ledger ledger, CallStamp stamp) {
        this.ledger = ledger;
        this.stamp = stamp;
    }

    /**
     * At the door for calls the answer, whatever it is, carries the headers of calls, with the id that was asked for.
     *
     * @throws HttpFailure 404 when there is none, or none any more
     */
    CallStatus of(Exchange exchange) {
        RequestHead head = exchange.getProperty(CaravanHeaders.REQUEST_HEAD, RequestHead.class);
        if (head == null) {
            throw new IllegalStateException("a call is asked for over HTTP only: use this after platform-http");
        }
        Optional<CallId> id = CallId.parse(head.parameters().get("id"));
        if (id.isPresent() && FunctionPath.isCall(head.path())) {
            CallHeaders headers = stamp.stamp(head.headers()).as(id.get().text());
            exchange.setProperty(CallHeaders.PROPERTY, headers);
        }
        // At the door for calls the id, which nobody can guess, is the key.
        boolean byId = FunctionPath.isCall(head.path());
        return id.flatMap(ledger::call)
                .filter(call -> byId || Asking.sees(exchange, call.function()))
                .orElseThrow(() -> new HttpFailure(404, "there is no call with that id"));
    }
}
