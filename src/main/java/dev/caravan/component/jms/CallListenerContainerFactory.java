package dev.caravan.component.jms;

import dev.caravan.queue.Admission;
import dev.caravan.queue.CallListenerContainer;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.QueueOrders;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.component.jms.JmsEndpoint;
import org.apache.camel.component.jms.MessageListenerContainerFactory;
import org.springframework.jms.listener.AbstractMessageListenerContainer;

/**
 * Lets a route consume a logical queue fairly: {@code
 * activemq:queue:faas-request.>?consumerType=Custom&messageListenerContainerFactory=#callListeners&concurrentConsumers=50}.
 * The endpoint's {@code concurrentConsumers} is how many calls run at once.
 */
public final class CallListenerContainerFactory implements MessageListenerContainerFactory {

    private record Made(String logicalQueue, CallListenerContainer container) {}

    private final QueueOrders orders;
    private final Executor executor;
    private final Admission admission;
    private final List<Made> containers = new CopyOnWriteArrayList<>();

    /**
     * @param orders what operators say about queues
     * @param executor runs one task for each worker, for as long as it works; must not queue tasks
     * @param admission asked before a function is given a call
     */
    public CallListenerContainerFactory(QueueOrders orders, Executor executor, Admission admission) {
        this.orders = orders;
        this.executor = executor;
        this.admission = admission;
    }

    @Override
    public AbstractMessageListenerContainer createMessageListenerContainer(JmsEndpoint endpoint) {
        var container = new CallListenerContainer(endpoint.getConcurrentConsumers(), orders, executor, admission);
        // A restarted route is given a new one.
        containers.removeIf(made -> made.container().isShutDown());
        containers.add(new Made(QueueNames.logical(endpoint.getDestinationName()), container));
        return container;
    }

    /** Has everybody do what operators say now, see {@link CallListenerContainer#obey}. */
    public void obey() {
        containers.forEach(made -> made.container().obey());
    }

    /** The logical queues that are consumed now. */
    public Set<String> logicalQueues() {
        return containers.stream()
                .filter(made -> made.container().isRunning())
                .map(Made::logicalQueue)
                .collect(Collectors.toSet());
    }

    /** The physical queues of a logical one that are consumed now, or would be if they were not paused. */
    public Set<String> physicalQueues(String logicalQueue) {
        return of(logicalQueue)
                .flatMap(container -> container.queues().stream())
                .collect(Collectors.toSet());
    }

    /** How many workers take calls of a logical queue now. */
    public int workers(String logicalQueue) {
        return of(logicalQueue).mapToInt(CallListenerContainer::workers).sum();
    }

    /** How many calls of a logical queue run here now. */
    public int running(String logicalQueue) {
        return of(logicalQueue).mapToInt(CallListenerContainer::running).sum();
    }

    /** How many calls of a logical queue may run here at once; 0 when it is not consumed. */
    public int concurrency(String logicalQueue) {
        return of(logicalQueue)
                .filter(CallListenerContainer::isRunning)
                .mapToInt(CallListenerContainer::concurrency)
                .sum();
    }

    private Stream<CallListenerContainer> of(String logicalQueue) {
        return containers.stream()
                .filter(made -> made.logicalQueue().equals(logicalQueue))
                .map(Made::container);
    }
}
