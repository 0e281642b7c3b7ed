package dev.caravan.gateway;

import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.RequestHead;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionScope;
import dev.caravan.telemetry.Event;
import dev.caravan.telemetry.EventFeed;
import dev.caravan.telemetry.EventFilter;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/** {@code events}: what happens, as server-sent events, each as it happens. */
public final class EventsApi implements Processor {

    private final EventFeed feed;
    private final String defaultNamespace;

    /** @param defaultNamespace where a function is looked for when the request names no namespace */
    public EventsApi(EventFeed feed, String defaultNamespace) {
        this.feed = feed;
        this.defaultNamespace = defaultNamespace;
    }

    @Override
    public void process(Exchange exchange) {
        JsonAnswer.orProblem(exchange, () -> {
            EventFilter filter = filter(QueryParameters.of(exchange), Asking.functions(exchange));
            var answer = new LiveAnswer<>(feed.events(filter, lastSeen(exchange)), Function.identity(), ":\n\n");
            exchange.getMessage().removeHeaders("*");
            exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "text/event-stream");
            exchange.getMessage().setHeader("Cache-Control", "no-store");
            exchange.getMessage().setHeader("X-Accel-Buffering", "no"); // or nginx keeps events back
            answer.to(exchange);
        });
    }

    private EventFilter filter(QueryParameters parameters, FunctionScope among) {
        Optional<String> namespace = parameters.text("namespace");
        namespace.filter(text -> !FunctionName.isLabel(text)).ifPresent(text -> {
            throw QueryParameters.refused("namespace", "must be a namespace (a-z, 0-9, -; at most 63)", text);
        });
        Optional<FunctionName> function = parameters
                .text("function")
                .map(text -> FunctionName.parse(text, namespace.orElse(defaultNamespace))
                        .orElseThrow(() -> QueryParameters.refused(
                                "function",
                                "must name a function (NAME or NAME.NAMESPACE, each a-z, 0-9, -; at most 63)",
                                text)));
        boolean all = function.isEmpty() && namespace.isEmpty();
        Set<Event.Type> types = parameters
                .text("types")
                .map(EventsApi::types)
                .orElse(
                        all
                                ? EnumSet.complementOf(EnumSet.of(Event.Type.LOST))
                                : EnumSet.of(Event.Type.CALL, Event.Type.CALLBACK, Event.Type.DEPLOYMENT));
        return new EventFilter(
                types, function.orElse(null), function.isPresent() ? null : namespace.orElse(null), among);
    }

    private static Set<Event.Type> types(String list) {
        Set<Event.Type> types = EnumSet.noneOf(Event.Type.class);
        for (String word : list.split(",", 16)) {
            types.add(Event.Type.ofWord(word.strip())
                    .orElseThrow(() ->
                            QueryParameters.refused("types", "must be some of call,callback,queue,deployment", word)));
        }
        return types;
    }

    /** Null when it sees the first ones; a browser says it when it comes back. */
    private static @Nullable String lastSeen(Exchange exchange) {
        RequestHead head = exchange.getProperty(CaravanHeaders.REQUEST_HEAD, RequestHead.class);
        String id = head == null ? null : head.headers().get("last-event-id");
        return id == null || id.isEmpty() ? null : id;
    }
}
