package dev.caravan.queue;

import dev.caravan.queue.EmbeddedBroker.Account;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.RedeliveryPolicy;
import org.jspecify.annotations.Nullable;

/**
 * How this process talks to its broker, embedded or remote. A broker connection handles its commands one after the
 * other, each waiting for the disk, so senders have many connections of their own and consumers theirs.
 */
public final class BrokerClient implements AutoCloseable {

    private static final Duration PROBE_DELAY = Duration.ofSeconds(1);

    private final String url;
    private final @Nullable Account account;
    private final SenderConnections senders;

    /**
     * @param url as ActiveMQ takes it; a plain {@code tcp:} or {@code ssl:} one becomes {@code failover:} so that lost
     *     connections come back
     * @param account null when the URL says who we are, or nobody asks
     */
    public BrokerClient(String url, @Nullable Account account) {
        this.url = url;
        this.account = account;
        // A send that finds no broker fails after three seconds, so that the door can say 503.
        this.senders = new SenderConnections(factory(reconnecting("timeout=3000&startupMaxReconnectAttempts=3")));
    }

    /** Pooled connections for sending. */
    public ConnectionFactory senders() {
        return senders;
    }

    /** Plain connections for consuming; each call to it opens one that lives as long as its consumer. */
    public ConnectionFactory consumers() {
        return factory(reconnecting("maxReconnectDelay=5000"));
    }

    private String reconnecting(String options) {
        if (url.startsWith("vm:")) {
            return url;
        }
        if (!url.startsWith("failover:")) {
            int mark = url.indexOf('?');
            String address = mark < 0 ? url : url.substring(0, mark);
            String query = mark < 0 ? "" : url.substring(mark + 1);
            // The client's own options, such as jms.userName, are only heeded outside the brackets.
            return "failover:(" + address + options(query, "?", false) + ")?" + options + options(query, "&", true);
        }
        // What the operator wrote stands last and so wins; without a timeout a send would wait for ever.
        int end = url.lastIndexOf(')');
        String brokers = end < 0
                ? "(" + url.replaceFirst("failover:(//)?", "") + ")"
                : url.substring("failover:".length(), end + 1);
        String own = end < 0 || end + 2 > url.length() ? "" : "&" + url.substring(end + 2);
        return "failover:" + brokers + "?" + options + own;
    }

    private static String options(String query, String before, boolean ofTheClient) {
        String found = Arrays.stream(query.split("&"))
                .filter(option -> !option.isEmpty() && option.startsWith("jms.") == ofTheClient)
                .collect(Collectors.joining("&"));
        return found.isEmpty() ? "" : before + found;
    }

    private ActiveMQConnectionFactory factory(String brokerUrl) {
        ActiveMQConnectionFactory factory;
        try {
            factory = new GreetedConnections(brokerUrl);
        } catch (IllegalArgumentException e) {
            // Its message has the URL in it, and that may have a password.
            throw new BrokerException("CARAVAN_BROKER_URL is no broker's address: write it as tcp://host:61616", e);
        }
        if (account != null) {
            factory.setUserName(account.user());
            factory.setPassword(account.password());
        }
        factory.setWatchTopicAdvisories(false);
        factory.getPrefetchPolicy().setQueuePrefetch(1);
        factory.setTrustAllPackages(false);
        // Only our own hand buries: a message is offered again until a route has settled it.
        RedeliveryPolicy redelivery = factory.getRedeliveryPolicy();
        redelivery.setMaximumRedeliveries(RedeliveryPolicy.NO_MAXIMUM_REDELIVERIES);
        return factory;
    }

    /**
     * Finds out whether the broker is there and keeps delayed messages back. One whose scheduler is off would deliver
     * retries at once.
     *
     * @throws BrokerException with one readable line
     */
    public void probe() {
        try (Connection connection = senders.createConnection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE)) {
            connection.start();
            Queue queue = session.createTemporaryQueue(); // gone with the connection
            try (MessageProducer producer = session.createProducer(queue);
                    MessageConsumer consumer = session.createConsumer(queue)) {
                Message delayed = session.createMessage();
                delayed.setLongProperty(MessageProperties.SCHEDULED_DELAY, PROBE_DELAY.toMillis());
                producer.send(delayed, DeliveryMode.PERSISTENT, Message.DEFAULT_PRIORITY, 60_000);
                if (consumer.receive(PROBE_DELAY.toMillis() / 2) != null) {
                    throw new BrokerException(
                            "the broker at CARAVAN_BROKER_URL delivers delayed messages at once: start it with"
                                    + " schedulerSupport=\"true\"",
                            null);
                }
                if (consumer.receive(PROBE_DELAY.toMillis() * 5) == null) {
                    throw new BrokerException(
                            "the broker at CARAVAN_BROKER_URL did not deliver a message delayed by one second", null);
                }
            }
        } catch (JMSException e) {
            throw new BrokerException(
                    "cannot reach the broker at CARAVAN_BROKER_URL (" + where() + "): " + rootMessage(e), e);
        }
    }

    /** The URL without its options, among which a password may be. */
    private String where() {
        return url.replaceAll("\\?[^,)]*", "");
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage()).lines().findFirst().orElse("no reason given");
    }

    @Override
    public void close() {
        try {
            senders.close();
        } catch (JMSException e) {
            throw new BrokerException("the connections to the broker did not close: " + e.getMessage(), e);
        }
    }
}
