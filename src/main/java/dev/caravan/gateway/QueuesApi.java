package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionScope;
import dev.caravan.ledger.Ledger;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.ProviderException;
import dev.caravan.queue.QueueFigures;
import dev.caravan.queue.QueueNames;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * The bean {@code queues} behind {@code /system/queues}: lists the logical queues, pauses, resumes, drains and purges
 * them, or what one function has in them, and says how many of their calls run at once. Answers JSON; errors as {@code
 * application/problem+json} (RFC 9457).
 */
public final class QueuesApi {

    private static final int MOST_AT_ONCE = 1_000;

    private final Function<FunctionScope, List<QueueFigures>> figures;
    private final Ledger ledger;
    private final FunctionProvider provider;
    private final Runnable obey;
    private final PurgeQueue purge;
    private final String defaultNamespace;

    /**
     * @param figures of the queues, as far as some functions have something in them
     * @param obey has the workers of this node do at once what was said about a queue; others see it within a second
     */
    public QueuesApi(
            Function<FunctionScope, List<QueueFigures>> figures,
            Ledger ledger,
            FunctionProvider provider,
            Runnable obey,
            PurgeQueue purge,
            String defaultNamespace) {
        this.figures = figures;
        this.ledger = ledger;
        this.provider = provider;
        this.obey = obey;
        this.purge = purge;
        this.defaultNamespace = defaultNamespace;
    }

    /** A logical queue, or what one function has in it. */
    private record Target(String queue, @Nullable FunctionName function) {
        /** As it is called on the broker. */
        String name() {
            return function == null ? queue : QueueNames.physical(queue, function);
        }
    }

    /** Every logical queue with what waits, runs and is dead in it. */
    public void list(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            ArrayNode queues = JsonNodeFactory.instance.arrayNode();
            figures.apply(Asking.functions(exchange)).forEach(queue -> queues.add(json(queue)));
            return new JsonAnswer(200, queues);
        });
    }

    /** Nothing more is taken from it; what runs is finished. */
    public void pause(Exchange exchange) {
        JsonAnswer.to(exchange, () -> pause(exchange, target(exchange), true));
    }

    /** Its calls are taken again. */
    public void resume(Exchange exchange) {
        JsonAnswer.to(exchange, () -> pause(exchange, target(exchange), false));
    }

    private JsonAnswer pause(Exchange exchange, Target target, boolean paused) {
        Audit.changed(exchange, word(ledger.queues().paused(target.name())), word(paused));
        ledger.queues().pause(target.name(), paused);
        return obeyed(exchange, target);
    }

    private static String word(boolean paused) {
        return paused ? "paused" : "taken";
    }

    /** {@code {"concurrency": n}}: as many of its calls run at once, on each node, whatever its route says. */
    public void limit(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            Target target = target(exchange);
            int atOnce = wanted(exchange.getMessage().getBody(byte[].class));
            return limit(exchange, target, OptionalInt.of(atOnce));
        });
    }

    /** Its route says again how many of its calls run at once. */
    public void unlimit(Exchange exchange) {
        JsonAnswer.to(exchange, () -> limit(exchange, target(exchange), OptionalInt.empty()));
    }

    private static int wanted(byte @Nullable [] body) {
        try {
            return JsonRequest.read(body).wholeNumber("concurrency", 1, MOST_AT_ONCE);
        } catch (ProviderException e) {
            throw new HttpFailure(400, String.valueOf(e.getMessage()));
        }
    }

    private JsonAnswer limit(Exchange exchange, Target target, OptionalInt concurrency) {
        if (target.function() != null) {
            throw new HttpFailure(400, "concurrency is a whole queue's: leave out the parameter \"function\"");
        }
        OptionalInt before = ledger.queues().concurrency(target.queue());
        ledger.queues().limit(target.queue(), concurrency);
        Audit.changed(exchange, atOnce(before), atOnce(concurrency));
        return obeyed(exchange, target);
    }

    private static String atOnce(OptionalInt concurrency) {
        return concurrency.isPresent() ? concurrency.getAsInt() + " at once" : "as its route says";
    }

    /** Cancels what waits in it and takes its messages off: {@code {"cancelled": n}}. */
    public void purge(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            Target target = target(exchange);
            if (target.queue().equals(QueueNames.CALLBACK_QUEUE)) {
                throw new HttpFailure(400, "callbacks cannot be cancelled: their calls are over");
            }
            int cancelled = purge.purge(target.queue(), target.function());
            Audit.affected(exchange, cancelled);
            return new JsonAnswer(202, JsonAnswer.object().put("cancelled", cancelled));
        });
    }

    private JsonAnswer obeyed(Exchange exchange, Target target) {
        obey.run();
        return new JsonAnswer(202, json(figures(exchange, target.queue()).orElseThrow(() -> unknown(target.queue()))));
    }

    private Target target(Exchange exchange) {
        String queue = exchange.getMessage().getHeader("name", "", String.class);
        if (figures(exchange, queue).isEmpty()) {
            throw unknown(queue);
        }
        QueryParameters parameters = QueryParameters.of(exchange);
        FunctionScope seen = Asking.functions(exchange);
        if (!seen.isAll() && parameters.text("function").isEmpty()) {
            throw new HttpFailure(
                    403, "a whole queue is everybody's, and you see some functions only: say whose calls, ?function=");
        }
        return new Target(
                queue,
                parameters
                        .text("function")
                        .map(name -> function(name, parameters.text("namespace").orElse(defaultNamespace), seen))
                        .orElse(null));
    }

    /** One that is there or has had calls: a slip of the pen must not look as if it had paused something. */
    private FunctionName function(String name, String namespace, FunctionScope seen) {
        return FunctionName.parse(name, namespace)
                .filter(seen::has)
                .filter(function -> provider.status(function).isPresent()
                        || ledger.counts().keySet().stream()
                                .anyMatch(key -> key.function().equals(function)))
                .orElseThrow(() -> new HttpFailure(404, "there is no function \"" + shortened(name) + "\""));
    }

    private Optional<QueueFigures> figures(Exchange exchange, String name) {
        return figures.apply(Asking.functions(exchange)).stream()
                .filter(queue -> queue.name().equals(name))
                .findFirst();
    }

    private static HttpFailure unknown(String queue) {
        return new HttpFailure(404, "there is no queue \"" + shortened(queue) + "\"");
    }

    private static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }

    private static ObjectNode json(QueueFigures queue) {
        ObjectNode json = JsonAnswer.object()
                .put("name", queue.name())
                .put("depth", queue.depth())
                .put("running", queue.running())
                .put("scheduled", queue.scheduled())
                .put("deadLetters", queue.deadLetters())
                .put("consumers", queue.consumers())
                .put("concurrency", queue.concurrency())
                .put("oldestAgeSeconds", queue.oldestAge().toMillis() / 1_000.0)
                .put("enqueued", queue.enqueued())
                .put("dequeued", queue.dequeued())
                .put("paused", queue.paused())
                .put("drained", queue.drained());
        ArrayNode functions = json.putArray("pausedFunctions");
        queue.pausedFunctions().forEach(function -> functions.add(function.qualified()));
        return json;
    }
}
