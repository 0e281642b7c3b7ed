package dev.caravan.telemetry;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.function.FunctionName;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened, as {@code GET /system/events} tells it: an event of a server-sent stream
 * (<a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">HTML, section 9.2</a>) with a JSON object.
 * The JSON is made when the first client wants it, and then once for all.
 */
public final class Event {

    /** What clients choose by. */
    public enum Type {
        /** A call came into another state. */
        CALL,
        /** So did the delivery of a result. */
        CALLBACK,
        /** A queue is longer or shorter than before. */
        QUEUE,
        /** A function was deployed, updated, scaled or deleted. */
        DEPLOYMENT,
        /** The client was not told everything; cannot be chosen. */
        LOST;

        /** The wire form. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Empty for what is no word of a type that can be chosen. */
        public static Optional<Type> ofWord(String word) {
            return Stream.of(CALL, CALLBACK, QUEUE, DEPLOYMENT)
                    .filter(type -> type.word().equals(word))
                    .findFirst();
        }
    }

    private final Type type;
    private final @Nullable FunctionName function;
    private final Instant at;
    private final Consumer<ObjectNode> data;
    private @Nullable String json;

    /**
     * @param function whose; null for nobody's
     * @param data adds what is to be told; must hold on to no more than that
     */
    Event(Type type, @Nullable FunctionName function, Instant at, Consumer<ObjectNode> data) {
        this.type = type;
        this.function = function;
        this.at = at;
        this.data = data;
    }

    /**
     * In place of events that the client cannot be given any more.
     *
     * @param atMost how many of those that went by may have been for it; 0 when nobody knows
     */
    static Event lost(long atMost, Instant at) {
        return new Event(Type.LOST, null, at, json -> {
            if (atMost > 0) {
                json.put("atMost", atMost);
            }
        });
    }

    Type type() {
        return type;
    }

    @Nullable
    FunctionName function() {
        return function;
    }

    /** As it is sent. @param id by which a client goes on behind it; empty for none */
    String frame(String id) {
        String made = json;
        if (made == null) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            object.put("at", at.toString());
            if (function != null) {
                object.put("function", function.name()).put("namespace", function.namespace());
            }
            data.accept(object);
            made = object.toString();
            json = made; // two threads may make it at once; they make the same
        }
        return (id.isEmpty() ? "" : "id: " + id + "\n") + "event: " + type.word() + "\ndata: " + made + "\n\n";
    }
}
