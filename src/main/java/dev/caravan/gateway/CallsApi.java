package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.function.CallState;
import dev.caravan.ledger.CallEdit;
import dev.caravan.ledger.CallFilter;
import dev.caravan.ledger.CallPage;
import dev.caravan.ledger.CallStatus;
import dev.caravan.ledger.Ledger;
import dev.caravan.search.Subject;
import java.time.InstantSource;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * The bean {@code calls}: where an asynchronous call is, for its caller and, with its attempts or among all others, for
 * an operator.
 */
public final class CallsApi {

    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 500;

    private final Ledger ledger;
    private final AskedCall asked;
    private final Masks masks;
    private final InstantSource clock;

    /** @param stamp for the headers of answers about one call */
    public CallsApi(Ledger ledger, CallStamp stamp, Masks masks, InstantSource clock) {
        this.ledger = ledger;
        this.masks = masks;
        this.clock = clock;
        this.asked = new AskedCall(ledger, stamp);
    }

    /** One call, for whoever knows its id. */
    public void status(Exchange exchange) {
        CallStatus call = asked.of(exchange);
        new JsonAnswer(200, CallJson.status(call)).writeTo(exchange.getMessage());
    }

    /** One call with what became of each attempt. */
    public void show(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            CallStatus call = asked.of(exchange);
            return new JsonAnswer(
                    200,
                    CallJson.withAttempts(
                            call,
                            ledger.attempts(call.callId()),
                            Asking.rights(exchange).bodies()));
        });
    }

    /** What was edited before each of its replays: an array, the oldest first. */
    public void edits(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            ArrayNode edits = JsonAnswer.object().putArray("edits");
            Masks.Sight sight = masks.of(exchange);
            ledger.edits().of(asked.of(exchange).callId()).forEach(edit -> edits.add(json(edit, sight)));
            return new JsonAnswer(200, edits);
        });
    }

    private ObjectNode json(CallEdit edit, Masks.Sight sight) {
        ObjectNode json = JsonAnswer.object()
                .put("generation", edit.generation())
                .put("at", edit.at().toString());
        json.set("before", masks.request(JsonAnswer.tree(edit.before()), sight));
        json.set("after", masks.request(JsonAnswer.tree(edit.after()), sight));
        return json;
    }

    /** {@code {items, next?}}, newest first. */
    public void list(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            QueryParameters parameters = QueryParameters.of(exchange);
            CallPage page = page(
                    filter(parameters, new SearchBox(clock.instant(), masks.of(exchange))),
                    limit(parameters),
                    parameters.text("cursor").orElse(null));
            ObjectNode json = JsonAnswer.object();
            ArrayNode items = json.putArray("items");
            page.items().forEach(call -> items.add(CallJson.status(call)));
            if (page.next() != null) {
                json.put("next", page.next());
            }
            return new JsonAnswer(200, json);
        });
    }

    private CallPage page(CallFilter filter, int limit, @Nullable String cursor) {
        try {
            return ledger.calls(filter, limit, cursor);
        } catch (IllegalArgumentException e) {
            throw new HttpFailure(400, "cursor must be the \"next\" of a page of this list");
        }
    }

    private static CallFilter filter(QueryParameters parameters, SearchBox box) {
        return new CallFilter(
                parameters.text("function").orElse(null),
                parameters.text("namespace").orElse(null),
                parameters.text("status").map(CallsApi::state).orElse(null),
                parameters.time("since").orElse(null),
                parameters.time("until").orElse(null),
                parameters
                        .text("q")
                        .flatMap(text -> box.query(text, Subject.CALLS))
                        .orElse(null),
                parameters.text("queue").orElse(null),
                parameters.text("replay").orElse(null),
                box.sight().functions());
    }

    private static CallState state(String word) {
        for (CallState state : CallState.values()) {
            if (state.word().equals(word)) {
                return state;
            }
        }
        throw QueryParameters.refused(
                "status", "must be scheduled, queued, running, retrying, succeeded, dead or cancelled", word);
    }

    private static int limit(QueryParameters parameters) {
        int limit = parameters.wholeNumber("limit", DEFAULT_LIMIT);
        if (limit < 1 || limit > MAX_LIMIT) {
            throw QueryParameters.refused("limit", "must be from 1 to " + MAX_LIMIT, Integer.toString(limit));
        }
        return limit;
    }
}
