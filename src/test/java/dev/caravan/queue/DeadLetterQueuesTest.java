package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.function.CallId;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.apache.activemq.broker.BrokerService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadLetterQueuesTest {

    private static final String DLQ = "DLQ.q.ns.f";
    private static final String TARGET = "q.ns.f";

    @TempDir
    Path folder;

    @Test
    void aLetterLeavesItsQueueAndTheMessageIsSent() throws Exception {
        try (var fixture = new BrokerFixture(folder)) {
            letters(fixture.client(), 3);
            DeadLetterQueues queues = new DeadLetterQueues(fixture.client());

            assertThat(replace(queues, 1)).isTrue();
            assertThat(replace(queues, 1)).isFalse();
            assertThat(queues.replace(DLQ, id(2), 2, new Replacement(TARGET, Map.of(), new byte[0])))
                    .as("another generation")
                    .isFalse();

            assertThat(fixture.drain(TARGET)).containsExactly("again 1");
            assertThat(fixture.drain(DLQ)).containsExactly("0", "2");
        }
    }

    @Test
    void theMessageCarriesItsPropertiesAndPriority() throws Exception {
        try (var fixture = new BrokerFixture(folder)) {
            letters(fixture.client(), 1);
            Map<String, Object> properties = Map.of(
                    "JMSPriority", 9, "JMSCorrelationID", id(0).text(), "JMSType", "call", "CaravanGeneration", 2);

            new DeadLetterQueues(fixture.client())
                    .replace(DLQ, id(0), 1, new Replacement(TARGET, properties, new byte[] {1}));

            try (var connection = fixture.client().consumers().createConnection();
                    var session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                    var consumer = session.createConsumer(session.createQueue(TARGET))) {
                connection.start();
                var sent = consumer.receive(5_000);
                assertThat(sent.getJMSPriority()).isEqualTo(9);
                assertThat(sent.getJMSCorrelationID()).isEqualTo(id(0).text());
                assertThat(sent.getJMSType()).isEqualTo("call");
                assertThat(sent.getJMSDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
                assertThat(sent.getIntProperty("CaravanGeneration")).isEqualTo(2);
            }
        }
    }

    @Test
    void aRemovedLetterIsGone() throws Exception {
        try (var fixture = new BrokerFixture(folder)) {
            letters(fixture.client(), 2);
            DeadLetterQueues queues = new DeadLetterQueues(fixture.client());

            assertThat(queues.remove(DLQ, id(0), 1)).isTrue();
            assertThat(queues.remove(DLQ, id(0), 1)).isFalse();
            assertThat(queues.remove("DLQ.q.ns.nobody", id(0), 1)).isFalse();

            assertThat(fixture.drain(DLQ)).containsExactly("1");
        }
    }

    /** The broker has it on disk, but not yet among the messages it looks through for a selector. */
    @Test
    void aLetterIsFoundAsSoonAsItIsThere() throws Exception {
        try (var fixture = new BrokerFixture(folder)) {
            letters(fixture.client(), 1);
            DeadLetterQueues queues = new DeadLetterQueues(fixture.client());

            for (int letter = 1; letter <= 300; letter++) {
                queues.put(List.of(new Replacement(
                        DLQ, Map.of("JMSCorrelationID", id(letter).text(), "CaravanGeneration", 1), new byte[] {1})));
                assertThat(queues.remove(DLQ, id(letter), 1)).as("%d", letter).isTrue();
            }
        }
    }

    /** A crash between a letter's send and the ledger's commit sends it again. */
    @Test
    void aLetterThatIsThereTwiceGoesAsOne() throws Exception {
        try (var fixture = new BrokerFixture(folder)) {
            letters(fixture.client(), 2);
            letters(fixture.client(), 1);

            assertThat(new DeadLetterQueues(fixture.client()).remove(DLQ, id(0), 1))
                    .isTrue();

            assertThat(fixture.drain(DLQ)).containsExactly("1");
        }
    }

    @Test
    void whenTheMessageCannotBeSentTheLetterStays() throws Exception {
        try (var fixture = new BrokerFixture(folder)) {
            letters(fixture.client(), 1);

            assertThatThrownBy(() -> new DeadLetterQueues(fixture.client())
                            .replace(
                                    DLQ,
                                    id(0),
                                    1,
                                    new Replacement(TARGET, Map.of("CaravanHeaders", new Object()), new byte[0])))
                    .isInstanceOf(BrokerException.class);

            assertThat(fixture.drain(DLQ)).containsExactly("0");
        }
    }

    @Test
    void lettersOfAnyDepthAreFoundAndNoneIsLost() throws Exception {
        try (var fixture = new BrokerFixture(folder)) {
            findsInADeepQueue(fixture.client(), 3_000);
        }
    }

    @Test
    void aBrokerWithASmallPageIsNoObstacle() throws Exception {
        var broker = new BrokerService();
        broker.setBrokerName("stock-" + UUID.randomUUID());
        broker.setUseJmx(false);
        broker.setDataDirectoryFile(folder.toFile());
        broker.start();
        try (var client = new BrokerClient("vm://" + broker.getBrokerName() + "?create=false", null)) {
            findsInADeepQueue(client, 700);
        } finally {
            broker.stop();
        }
    }

    /** The broker holds some dozen of these in memory, and no more while they are neither taken nor put back. */
    @Test
    void largeLettersOfAnyDepthAreFound() throws Exception {
        try (var fixture = new BrokerFixture(folder)) {
            findsInADeepQueue(fixture.client(), 500, 60_000);
        }
    }

    private static void findsInADeepQueue(BrokerClient client, int count) throws Exception {
        findsInADeepQueue(client, count, 0);
    }

    private static void findsInADeepQueue(BrokerClient client, int count, int padding) throws Exception {
        letters(client, count, padding);
        DeadLetterQueues queues = new DeadLetterQueues(client);

        assertThat(replace(queues, count - 1)).as("the last").isTrue();
        assertThat(replace(queues, count / 2)).as("the middle one").isTrue();
        assertThat(replace(queues, 0)).as("the first").isTrue();
        assertThat(replace(queues, count + 1)).as("one that never was").isFalse();
        assertThat(replace(queues, count / 2)).as("one that is gone").isFalse();

        assertThat(BrokerFixture.drain(client, TARGET, 500))
                .containsExactlyInAnyOrder("again " + (count - 1), "again " + count / 2, "again 0");
        List<String> left = BrokerFixture.drain(client, DLQ, 1_000);
        assertThat(left).hasSize(count - 3).doesNotHaveDuplicates();
    }

    @Test
    void ofManyWhoReplaceTheSameLetterOneSucceeds() throws Exception {
        try (var fixture = new BrokerFixture(folder)) {
            letters(fixture.client(), 20);
            DeadLetterQueues queues = new DeadLetterQueues(fixture.client());
            var threads = Executors.newFixedThreadPool(8);
            var tasks = new ArrayList<Callable<Boolean>>();
            for (int i = 0; i < 40; i++) {
                int letter = i % 10;
                tasks.add(() -> replace(queues, letter));
            }

            long taken =
                    threads.invokeAll(tasks).stream().filter(done -> get(done)).count();

            threads.shutdown();
            assertThat(taken).isEqualTo(10);
            assertThat(fixture.drain(TARGET)).hasSize(10).doesNotHaveDuplicates();
            assertThat(fixture.drain(DLQ)).hasSize(10);
        }
    }

    @Test
    void aMovedLetterKeepsWhatItHad() throws Exception {
        try (var fixture = new BrokerFixture(folder)) {
            letters(fixture.client(), 250);

            new DeadLetterQueues(fixture.client()).remove(DLQ, id(1_000), 1);

            var ids = new HashSet<String>();
            try (var connection = fixture.client().consumers().createConnection();
                    var session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                    var consumer = session.createConsumer(session.createQueue(DLQ))) {
                connection.start();
                for (int i = 0; i < 250; i++) {
                    var letter = consumer.receive(5_000);
                    ids.add(letter.getJMSCorrelationID());
                    assertThat(letter.getJMSType()).isEqualTo("call");
                    assertThat(letter.getJMSPriority()).isEqualTo(letter.getIntProperty("priority"));
                    assertThat(letter.getJMSDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
                }
            }
            assertThat(ids).hasSize(250);
        }
    }

    private static boolean get(java.util.concurrent.Future<Boolean> done) {
        try {
            return done.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean replace(DeadLetterQueues queues, int letter) {
        byte[] body = ("again " + letter).getBytes(StandardCharsets.UTF_8);
        return queues.replace(DLQ, id(letter), 1, new Replacement(TARGET, Map.of("CaravanGeneration", 2), body));
    }

    private static CallId id(int letter) {
        return new CallId("letter-%06d".formatted(letter));
    }

    /** In one transaction, with priorities of all kinds. */
    private static void letters(BrokerClient client, int count) throws JMSException {
        letters(client, count, 0);
    }

    private static void letters(BrokerClient client, int count, int padding) throws JMSException {
        try (var connection = client.senders().createConnection();
                var session = connection.createSession(true, Session.SESSION_TRANSACTED);
                var producer = session.createProducer(session.createQueue(DLQ))) {
            for (int i : IntStream.range(0, count).toArray()) {
                var letter = session.createBytesMessage();
                letter.setJMSCorrelationID(id(i).text());
                letter.setJMSType("call");
                letter.setIntProperty("CaravanGeneration", 1);
                letter.setIntProperty("priority", i % 10);
                letter.writeBytes((i + " ".repeat(padding)).getBytes(StandardCharsets.UTF_8));
                producer.send(letter, DeliveryMode.PERSISTENT, i % 10, 0);
            }
            session.commit();
        }
    }
}
