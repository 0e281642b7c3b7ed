package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.caravan.queue.QueueFigures;
import java.util.List;
import java.util.function.Supplier;
import org.apache.camel.Exchange;

/** The bean {@code queues} behind {@code GET /system/queues}: one entry for each logical queue. */
public final class QueuesApi {

    private final Supplier<List<QueueFigures>> figures;

    public QueuesApi(Supplier<List<QueueFigures>> figures) {
        this.figures = figures;
    }

    /** Every logical queue with what waits, runs and is dead in it. */
    public void list(Exchange exchange) {
        JsonAnswer.to(exchange, () -> {
            ArrayNode queues = JsonNodeFactory.instance.arrayNode();
            figures.get()
                    .forEach(queue -> queues.addObject()
                            .put("name", queue.name())
                            .put("depth", queue.depth())
                            .put("running", queue.running())
                            .put("scheduled", queue.scheduled())
                            .put("deadLetters", queue.deadLetters())
                            .put("consumers", queue.consumers())
                            .put("oldestAgeSeconds", queue.oldestAge().toMillis() / 1_000.0)
                            .put("enqueued", queue.enqueued())
                            .put("dequeued", queue.dequeued())
                            .put("paused", false));
            return new JsonAnswer(200, queues);
        });
    }
}
