package dev.caravan.component.jms;

import dev.caravan.queue.Admission;
import dev.caravan.queue.CallListenerContainer;
import dev.caravan.queue.QueueNames;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
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

    private final Executor executor;
    private final Admission admission;
    private final List<Made> containers = new CopyOnWriteArrayList<>();

    /**
     * @param executor runs one task for each worker, for as long as it works; must not queue tasks
     * @param admission asked before a function is given a call
     */
    public CallListenerContainerFactory(Executor executor, Admission admission) {
        this.executor = executor;
        this.admission = admission;
    }

    @Override
    public AbstractMessageListenerContainer createMessageListenerContainer(JmsEndpoint endpoint) {
        var container = new CallListenerContainer(endpoint.getConcurrentConsumers(), executor, admission);
        // A restarted route is given a new one.
        containers.removeIf(made -> made.container().isShutDown());
        containers.add(new Made(QueueNames.logical(endpoint.getDestinationName()), container));
        return container;
    }

    /** How many workers take calls of a logical queue now. */
    public int workers(String logicalQueue) {
        return containers.stream()
                .filter(made -> made.logicalQueue().equals(logicalQueue))
                .mapToInt(made -> made.container().workers())
                .sum();
    }
}
