package dev.caravan.gateway;

import dev.caravan.function.FunctionName;
import dev.caravan.ledger.Ledger;
import dev.caravan.order.CallOrder;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.QueueSweep;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empties a queue: first its calls are cancelled in the ledger, then their messages are taken off in the background.
 * What that does not reach, such as retries that are not due yet or what a crash left, is dropped when it is taken.
 */
public final class PurgeQueue {

    private static final Logger LOG = LoggerFactory.getLogger(PurgeQueue.class);

    private final Ledger ledger;
    private final QueueSweep sweep;
    private final CallOrder order;
    private final Function<String, Set<String>> consumed;
    private final Executor background;
    private final InstantSource clock;

    /**
     * @param consumed the physical queues of a logical one that this node has heard of
     * @param background runs one task for each purge
     */
    public PurgeQueue(
            Ledger ledger,
            QueueSweep sweep,
            CallOrder order,
            Function<String, Set<String>> consumed,
            Executor background,
            InstantSource clock) {
        this.ledger = ledger;
        this.sweep = sweep;
        this.order = order;
        this.consumed = consumed;
        this.background = background;
        this.clock = clock;
    }

    /**
     * @param function null for those of every function
     * @return how many calls were cancelled
     */
    int purge(String queue, @Nullable FunctionName function) {
        Instant now = clock.instant();
        int cancelled = ledger.purge().cancelWaiting(queue, function);
        Set<String> physical = function == null ? physicalQueues(queue) : Set.of(QueueNames.physical(queue, function));
        background.execute(() -> {
            physical.forEach(name -> sweep(name, now));
            letGo(queue);
        });
        return cancelled;
    }

    private Set<String> physicalQueues(String queue) {
        var names = new TreeSet<>(consumed.apply(queue));
        ledger.counts().keySet().stream()
                .filter(key -> key.queue().equals(queue))
                .forEach(key -> names.add(QueueNames.physical(queue, key.function())));
        return names;
    }

    private void sweep(String queue, Instant before) {
        try {
            long swept = sweep.sweep(queue, before, ledger.purge()::cancelFound);
            LOG.info("queue purged queue={} messages={}", queue, swept);
        } catch (RuntimeException e) {
            // Also what an embedded broker throws that is just being stopped: nobody else would hear of it.
            LOG.warn(
                    "queue not purged to its end, what is left is dropped when it is taken queue={} reason=\"{}\"",
                    queue,
                    e.getMessage());
        }
    }

    /** Calls of an order key that were cancelled leave their lines, and what came after them is next. */
    private void letGo(String queue) {
        try {
            order.tend();
        } catch (RuntimeException e) {
            LOG.warn("calls purged leave their lines later queue={} reason=\"{}\"", queue, e.getMessage());
        }
    }
}
