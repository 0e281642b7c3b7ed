package dev.caravan.queue;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.activemq.ActiveMQConnection;
import org.apache.activemq.advisory.DestinationSource;
import org.apache.activemq.command.ActiveMQQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jms.listener.AbstractMessageListenerContainer;
import org.springframework.jms.listener.SessionAwareMessageListener;

/**
 * Consumes all physical queues of one logical queue ({@code faas-request.>}) fairly: each has workers of its own, as
 * many as it has calls for up to a cap, and all together run at most {@code concurrency} calls at once. So a function
 * whose calls hang fills its cap, never the queue.
 *
 * <p>The stock container cannot do that: on a wildcard the broker picks which queue a free consumer is given, and one
 * function's burst takes them all. New physical queues are heard of through the broker's advisories, which every
 * ActiveMQ sends.
 */
public final class CallListenerContainer extends AbstractMessageListenerContainer {

    private static final Logger LOG = LoggerFactory.getLogger(CallListenerContainer.class);
    private static final String WILDCARD = ".>";

    /** Sessions of one connection are dispatched to one after the other. */
    private static final int CONNECTIONS = 8;

    /** How long a worker waits for nothing before it goes. */
    private static final Duration IDLE = Duration.ofSeconds(20);

    /** How long a shutdown waits for workers that are just acknowledging, or have yet to notice. */
    private static final Duration LEAVING = Duration.ofMillis(700);

    private final int asked;
    private final QueueOrders orders;
    private final Duration idle;
    private final Executor executor;
    private final Admission admission;
    private final Permits permits;

    /** The physical queues there are, those that are paused included; guarded by {@link #workers}. */
    private final Set<String> found = new TreeSet<>();

    private final Map<String, QueueWorkers> workers = new ConcurrentHashMap<>();

    /** Those of before the last stop that may still have a call to finish. */
    private final List<QueueWorkers> leaving = new CopyOnWriteArrayList<>();

    private final AtomicInteger nextConnection = new AtomicInteger();
    private volatile List<Connection> connections = List.of();
    private volatile int concurrency;
    private volatile boolean shutDown;
    private @Nullable Connection discovery;

    /**
     * @param concurrency how many calls of this logical queue run at once unless {@code orders} says otherwise
     * @param orders what operators want, asked at the start and whenever {@link #obey} is called
     * @param executor runs one task for each worker, for as long as it works; virtual threads where there are any
     * @param admission asked before a function is given a call
     */
    public CallListenerContainer(int concurrency, QueueOrders orders, Executor executor, Admission admission) {
        this(concurrency, orders, executor, admission, IDLE);
    }

    CallListenerContainer(int concurrency, QueueOrders orders, Executor executor, Admission admission, Duration idle) {
        this.asked = concurrency;
        this.concurrency = concurrency;
        this.orders = orders;
        this.idle = idle;
        this.executor = executor;
        this.admission = admission;
        this.permits = new Permits(concurrency);
    }

    /** One function may have four fifths of the queue's workers. */
    int cap() {
        return Math.max(1, concurrency * 4 / 5);
    }

    /** Unused: how many calls run at once is said when the container is made, and by operators. */
    @Override
    public void setConcurrency(String concurrency) {
        throw new UnsupportedOperationException("say concurrentConsumers on the endpoint");
    }

    @Override
    protected boolean sharedConnectionEnabled() {
        return false;
    }

    @Override
    protected void doInitialize() {
        // Nothing until it is started.
    }

    @Override
    protected void doStart() throws JMSException {
        synchronized (workers) {
            adjust();
        }
        if (connections.isEmpty()) {
            connections = open();
        }
        shutDown = false;
        super.doStart();
        discover(String.valueOf(getDestinationName()));
    }

    private List<Connection> open() throws JMSException {
        var opened = new ArrayList<Connection>();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                Connection connection = createConnection();
                opened.add(connection);
                connection.start();
            }
            return List.copyOf(opened);
        } catch (JMSException e) {
            opened.forEach(CallListenerContainer::closeQuietly);
            throw e;
        }
    }

    private void discover(String pattern) throws JMSException {
        if (!pattern.endsWith(WILDCARD)) {
            consume(pattern);
            return;
        }
        if (!(createConnection() instanceof ActiveMQConnection connection)) {
            throw new IllegalStateException("calls are consumed over plain ActiveMQ connections, not pooled ones");
        }
        discovery = connection;
        String prefix = pattern.substring(0, pattern.length() - 1);
        var source = new DestinationSource(connection);
        source.setDestinationListener(event -> {
            if (event.isAddOperation() && event.getDestination() instanceof ActiveMQQueue queue) {
                consumeMatching(queue, prefix);
            }
        });
        source.start();
        // Last: the broker names its queues at once, and ActiveMQ may lose what comes while the source, on a connection
        // that runs already, sets its listener. A queue lost here would not be read before the next start.
        connection.start();
    }

    private void consumeMatching(ActiveMQQueue queue, String prefix) {
        String name = queue.getPhysicalName();
        if (name.startsWith(prefix) && !queue.isPattern()) {
            consume(name);
        }
    }

    private void consume(String queue) {
        synchronized (workers) { // or a queue found during a stop would be read after it
            if (isRunning()) {
                LOG.debug("queue found queue={}", queue);
                found.add(queue);
                takeOrLeave(queue);
            }
        }
    }

    private void takeOrLeave(String queue) {
        QueueWorkers taking = workers.get(queue);
        if (orders.paused(queue)) {
            if (taking != null) {
                workers.remove(queue);
                leave(taking);
            }
        } else if (taking == null) {
            var group = new QueueWorkers(queue, this, admission.gate(queue), permits, idle, executor);
            workers.put(queue, group);
            group.grow();
        }
    }

    /**
     * Does what operators say now: leaves queues that are paused, where what runs is finished, goes on with those that
     * are not any more, and lets as many calls run at once as they want.
     */
    public void obey() {
        synchronized (workers) {
            if (isRunning()) {
                found.forEach(this::takeOrLeave);
                if (adjust()) {
                    workers.values().forEach(QueueWorkers::grow);
                }
            }
        }
    }

    /** True when more may run than before. */
    private boolean adjust() {
        int before = concurrency;
        int wanted = orders.concurrency(QueueNames.logical(String.valueOf(getDestinationName())), asked);
        if (wanted != before) {
            concurrency = wanted;
            permits.change(wanted - before);
        }
        return wanted > before;
    }

    Connection connection() throws JMSException {
        List<Connection> open = connections;
        if (open.isEmpty()) {
            throw new jakarta.jms.IllegalStateException("the container is shut down");
        }
        return open.get(Math.floorMod(nextConnection.getAndIncrement(), open.size()));
    }

    @SuppressWarnings("unchecked") // Camel sets the only listener there is, and it is session-aware
    SessionAwareMessageListener<jakarta.jms.Message> listener() {
        var listener = (SessionAwareMessageListener<jakarta.jms.Message>) getMessageListener();
        if (listener == null) {
            throw new IllegalStateException("a container is given its listener before it is started");
        }
        return listener;
    }

    /** How many workers take calls from this queue's physical queues now. */
    public int workers() {
        return all().mapToInt(QueueWorkers::size).sum();
    }

    /** How many calls may run at once. */
    public int concurrency() {
        return concurrency;
    }

    /** The physical queues it has heard of, paused ones included. */
    public Set<String> queues() {
        synchronized (workers) {
            return Set.copyOf(found);
        }
    }

    /** Whether it has let go of the broker. */
    public boolean isShutDown() {
        return shutDown;
    }

    /** How many calls run now. */
    public int running() {
        return all().mapToInt(QueueWorkers::running).sum();
    }

    private Stream<QueueWorkers> all() {
        return Stream.concat(workers.values().stream(), leaving.stream());
    }

    /** Takes no more messages; what runs is finished by its worker and acknowledged. */
    @Override
    protected void doStop() throws JMSException {
        super.doStop();
        stopWorkers();
    }

    @Override
    protected void doShutdown() throws JMSException {
        stopWorkers();
        awaitLeaving();
        // What is still running loses its session: its message goes back to the queue.
        connections.forEach(CallListenerContainer::closeQuietly);
        connections = List.of();
        leaving.clear();
        shutDown = true;
    }

    private void stopWorkers() {
        synchronized (workers) {
            workers.values().forEach(this::leave);
            workers.clear();
            found.clear();
        }
        stopDiscovery();
    }

    private void leave(QueueWorkers group) {
        group.stopTaking();
        leaving.removeIf(gone -> gone.size() == 0);
        leaving.add(group);
    }

    /** Camel shuts down when no exchange runs any more, which is a moment before the last one is acknowledged. */
    private void awaitLeaving() {
        long end = System.nanoTime() + LEAVING.toNanos();
        while (workers() > 0 && System.nanoTime() < end) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private void stopDiscovery() {
        Connection connection = discovery;
        if (connection != null) {
            closeQuietly(connection);
            discovery = null;
        }
    }

    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (JMSException e) {
            LOG.debug("closing a connection failed: {}", e.getMessage());
        }
    }
}
