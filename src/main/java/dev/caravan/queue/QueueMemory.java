package dev.caravan.queue;

import org.apache.activemq.usage.MemoryUsage;

/**
 * What the messages of one queue take of the broker's memory; stands between the queue's own count and that of all.
 *
 * <p>A broker whose memory is full reads nothing from its disk, for no queue, until some of what it holds is consumed.
 * What many queues hold that are paused, slow or of dead letters is not. So a queue that holds less than its ration is
 * never full, as long as all together hold less than twice what they should; then each passes on at least a few messages
 * at a time. Within what it may hold, a queue is also full when its messages are larger than was thought: they are read
 * one after the other, and not a page at once.
 */
final class QueueMemory extends MemoryUsage {

    /** More than {@link PullConsumer} holds at a time, which could not see the end of its queue otherwise. */
    static final long RATION = 512 << 10;

    private static final int FULL = 100;

    /**
     * @param all what is counted with the others'; its limit is what they should hold together
     * @param most bytes that this queue may hold while there is room
     */
    QueueMemory(MemoryUsage all, long most) {
        super(all, "queue");
        setLimit(most);
    }

    /** Asked before messages are read from the disk, and after each of them. */
    @Override
    public int getPercentUsage() {
        int all = getParent().getPercentUsage();
        if (all < FULL) {
            return super.getPercentUsage();
        }
        return all < 2 * FULL && getUsage() < RATION ? 0 : FULL;
    }

    @Override
    protected void addChild(MemoryUsage queue) {
        start();
        super.addChild(queue);
    }

    /** The queue is deleted. */
    @Override
    protected void removeChild(MemoryUsage queue) {
        super.removeChild(queue);
        stop();
    }
}
