package dev.caravan.queue;

import dev.caravan.queue.EmbeddedBroker.Account;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A real broker on a fresh folder with a client, and the few JMS words tests speak. */
public final class BrokerFixture implements AutoCloseable {

    public static final Account ACCOUNT = new Account("admin", "secret");
    static final long STORE_LIMIT = 1L << 30;

    private final EmbeddedBroker broker;
    private final BrokerClient client;

    public BrokerFixture(Path folder, String... listen) {
        broker = new EmbeddedBroker(folder, STORE_LIMIT, List.of(listen), ACCOUNT, InstantSource.system());
        broker.start();
        client = new BrokerClient(broker.url(), ACCOUNT);
    }

    public EmbeddedBroker broker() {
        return broker;
    }

    public BrokerClient client() {
        return client;
    }

    public void send(String queue, String... bodies) throws JMSException {
        for (String body : bodies) {
            send(queue, body, 4, Map.of());
        }
    }

    public void send(String queue, String body, int priority, Map<String, Object> properties) throws JMSException {
        send(client, queue, List.of(body), priority, properties);
    }

    static void send(
            BrokerClient client, String queue, List<String> bodies, int priority, Map<String, Object> properties)
            throws JMSException {
        try (Connection connection = client.senders().createConnection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                MessageProducer producer = session.createProducer(session.createQueue(queue))) {
            for (String body : bodies) {
                BytesMessage message = session.createBytesMessage();
                message.writeBytes(body.getBytes(StandardCharsets.UTF_8));
                for (Map.Entry<String, Object> property : properties.entrySet()) {
                    message.setObjectProperty(property.getKey(), property.getValue());
                }
                producer.send(message, DeliveryMode.PERSISTENT, priority, 0);
            }
        }
    }

    public List<String> drain(String queue) throws JMSException {
        return drain(client, queue, 1_000);
    }

    /** Takes everything; stops when nothing came for {@code quietMillis}. */
    static List<String> drain(BrokerClient client, String queue, long quietMillis) throws JMSException {
        var bodies = new ArrayList<String>();
        try (Connection connection = client.consumers().createConnection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                MessageConsumer consumer = session.createConsumer(session.createQueue(queue))) {
            connection.start();
            for (var m = consumer.receive(quietMillis); m != null; m = consumer.receive(quietMillis)) {
                bodies.add(text(m));
            }
        }
        return bodies;
    }

    static String text(jakarta.jms.Message message) throws JMSException {
        var bytes = (BytesMessage) message;
        bytes.reset(); // it may have been read before
        var body = new byte[(int) bytes.getBodyLength()];
        bytes.readBytes(body);
        return new String(body, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        client.close();
        broker.close();
    }
}
