package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.thread.TaskRunnerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BrokerClientTest {

    @Test
    void ourOwnBrokerPasses(@TempDir Path folder) {
        try (var fixture = new BrokerFixture(folder)) {
            fixture.client().probe();
        }
    }

    @Test
    void messagesOfEveryConnectionHaveShortIdsThatNoOtherHas(@TempDir Path folder) throws JMSException {
        try (var fixture = new BrokerFixture(folder);
                var other = new BrokerClient(fixture.broker().url(), BrokerFixture.ACCOUNT)) {
            var ids = new HashSet<String>();
            for (BrokerClient client : List.of(fixture.client(), other, other)) {
                for (ConnectionFactory factory : List.of(client.consumers(), client.senders())) {
                    try (Connection connection = factory.createConnection();
                            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                            var producer = session.createProducer(session.createQueue("ids"))) {
                        Message message = session.createMessage();
                        producer.send(message);
                        ids.add(message.getJMSMessageID());
                    }
                }
            }

            assertThat(ids)
                    .hasSize(6)
                    .allSatisfy(id -> assertThat(id)
                            .matches("ID:[0-9a-z]{1,13}-[0-9]+(:[0-9]+){3}")
                            .hasSizeLessThan(35));
        }
    }

    @Test
    @Timeout(10)
    void aBrokerThatDoesNotKeepDelayedMessagesBackIsRefused() throws Exception {
        var broker = new BrokerService();
        broker.setBrokerName("no-scheduler-" + UUID.randomUUID());
        broker.setPersistent(false);
        broker.setUseJmx(false);
        broker.setSchedulerSupport(false);
        broker.start();
        try (var client = new BrokerClient("vm://" + broker.getBrokerName() + "?create=false", null)) {
            assertThatThrownBy(client::probe)
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("schedulerSupport");
        } finally {
            broker.stop();
        }
    }

    @Test
    @Timeout(30)
    void aConnectionIsGivenOutOnlyOnceTheEmbeddedBrokerHasTakenIt() throws Exception {
        var accept = new CountDownLatch(1);
        var broker = new BrokerService();
        broker.setBrokerName("late-" + UUID.randomUUID());
        broker.setPersistent(false);
        broker.setUseJmx(false);
        broker.setTaskRunnerFactory(new TaskRunnerFactory("late") {
            @Override
            public void execute(Runnable task) {
                super.execute(() -> {
                    try {
                        accept.await();
                        task.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
            }
        });
        broker.start();
        String url = "vm://" + broker.getBrokerName() + "?create=false&async=false";
        try (var client = new BrokerClient(url, null)) {
            CompletableFuture<Connection> connecting =
                    CompletableFuture.supplyAsync(() -> connection(client.consumers()));
            await().during(Duration.ofMillis(300)).until(() -> !connecting.isDone());

            accept.countDown();

            try (Connection connection = connecting.get()) {
                connection.start();
            }
        } finally {
            accept.countDown();
            broker.stop();
        }
    }

    private static Connection connection(ConnectionFactory factory) {
        try {
            return factory.createConnection();
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @Timeout(10)
    @ValueSource(
            strings = {
                "tcp://127.0.0.1:%d",
                "failover:(tcp://127.0.0.1:%d)",
                "failover:tcp://127.0.0.1:%d",
                "failover://(tcp://127.0.0.1:%d)?initialReconnectDelay=20"
            })
    void aBrokerThatIsNotThereIsSaidSoon(String url) throws Exception {
        int free;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        try (var client = new BrokerClient(url.formatted(free), null)) {
            assertThatThrownBy(client::probe)
                    .isInstanceOf(BrokerException.class)
                    .message()
                    .startsWith("cannot reach the broker at CARAVAN_BROKER_URL")
                    .doesNotContain("\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s", "failover:(%s)", "failover:%s", "failover:(%s)?randomize=false"})
    void everyWayToNameABrokerWorks(String url, @TempDir Path folder) throws Exception {
        try (var fixture = new BrokerFixture(folder, "tcp://127.0.0.1:0");
                var client = new BrokerClient(
                        url.formatted(fixture.broker().addresses().get(0)), BrokerFixture.ACCOUNT)) {
            BrokerFixture.send(client, "q", java.util.List.of("a"), 4, java.util.Map.of());

            assertThat(BrokerFixture.drain(client, "q", 500)).containsExactly("a");
        }
    }
}
