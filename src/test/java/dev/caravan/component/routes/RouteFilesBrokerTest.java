package dev.caravan.component.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.broker.BrokerService;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.activemq.ActiveMQComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Routes that consume from a broker change hands without losing, doubling or interrupting a message. */
@Timeout(90)
class RouteFilesBrokerTest {

    private static final String BROKER = "route-files-broker-test";

    @TempDir
    Path folder;

    private final BrokerService broker = new BrokerService();
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final ProducerTemplate producer = context.createProducerTemplate();
    private final ConcurrentLinkedQueue<String> done = new ConcurrentLinkedQueue<>();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch gate = new CountDownLatch(1);
    private RouteFiles files;

    @BeforeEach
    void startBroker() throws Exception {
        broker.setBrokerName(BROKER);
        broker.setPersistent(false);
        broker.setUseJmx(false);
        broker.setUseShutdownHook(false);
        broker.start();
        context.addComponent("activemq", activemq(context));
        context.getRegistry().bind("wait", (Processor) exchange -> {
            if ("first".equals(exchange.getMessage().getBody(String.class))) {
                entered.countDown();
                assertThat(gate.await(30, TimeUnit.SECONDS)).isTrue();
            }
        });
        context.getRegistry().bind("note", (Processor) exchange -> done.add(exchange.getMessage()
                        .getHeader("version") + ":" + exchange.getMessage().getBody(String.class)));
        context.start();
        producer.start();
        files = new RouteFiles(
                context,
                folder,
                List.of("worker"),
                Duration.ofSeconds(20),
                dry -> dry.addComponent("activemq", activemq(dry)),
                Duration.ofMillis(50),
                InstantSource.system());
    }

    private static ActiveMQComponent activemq(CamelContext camel) {
        var component = new ActiveMQComponent(camel);
        component.setUsePooledConnection(false);
        component.setConnectionFactory(new ActiveMQConnectionFactory("vm://" + BROKER + "?create=false"));
        return component;
    }

    @AfterEach
    void stop() throws Exception {
        gate.countDown();
        files.close();
        context.stop();
        broker.stop();
    }

    /** Without prefetch: what is handed to a busy consumer in advance waits for it, whichever version takes over. */
    @Test
    void theOldVersionFinishesItsMessageWhileTheNewOneTakesTheNext() throws Exception {
        write("old");
        files.start();
        send("first");
        assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();

        write("new");
        await().untilAsserted(() ->
                assertThat(files.routes()).extracting(LoadedRoute::internalId).containsExactly("take-work@2"));
        send("second");

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(done).containsExactly("new:second"));
        gate.countDown();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(done).containsExactly("new:second", "old:first"));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() ->
                        assertThat(context.getRouteDefinition("take-work")).isNull());
    }

    @Test
    void noMessageIsLostOrDoubledWhileTheRouteIsReplacedAgainAndAgain() throws Exception {
        write("v1");
        files.start();
        List<String> sent = IntStream.range(0, 300).mapToObj(n -> "m" + n).toList();

        for (int n = 0; n < sent.size(); n++) {
            send(sent.get(n));
            if (n % 100 == 50) {
                write("after" + n);
                String version = "take-work@" + (2 + n / 100);
                await().untilAsserted(() -> assertThat(files.routes())
                        .extracting(LoadedRoute::internalId)
                        .containsExactly(version));
            }
        }

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(done)
                        .extracting(line -> line.substring(line.indexOf(':') + 1))
                        .containsExactlyInAnyOrderElementsOf(sent));
    }

    private void send(String body) {
        producer.sendBody("activemq:queue:work", body);
    }

    private void write(String version) throws Exception {
        Files.createDirectories(folder.resolve("worker"));
        Path complete = Files.writeString(folder.resolve("writing"), """
                - route:
                    id: take-work
                    from:
                      uri: activemq:queue:work
                      parameters:
                        acknowledgementModeName: CLIENT_ACKNOWLEDGE
                        destination.consumer.prefetchSize: 0
                      steps:
                        - setHeader: { name: version, expression: { constant: { expression: VERSION } } }
                        - process: { ref: wait }
                        - process: { ref: note }
                """.replace("VERSION", version));
        Files.move(
                complete,
                folder.resolve("worker/take-work.camel.yaml"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }
}
