package dev.caravan.component.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.queue.Admission;
import dev.caravan.queue.BrokerFixture;
import dev.caravan.queue.CallHeldException;
import dev.caravan.queue.QueueOrders;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Session;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.activemq.ActiveMQComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallListenerContainerFactoryTest {

    private static final String QUEUE = "faas-request.ns.f";
    private static final AtomicInteger DESERIALISED = new AtomicInteger();

    @TempDir
    Path folder;

    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final CallListenerContainerFactory factory =
            new CallListenerContainerFactory(QueueOrders.NONE, executor, Admission.unlimited());
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final List<Exchange> exchanges = new CopyOnWriteArrayList<>();
    private final List<Object> bodies = new CopyOnWriteArrayList<>();
    private BrokerFixture fixture;

    /** Says when somebody reads it. */
    static final class Trap implements Serializable {
        private static final long serialVersionUID = 1L;

        private void readObject(ObjectInputStream in) {
            DESERIALISED.incrementAndGet();
        }
    }

    @BeforeEach
    void open() {
        fixture = new BrokerFixture(folder);
    }

    @AfterEach
    void close() {
        context.stop();
        executor.shutdownNow();
        fixture.close();
    }

    private void start(Processor processor) throws Exception {
        var component = new ActiveMQComponent();
        component.getConfiguration().setConnectionFactory(fixture.client().senders());
        component
                .getConfiguration()
                .setListenerConnectionFactory(fixture.client().consumers());
        context.addComponent("activemq", component);
        context.getRegistry().bind("callListeners", factory);
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(noErrorHandler());
                from("activemq:queue:faas-request.>?consumerType=Custom"
                                + "&messageListenerContainerFactory=#callListeners"
                                + "&acknowledgementModeName=CLIENT_ACKNOWLEDGE&concurrentConsumers=50"
                                + "&mapJmsMessage=false&disableReplyTo=true")
                        .routeId("run-call")
                        .process(exchange -> bodies.add(exchange.getMessage().getBody()))
                        .process(processor);
            }
        });
        context.start();
    }

    @Test
    void theBodyIsTheMessageItself() throws Exception {
        start(exchanges::add);
        fixture.send(QUEUE, "hello");

        await().until(() -> exchanges.size() == 1);
        assertThat(bodies.get(0)).isInstanceOf(Message.class);
        assertThat(factory.workers("faas-request")).isPositive();
        assertThat(factory.workers("faas-callback")).isZero();
        context.stop();
        assertThat(fixture.drain(QUEUE)).isEmpty();
    }

    @Test
    void aRouteThatThrowsDoesNotAcknowledge() throws Exception {
        start(exchange -> {
            throw new java.io.IOException("broken route");
        });
        fixture.send(QUEUE, "precious");

        await().until(() -> bodies.size() == 2);
        context.stop();
        assertThat(fixture.drain(QUEUE)).containsExactly("precious");
    }

    @Test
    void aHeldCallIsRecognisedInsideWhatCamelWrapsItIn() throws Exception {
        start(exchange -> {
            throw new CallHeldException("no replica");
        });
        fixture.send(QUEUE, "held");

        // A hold is offered again each second; what failed would back off to 2 and 4 seconds.
        await().atMost(Duration.ofMillis(4_500)).until(() -> bodies.size() >= 4);
        context.stop();
        assertThat(fixture.drain(QUEUE)).containsExactly("held");
    }

    @Test
    void anObjectIsNeverDeserialisedAndNobodyIsAnswered() throws Exception {
        start(exchange -> exchange.setProperty(
                "headers", exchange.getMessage().getHeaders().size()));
        try (Connection connection = fixture.client().senders().createConnection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                MessageProducer producer = session.createProducer(session.createQueue(QUEUE))) {
            ObjectMessage message = session.createObjectMessage(new Trap());
            message.setJMSReplyTo(session.createQueue("answers"));
            producer.send(message, DeliveryMode.PERSISTENT, 4, 0);
        }

        await().until(() -> bodies.size() == 1);
        context.stop();
        assertThat(bodies.get(0)).isInstanceOf(ObjectMessage.class);
        assertThat(DESERIALISED).hasValue(0);
        assertThat(fixture.drain("answers")).isEmpty();
        assertThat(fixture.drain(QUEUE)).isEmpty();
    }

    @Test
    void aRouteCanBeSuspendedResumedAndRestarted() throws Exception {
        start(exchanges::add);
        fixture.send(QUEUE, "1");
        await().until(() -> bodies.size() == 1);

        context.getRouteController().suspendRoute("run-call");
        await().until(() -> factory.workers("faas-request") == 0);
        fixture.send(QUEUE, "2");
        context.getRouteController().resumeRoute("run-call");
        await().until(() -> bodies.size() == 2);

        context.getRouteController().stopRoute("run-call");
        fixture.send(QUEUE, "3");
        context.getRouteController().startRoute("run-call");
        await().until(() -> bodies.size() == 3);
        assertThat(factory.workers("faas-request")).isPositive();
    }
}
