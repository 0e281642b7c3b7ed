package dev.caravan;

import dev.caravan.component.jms.CallListenerContainerFactory;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.QueueStates;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.QueueOrders;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Once a second, has this node do what was said about queues and functions, on whichever node, and makes the queues that are named. */
final class QueueKeeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(QueueKeeper.class);

    private final Ledger ledger;
    private final CallListenerContainerFactory listeners;
    private final Runnable makeQueues;
    private final ScheduledExecutorService every = Executors.newSingleThreadScheduledExecutor(task -> {
        var thread = new Thread(task, "queues");
        thread.setDaemon(true);
        return thread;
    });

    /** What was said last, so that a database that is away is said once. */
    private String trouble = "";

    /** @param makeQueues makes those that functions name; nothing on a node that runs no calls */
    QueueKeeper(Ledger ledger, CallListenerContainerFactory listeners, Runnable makeQueues) {
        this.ledger = ledger;
        this.listeners = listeners;
        this.makeQueues = makeQueues;
    }

    /** What operators said, as workers ask for it. */
    static QueueOrders orders(QueueStates states) {
        return new QueueOrders() {
            @Override
            public boolean paused(String physicalQueue) {
                return states.paused(physicalQueue) || states.paused(QueueNames.logical(physicalQueue));
            }

            @Override
            public int concurrency(String logicalQueue, int ofItsRoute) {
                return states.concurrency(logicalQueue).orElse(ofItsRoute);
            }
        };
    }

    void start() {
        look();
        every.scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
    }

    private void look() {
        try {
            ledger.queues().refresh();
            ledger.limits().refresh();
            listeners.obey();
            makeQueues.run();
            trouble = "";
        } catch (RuntimeException e) {
            // One that got out would end the looking without a word.
            if (!trouble.equals(String.valueOf(e.getMessage()))) {
                trouble = String.valueOf(e.getMessage());
                LOG.warn("queues stay as they are for now reason=\"{}\"", trouble);
                LOG.debug("because", e);
            }
        }
    }

    @Override
    public void close() {
        every.shutdown();
        try {
            if (!every.awaitTermination(5, TimeUnit.SECONDS)) {
                every.shutdownNow();
            }
        } catch (InterruptedException e) {
            every.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
