package dev.caravan.gateway;

import dev.caravan.function.FunctionScope;
import dev.caravan.queue.QueueFigures;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** The lines about our own queues, {@code caravan.…}: of all together, then of each. */
public final class QueueStats implements StatLines {

    private final Function<FunctionScope, List<QueueFigures>> figures;

    /** @param figures of the queues, as far as some functions have something in them */
    public QueueStats(Function<FunctionScope, List<QueueFigures>> figures) {
        this.figures = figures;
    }

    @Override
    public List<String> of(FunctionScope seen) {
        List<QueueFigures> queues = figures.apply(seen);
        var lines = new ArrayList<String>();
        lines.add("caravan.accepted+=" + sum(queues, QueueFigures::enqueued));
        lines.add("caravan.queued=" + sum(queues, QueueFigures::depth));
        lines.add("caravan.running=" + sum(queues, QueueFigures::running));
        lines.add("caravan.scheduled=" + sum(queues, QueueFigures::scheduled));
        lines.add("caravan.over=" + sum(queues, QueueFigures::dequeued));
        lines.add("caravan.dead_letters=" + sum(queues, QueueFigures::deadLetters));
        for (QueueFigures queue : queues) {
            String name = "caravan.queues." + queue.name();
            lines.add(name + "=" + queue.depth());
            lines.add(name + ".running=" + queue.running());
            lines.add(name + ".scheduled=" + queue.scheduled());
            lines.add(name + ".dead_letters=" + queue.deadLetters());
            lines.add(name + ".oldest_seconds=" + queue.oldestAge().toSeconds());
        }
        return lines;
    }

    private static long sum(List<QueueFigures> queues, ToLongFunction<QueueFigures> figure) {
        return queues.stream().mapToLong(figure).sum();
    }
}
