package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.gateway.auth.Caller;
import dev.caravan.ledger.SharedView;
import dev.caravan.ledger.SharedViews;
import java.time.InstantSource;
import java.util.List;
import org.apache.camel.Exchange;

/** The bean {@code views} behind {@code /system/views}: places of the console that have names for all. */
public final class ViewsApi {

    private static final List<String> FIELDS = List.of("name", "place");

    private final SharedViews views;
    private final InstantSource clock;

    public ViewsApi(SharedViews views, InstantSource clock) {
        this.views = views;
        this.clock = clock;
    }

    /** An array, by name. */
    public void list(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            ArrayNode all = JsonAnswer.object().putArray("views");
            views.all().forEach(view -> all.add(json(view)));
            return new JsonAnswer(200, all);
        });
    }

    /** Keeps one, in the place of the one of its name: 200 with it. */
    public void save(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            JsonRequest request = JsonRequest.read(Answer.body(exchange.getMessage()));
            request.only(FIELDS);
            Caller caller = exchange.getProperty(Caller.PROPERTY, Caller.class);
            var view = new SharedView(
                    name(request.text("name").strip()),
                    place(request.text("place")),
                    caller == null ? "" : caller.name(),
                    clock.instant());
            Audit.subject(exchange, view.name());
            if (!views.save(view)) {
                throw new HttpFailure(409, "there are " + SharedViews.MOST + " views already: delete one first");
            }
            return new JsonAnswer(200, json(view));
        });
    }

    /** Deletes the one that {@code ?name=} says: 200 with its name. */
    public void delete(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            String name = QueryParameters.of(exchange)
                    .text("name")
                    .orElseThrow(() -> new HttpFailure(400, "say which one: ?name="));
            if (!views.delete(name)) {
                throw new HttpFailure(404, "there is no view of that name");
            }
            return new JsonAnswer(200, JsonAnswer.object().put("name", name));
        });
    }

    private static String name(String name) {
        if (name.isEmpty() || name.length() > SharedView.LONGEST_NAME || hasControls(name)) {
            throw JsonRequest.invalid("field \"name\" must have 1 to " + SharedView.LONGEST_NAME
                    + " characters, none of them a control character");
        }
        return name;
    }

    /** Only within the console: a link to anywhere else would be somebody's trap for the others. */
    private static String place(String place) {
        if (!place.startsWith("#/") || place.length() > SharedView.LONGEST_PLACE || hasControls(place)) {
            throw JsonRequest.invalid(
                    "field \"place\" must be a place of the console as #/dead-letters?q=timeout, of at" + " most "
                            + SharedView.LONGEST_PLACE + " characters");
        }
        return place;
    }

    private static boolean hasControls(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }

    private static ObjectNode json(SharedView view) {
        return JsonAnswer.object()
                .put("name", view.name())
                .put("place", view.place())
                .put("savedBy", view.savedBy())
                .put("savedAt", view.savedAt().toString());
    }
}
