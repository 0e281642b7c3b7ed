package dev.caravan.queue;

/** What operators say about queues, as the workers of this node ask for it; answered from memory. */
public interface QueueOrders {

    /** Nobody said anything. */
    QueueOrders NONE = new QueueOrders() {
        @Override
        public boolean paused(String physicalQueue) {
            return false;
        }

        @Override
        public int concurrency(String logicalQueue, int ofItsRoute) {
            return ofItsRoute;
        }
    };

    /** Whether nothing is to be taken from a physical queue, by itself or because its logical one is paused. */
    boolean paused(String physicalQueue);

    /** How many calls of a logical queue may run at once, when its route says {@code ofItsRoute}. */
    int concurrency(String logicalQueue, int ofItsRoute);
}
