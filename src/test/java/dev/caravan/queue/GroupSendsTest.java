package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.broker.BrokerFilter;
import org.apache.activemq.broker.BrokerPlugin;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.broker.BrokerStoppedException;
import org.apache.activemq.broker.ProducerBrokerExchange;
import org.apache.activemq.command.ActiveMQQueue;
import org.apache.activemq.command.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class GroupSendsTest {

    private static final int SENDERS = 40;
    private static final int ROUNDS = 25;

    @TempDir
    Path folder;

    @Test
    void whatManySendAtOnceArrivesWholeAndOnce() throws Exception {
        try (var fixture = new BrokerFixture(folder)) {
            List<Future<Void>> senders = all(SENDERS, sender -> () -> {
                for (int round = 0; round < ROUNDS; round++) {
                    fixture.send("busy", sender + "." + round);
                }
                return null;
            });
            for (Future<Void> sender : senders) {
                sender.get();
            }

            List<String> arrived = fixture.drain("busy");
            assertThat(arrived).hasSize(SENDERS * ROUNDS).doesNotHaveDuplicates();
            assertThat(arrived.stream().filter(body -> body.startsWith("7.")))
                    .as("one sender's messages, each sent when the one before had arrived")
                    .containsExactlyElementsOf(IntStream.range(0, ROUNDS)
                            .mapToObj(round -> "7." + round)
                            .toList());
        }
    }

    @Test
    void eachSenderMeetsItsOwnFailureAndNoOther() throws Exception {
        try (var broker = new RefusingBroker("refused");
                var groups = new GroupSends(broker.connections())) {
            var failed = new AtomicInteger();
            List<Future<Void>> senders = all(SENDERS, sender -> {
                ToQueue to = broker.sender(groups);
                return () -> {
                    for (int round = 0; round < ROUNDS; round++) {
                        if (sender % 8 == 0) {
                            assertThatThrownBy(() -> to.send("refused"))
                                    .isInstanceOf(JMSException.class)
                                    .hasMessageContaining("no room on refused");
                            failed.incrementAndGet();
                        } else {
                            to.send("taken");
                        }
                    }
                    return null;
                };
            });
            for (Future<Void> sender : senders) {
                sender.get();
            }

            assertThat(failed).hasValue(SENDERS / 8 * ROUNDS);
            assertThat(broker.depth("taken")).isEqualTo(SENDERS * 7 / 8 * ROUNDS);
            assertThat(broker.depth("refused")).isZero();
        }
    }

    @Test
    void everybodyIsToldWhenTheBrokerIsGone() throws Exception {
        try (var broker = new RefusingBroker("none");
                var groups = new GroupSends(broker.connections())) {
            var sent = new AtomicInteger();
            List<Future<Void>> senders = all(SENDERS, sender -> {
                ToQueue to = broker.sender(groups);
                return () -> {
                    while (true) {
                        to.send("taken");
                        sent.incrementAndGet();
                    }
                };
            });
            await().until(() -> sent.get() > SENDERS);
            broker.stop();

            for (Future<Void> sender : senders) {
                assertThatThrownBy(sender::get)
                        .isInstanceOf(ExecutionException.class)
                        .satisfies(thrown -> assertThat(thrown.getCause())
                                .isInstanceOfAny(JMSException.class, BrokerStoppedException.class));
            }
        }
    }

    private interface ToQueue {
        void send(String queue) throws JMSException;
    }

    private interface Sender {
        Callable<Void> number(int sender) throws JMSException;
    }

    /** Starts that many at once. */
    private static List<Future<Void>> all(int count, Sender sender) throws JMSException {
        ExecutorService threads = Executors.newFixedThreadPool(count);
        var start = new CyclicBarrier(count);
        var started = new ArrayList<Future<Void>>();
        for (int i = 0; i < count; i++) {
            Callable<Void> work = sender.number(i);
            started.add(threads.submit(() -> {
                start.await();
                return work.call();
            }));
        }
        threads.shutdown();
        return started;
    }

    /** A broker in memory that has no room on some queues. */
    private static final class RefusingBroker implements AutoCloseable {

        private final BrokerService service = new BrokerService();
        private final Set<String> refused;

        RefusingBroker(String... refused) throws Exception {
            this.refused = Set.of(refused);
            service.setBrokerName("refusing");
            service.setPersistent(false);
            service.setUseJmx(false);
            service.setPlugins(new BrokerPlugin[] {
                next -> new BrokerFilter(next) {
                    @Override
                    public void send(ProducerBrokerExchange exchange, Message message) throws Exception {
                        String queue = message.getDestination().getPhysicalName();
                        if (RefusingBroker.this.refused.contains(queue)) {
                            throw new JMSException("no room on " + queue);
                        }
                        super.send(exchange, message);
                    }
                }
            });
            service.start();
        }

        ActiveMQConnectionFactory connections() {
            return new ActiveMQConnectionFactory("vm://refusing?create=false&async=false");
        }

        /** A sender with a connection of its own. */
        ToQueue sender(GroupSends groups) throws JMSException {
            Connection connection = connections().createConnection();
            connection.start();
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            MessageProducer producer = session.createProducer(null);
            return queue -> groups.send(
                    session.createQueue(queue),
                    session.createTextMessage("x"),
                    DeliveryMode.PERSISTENT,
                    4,
                    0,
                    producer::send);
        }

        long depth(String queue) throws Exception {
            var destination = service.getDestination(new ActiveMQQueue(queue));
            return destination.getDestinationStatistics().getMessages().getCount();
        }

        void stop() throws Exception {
            service.stop();
            service.waitUntilStopped();
        }

        @Override
        public void close() throws Exception {
            stop();
        }
    }
}
