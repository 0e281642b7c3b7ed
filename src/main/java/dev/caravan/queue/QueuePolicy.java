package dev.caravan.queue;

import org.apache.activemq.broker.Broker;
import org.apache.activemq.broker.region.Queue;
import org.apache.activemq.broker.region.policy.PolicyEntry;
import org.apache.activemq.usage.MemoryUsage;

/** How the embedded broker keeps the queues whose names match a pattern. */
final class QueuePolicy extends PolicyEntry {

    /**
     * How many messages of a queue the broker reads at once, also how deep a selector sees while there is memory: as
     * many of the largest of ours as {@link #MEMORY}.
     */
    static final int PAGE = 64;

    /**
     * Messages of a queue held ready, more than 40 of the largest. The store has them all: what is held is garbage for
     * the collector later.
     */
    private static final long MEMORY = 4L << 20;

    private QueuePolicy(String pattern) {
        setQueue(pattern);
        // A worker has one message at a time: nothing waits behind a slow call while another worker is free.
        setUsePrefetchExtension(false);
        setProducerFlowControl(false);
        setMaxPageSize(PAGE);
        setMemoryLimit(MEMORY);
        // It would hold the head of each queue in memory to look for messages with a JMS time to live; ours have none.
        setExpireMessagesPeriod(0);
        // Without flow control no producer is ever blocked. What is left of these warnings, "cursor blocked, no space
        // available", says that a queue holds as much as it may while its messages wait for a worker: that is its
        // ordinary state, and the depth of queues is what tells an operator.
        setBlockedProducerWarningInterval(0);
    }

    /** By priority, then first in, first out. */
    static QueuePolicy ofCalls() {
        var calls = new QueuePolicy(">");
        calls.setPrioritizedMessages(true);
        return calls;
    }

    /** First in, first out: {@link DeadLetterQueues} turns them round, which a priority would undo. */
    static QueuePolicy ofDeadLetters() {
        var letters = new QueuePolicy(QueueNames.deadLetters(">"));
        // Nobody waits for them.
        letters.setUseCache(false);
        return letters;
    }

    /** Before the queue is started and holds anything. */
    @Override
    public void configure(Broker broker, Queue queue) {
        super.configure(broker, queue);
        MemoryUsage held = queue.getMemoryUsage();
        // Twice, since a page of the largest may come on top of what is held.
        held.setParent(new QueueMemory(held.getParent(), 2 * MEMORY));
    }
}
