package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.function.Call;
import dev.caravan.function.CallState;
import dev.caravan.ledger.CallStatus;
import dev.caravan.ledger.KeptRequest;
import dev.caravan.ledger.Ledger;
import dev.caravan.letters.LetterBody;
import dev.caravan.queue.BrokerException;
import dev.caravan.queue.CallMessages;
import dev.caravan.queue.QueueGlance;
import dev.caravan.queue.QueueNames;
import java.util.Optional;
import org.apache.camel.Exchange;

/**
 * The bean {@code callRequests}: what a call was sent with, as long as it stands somewhere: in its queue, in its line, in
 * its dead letter, or beside its result.
 */
public final class CallRequestsApi {

    private final Ledger ledger;
    private final AskedCall asked;
    private final LetterBody bodies;
    private final CallMessages messages;
    private final QueueGlance queues;
    private final Masks masks;

    /** @param stamp for the headers of answers about one call */
    public CallRequestsApi(
            Ledger ledger, CallStamp stamp, LetterBody bodies, CallMessages messages, QueueGlance queues, Masks masks) {
        this.ledger = ledger;
        this.asked = new AskedCall(ledger, stamp);
        this.bodies = bodies;
        this.messages = messages;
        this.queues = queues;
        this.masks = masks;
    }

    /** 200 with headers and body and where they stand, or why they are not kept; 404 when there is no such call. */
    public void show(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            CallStatus call = asked.of(exchange);
            Masks.Sight sight = masks.of(exchange);
            return new JsonAnswer(
                    200,
                    ledger.requests()
                            .find(call)
                            .map(kept -> kept(call, kept, sight))
                            .or(() -> waiting(call, sight))
                            .orElseGet(() -> JsonAnswer.object()
                                    .put("callId", call.callId().text())
                                    .put("kept", false)
                                    .put("why", whyNot(call.state()))));
        });
    }

    private ObjectNode kept(CallStatus status, KeptRequest kept, Masks.Sight sight) {
        Call call = messages.restored(status.callId(), status.queue(), kept.headers());
        return json(kept.place().word(), call, bodies.of(kept.body(), kept.bodyReference()), sight);
    }

    private Optional<ObjectNode> waiting(CallStatus call, Masks.Sight sight) {
        if (call.state().terminal()) {
            return Optional.empty();
        }
        try {
            return queues.find(QueueNames.physical(call.queue(), call.function()), call.callId())
                    .map(message -> json("queue", message.call(), message.body(), sight));
        } catch (BrokerException e) {
            throw new HttpFailure(503, String.valueOf(e.getMessage()));
        }
    }

    private static ObjectNode json(String place, Call call, byte[] body, Masks.Sight sight) {
        var json = JsonAnswer.object()
                .put("callId", call.id().text())
                .put("kept", true)
                .put("place", place)
                .put("size", body.length);
        return RequestJson.add(json, call, body, sight);
    }

    private static String whyNot(CallState state) {
        return switch (state) {
            case SCHEDULED, RETRYING -> "the broker holds the call until it is due: its request is shown then";
            case QUEUED, RUNNING -> "the call stands too far behind in its queue, or has just left it: ask again later";
            case SUCCEEDED -> "the request is not kept: see CARAVAN_REQUEST_LIMIT and CARAVAN_KEEP_RESULTS";
            case DEAD -> "the request went with the call's dead letter";
            case CANCELLED -> "the request of a cancelled call is not kept";
        };
    }
}
