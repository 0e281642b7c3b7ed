package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.function.CallId;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jms.listener.SessionAwareMessageListener;

class CallListenerContainerTest {

    private static final String A = "faas-request.ns.a";
    private static final String B = "faas-request.ns.b";

    @TempDir
    Path folder;

    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final List<CallListenerContainer> containers = new CopyOnWriteArrayList<>();
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private Admission admission = Admission.unlimited();
    private final Set<String> paused = ConcurrentHashMap.newKeySet();
    private final AtomicInteger limit = new AtomicInteger();
    private final QueueOrders orders = new QueueOrders() {
        @Override
        public boolean paused(String physicalQueue) {
            return paused.contains(physicalQueue);
        }

        @Override
        public int concurrency(String logicalQueue, int ofItsRoute) {
            return limit.get() == 0 ? ofItsRoute : limit.get();
        }
    };
    private BrokerFixture fixture;

    private interface Listener {
        void take(String queue, String body) throws Exception;
    }

    @BeforeEach
    void open() {
        fixture = new BrokerFixture(folder);
    }

    @AfterEach
    void close() {
        containers.forEach(CallListenerContainer::shutdown);
        executor.shutdownNow();
        fixture.close();
    }

    private CallListenerContainer start(int concurrency, Listener listener) {
        return start(concurrency, Duration.ofSeconds(20), listener);
    }

    private CallListenerContainer start(int concurrency, Duration idle, Listener listener) {
        var container = new CallListenerContainer(concurrency, orders, executor, admission, idle);
        container.setConnectionFactory(fixture.client().consumers());
        container.setDestinationName("faas-request.>");
        container.setMessageListener((SessionAwareMessageListener<Message>) (message, session) -> {
            String queue = String.valueOf(message.getJMSDestination()).replace("queue://", "");
            try {
                listener.take(queue, BrokerFixture.text(message));
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        containers.add(container);
        container.afterPropertiesSet();
        container.start();
        return container;
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(String::valueOf).toList();
    }

    private void sendAll(String queue, int count) throws Exception {
        BrokerFixture.send(fixture.client(), queue, numbers(count), 4, Map.of());
    }

    @Test
    void queuesThatWereThereAndQueuesThatComeLaterAreTaken() throws Exception {
        fixture.send(A, "before");
        fixture.send("faas-other.ns.a", "not mine");
        start(5, (queue, body) -> seen.add(body));
        await().until(() -> seen.contains("before"));

        fixture.send(B, "later");

        await().until(() -> seen.contains("later"));
        assertThat(seen).containsExactly("before", "later");
        assertThat(fixture.drain("faas-other.ns.a")).containsExactly("not mine");
    }

    @Test
    void whatIsHandledIsAcknowledgedAndGone() throws Exception {
        sendAll(A, 200);
        CallListenerContainer container = start(10, (queue, body) -> seen.add(body));
        await().until(() -> seen.size() == 200);
        container.shutdown();

        assertThat(seen).containsExactlyInAnyOrderElementsOf(numbers(200));
        assertThat(fixture.drain(A)).isEmpty();
    }

    @Test
    void aListenerThatThrowsSeesTheMessageAgainAndDelaysNobody() throws Exception {
        var times = new CopyOnWriteArrayList<Long>();
        start(5, (queue, body) -> {
            if (body.equals("poison")) {
                times.add(System.nanoTime());
                if (times.size() == 1) {
                    throw new IllegalStateException("no");
                }
                if (times.size() == 2) {
                    throw new NoClassDefFoundError("an Error kills no worker");
                }
            }
            seen.add(body);
        });
        fixture.send(A, "poison");
        await().until(() -> !times.isEmpty());
        fixture.send(A, "neighbour");
        fixture.send(B, "other");

        await().atMost(Duration.ofMillis(900)).until(() -> seen.contains("neighbour") && seen.contains("other"));
        await().until(() -> seen.contains("poison"));
        assertThat(times).hasSize(3);
        assertThat(times.get(1) - times.get(0)).isGreaterThan(900_000_000L);
        assertThat(times.get(2) - times.get(1)).isGreaterThan(1_900_000_000L);
    }

    @Test
    void aHeldCallWaitsWithoutABusyLoopWhileOtherQueuesFlow() throws Exception {
        var offers = new AtomicInteger();
        var ready = new AtomicBoolean();
        start(5, (queue, body) -> {
            if (queue.equals(A) && !ready.get()) {
                offers.incrementAndGet();
                throw new IllegalStateException("as Camel wraps it", new CallHeldException("no replica"));
            }
            seen.add(queue + " " + body);
        });
        sendAll(A, 10);
        await().until(() -> offers.get() > 0);
        long start = System.nanoTime();
        sendAll(B, 100);
        await().atMost(Duration.ofSeconds(2)).until(() -> seen.size() == 100);
        await().until(() -> System.nanoTime() - start > 3_000_000_000L);

        // One offer a second for each of the few workers of that queue, not thousands.
        assertThat(offers).hasValueBetween(3, 20);
        ready.set(true);
        await().until(() -> seen.size() == 110);
        assertThat(seen).doesNotHaveDuplicates();
    }

    @Test
    void stoppingDuringAHoldGivesTheMessageBack() throws Exception {
        var offered = new CountDownLatch(1);
        CallListenerContainer container = start(5, (queue, body) -> {
            offered.countDown();
            throw new CallHeldException("no replica");
        });
        fixture.send(A, "held");
        assertThat(offered.await(5, TimeUnit.SECONDS)).isTrue();

        container.stop();

        await().atMost(Duration.ofSeconds(2)).until(() -> container.workers() == 0);
        assertThat(fixture.drain(A)).containsExactly("held");
    }

    @Test
    void aFunctionWhoseCallsHangFillsItsCapOnly() throws Exception {
        var release = new CountDownLatch(1);
        var hanging = new AtomicInteger();
        start(10, (queue, body) -> {
            if (queue.equals(A)) {
                hanging.incrementAndGet();
                release.await();
            }
            seen.add(body);
        });
        sendAll(A, 30);
        await().until(() -> hanging.get() == 8);

        fixture.send(B, "b");
        await().atMost(Duration.ofSeconds(1)).until(() -> seen.contains("b"));
        assertThat(hanging).hasValue(8);

        release.countDown();
        await().until(() -> seen.size() == 31);
    }

    @Test
    void concurrencyIsNeverExceededAndAllOfItIsUsed() throws Exception {
        var running = new AtomicInteger();
        var most = new AtomicInteger();
        var perQueue = new ConcurrentHashMap<String, AtomicInteger>();
        for (String queue : List.of(A, B, "faas-request.ns.c")) {
            sendAll(queue, 100);
        }
        start(10, (queue, body) -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            perQueue.computeIfAbsent(queue, name -> new AtomicInteger()).incrementAndGet();
            TimeUnit.MILLISECONDS.sleep(2); // the call's work
            running.decrementAndGet();
        });

        await().until(() ->
                perQueue.values().stream().mapToInt(AtomicInteger::get).sum() == 300);
        assertThat(most).hasValue(10);
    }

    @Test
    void eachStartFindsEveryQueueThereIs() throws Exception {
        for (int i = 0; i < 20; i++) {
            fixture.send("faas-request.ns.f" + i, "x");
        }
        for (int round = 0; round < 100; round++) {
            CallListenerContainer container = start(1, (queue, body) -> {});
            await().alias("round " + round).pollInterval(Duration.ofMillis(2)).until(() -> container.workers() == 20);
            container.stop();
        }
    }

    @Test
    void aBurstOfOneFunctionDelaysAnothersCallByNextToNothing() throws Exception {
        start(10, (queue, body) -> {
            TimeUnit.MILLISECONDS.sleep(queue.equals(A) || queue.endsWith("c") ? 20 : 0); // the call's work
            seen.add(queue + " " + body);
        });
        fixture.send(B, "warm");
        await().until(() -> seen.contains(B + " warm"));
        sendAll(A, 400);
        sendAll("faas-request.ns.c", 400); // two together fill all there is
        await().until(() -> seen.size() > 50);

        fixture.send(B, "b");
        int sentAfter = seen.size();

        await().until(() -> seen.contains(B + " b"));
        assertThat(seen.indexOf(B + " b") - sentAfter)
                .as("calls of the bursts that came first")
                .isLessThan(40);
    }

    @Test
    void afterAStopNothingIsTakenAndAStartGoesOn() throws Exception {
        CallListenerContainer container = start(5, (queue, body) -> seen.add(body));
        fixture.send(A, "1");
        await().until(() -> seen.contains("1"));

        container.stop();
        await().atMost(Duration.ofSeconds(2)).until(() -> container.workers() == 0);
        fixture.send(A, "2");
        fixture.send(B, "3");
        await().during(Duration.ofMillis(700)).until(() -> seen.size() == 1);
        container.start();

        await().until(() -> seen.size() == 3);
        container.stop();
        container.start();
        fixture.send(A, "4");
        await().until(() -> seen.contains("4"));
    }

    @Test
    void shuttingDownIsQuickWhileWorkersWait() throws Exception {
        CallListenerContainer container = start(20, (queue, body) -> seen.add(body));
        for (int i = 0; i < 20; i++) {
            fixture.send("faas-request.ns.f" + i, "x");
        }
        await().until(() -> seen.size() == 20);

        long start = System.nanoTime();
        container.stop();
        container.shutdown();

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
        await().atMost(Duration.ofSeconds(2)).until(() -> container.workers() == 0);
    }

    @Test
    void whatRunsAtAShutdownGoesBackAndNothingIsLost() throws Exception {
        var hang = new CountDownLatch(1);
        CallListenerContainer container = start(10, (queue, body) -> {
            if (Integer.parseInt(body) >= 50) {
                hang.await();
            }
            seen.add(body);
        });
        sendAll(A, 100);
        await().until(() -> container.running() == 8);

        container.stop();
        container.shutdown();

        List<String> left = fixture.drain(A);
        hang.countDown();
        assertThat(left).doesNotHaveDuplicates().hasSizeGreaterThanOrEqualTo(50);
        assertThat(seen).doesNotHaveDuplicates();
        assertThat(left).containsAll(numbers(100).subList(50, 100));
        var all = new java.util.HashSet<>(left);
        all.addAll(seen);
        assertThat(all).hasSize(100);
    }

    @Test
    void whatIsFinishedAtAShutdownIsAcknowledged() throws Exception {
        var started = new CountDownLatch(1);
        CallListenerContainer container = start(5, (queue, body) -> {
            started.countDown();
            TimeUnit.MILLISECONDS.sleep(200); // the call's work
            seen.add(body);
        });
        fixture.send(A, "finishing");
        started.await();

        container.stop();
        container.shutdown();

        assertThat(seen).containsExactly("finishing");
        assertThat(fixture.drain(A)).isEmpty();
    }

    @Test
    void whatIsUrgentComesFirst() throws Exception {
        for (int priority : new int[] {4, 0, 9, 4, 7}) {
            fixture.send(A, "p" + priority, priority, Map.of());
        }
        start(1, (queue, body) -> seen.add(body));

        await().until(() -> seen.size() == 5);
        assertThat(seen).containsExactly("p9", "p7", "p4", "p4", "p0");
    }

    @Test
    void workersWithoutWorkGo() throws Exception {
        CallListenerContainer container = start(20, Duration.ofMillis(300), (queue, body) -> {
            TimeUnit.MILLISECONDS.sleep(20); // the call's work
            seen.add(body);
        });
        sendAll(A, 200);
        await().until(() -> container.workers() > 10);
        await().until(() -> seen.size() == 200);

        await().atMost(Duration.ofSeconds(5)).until(() -> container.workers() == 1);
        fixture.send(A, "one more");
        await().until(() -> seen.contains("one more"));
    }

    private void limit(Limits limits) {
        admission = new Admission(function -> function.name().equals("a") ? limits : Limits.NONE, System::nanoTime);
    }

    @Test
    void aFunctionIsNeverGivenMoreAtOnceThanItsLimitAndOthersFlow() throws Exception {
        limit(GateTest.limits("concurrency=2"));
        var running = new AtomicInteger();
        var most = new AtomicInteger();
        sendAll(A, 60);
        CallListenerContainer container = start(20, (queue, body) -> {
            if (queue.equals(A)) {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                TimeUnit.MILLISECONDS.sleep(10); // the call's work
                running.decrementAndGet();
            }
            seen.add(queue + body);
        });
        await().until(() -> running.get() == 2);
        sendAll(B, 50);

        await().until(() -> seen.size() == 110);
        assertThat(most).hasValue(2);
        assertThat(seen.subList(60, 110))
                .as("the last are of the function that is held")
                .anyMatch(one -> one.startsWith(A));
        assertThat(container.workers()).isLessThanOrEqualTo(3 + 20);
    }

    @Test
    void aHeldFunctionKeepsOneWorkerWaitingAndNoPlaceAmongThoseThatRun() throws Exception {
        limit(GateTest.limits("rate=1/h"));
        sendAll(A, 50);
        CallListenerContainer container = start(1, (queue, body) -> {
            admission.gate(queue).worked(CallId.random());
            seen.add(queue);
        });
        await().until(() -> seen.contains(A));
        await().until(() -> admission.held().containsValue(Admission.Reason.RATE));

        sendAll(B, 100);

        await().until(() -> seen.size() == 101);
        assertThat(container.workers()).isEqualTo(2);
        assertThat(container.running()).isZero();
        container.shutdown();
        assertThat(fixture.drain(A)).hasSize(49);
    }

    @Test
    void workersGoWhenAFunctionMayHaveFewerCallsAtOnce() throws Exception {
        var limits = new AtomicReference<>(Limits.NONE);
        admission = new Admission(function -> limits.get(), System::nanoTime);
        sendAll(A, 2_000);
        CallListenerContainer container = start(20, (queue, body) -> {
            TimeUnit.MILLISECONDS.sleep(5); // the call's work
            seen.add(body);
        });
        await().until(() -> container.workers() >= 12);

        limits.set(GateTest.limits("concurrency=2"));

        await().until(() -> container.workers() <= 4);
        await().atMost(Duration.ofSeconds(60)).until(() -> seen.size() == 2_000);
        assertThat(seen).doesNotHaveDuplicates();
    }

    @Test
    void shuttingDownIsQuickWhileAFunctionIsHeld() throws Exception {
        limit(GateTest.limits("rate=1/h"));
        sendAll(A, 10);
        CallListenerContainer container = start(5, (queue, body) -> {
            admission.gate(queue).worked(CallId.random());
            seen.add(body);
        });
        await().until(() -> !admission.held().isEmpty());

        long start = System.nanoTime();
        container.shutdown();

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
        assertThat(fixture.drain(A)).hasSize(9);
    }

    @Test
    void aRemoteBrokerIsConsumedTheSameWay() throws Exception {
        try (var remote = new BrokerFixture(folder.resolve("remote"), "tcp://127.0.0.1:0");
                var client = new BrokerClient(remote.broker().addresses().get(0), BrokerFixture.ACCOUNT)) {
            var container = new CallListenerContainer(5, QueueOrders.NONE, executor, admission);
            container.setConnectionFactory(client.consumers());
            container.setDestinationName("faas-request.>");
            container.setMessageListener((SessionAwareMessageListener<Message>)
                    (Message message, Session session) -> seen.add(BrokerFixture.text(message)));
            container.afterPropertiesSet();
            container.start();
            containers.add(container);
            BrokerFixture.send(client, A, numbers(50), 4, Map.of());

            await().until(() -> seen.size() == 50);
            container.shutdown();
            assertThat(BrokerFixture.drain(client, A, 500)).isEmpty();
        }
    }

    @Test
    void aPausedQueueFinishesWhatRunsAndKeepsTheRestWhileOthersFlow() throws Exception {
        var release = new CountDownLatch(1);
        CallListenerContainer container = start(5, (queue, body) -> {
            if (body.equals("0")) {
                release.await();
            }
            seen.add(queue + " " + body);
        });
        fixture.send(A, "0");
        await().until(() -> container.running() == 1);

        paused.add(A);
        container.obey();
        sendAll(A, 20);
        fixture.send(B, "b");
        await().until(() -> seen.contains(B + " b"));
        release.countDown();
        await().until(() -> seen.contains(A + " 0"));

        await().atMost(Duration.ofSeconds(5)).until(() -> container.running() == 0);
        assertThat(seen).containsExactly(B + " b", A + " 0");
        paused.clear();
        container.obey();
        await().until(() -> seen.size() == 22);
        assertThat(fixture.drain(A)).isEmpty();
    }

    @Test
    void whatWasPausedBeforeTheStartIsNotTaken() throws Exception {
        paused.add(A);
        sendAll(A, 3);
        fixture.send(B, "b");
        CallListenerContainer container = start(5, (queue, body) -> seen.add(queue + " " + body));

        await().until(() -> container.queues().equals(Set.of(A, B)) && !seen.isEmpty());
        assertThat(seen).containsExactly(B + " b");
        container.shutdown();
        assertThat(fixture.drain(A)).hasSize(3);
    }

    @Test
    void asManyRunAsIsSaidWhileItRuns() throws Exception {
        var running = new AtomicInteger();
        var step = new Semaphore(0);
        CallListenerContainer container = start(2, (queue, body) -> {
            running.incrementAndGet();
            try {
                step.acquire();
            } finally {
                running.decrementAndGet();
                seen.add(body);
            }
        });
        sendAll(A, 100);
        sendAll(B, 100);
        await().until(() -> running.get() == 2);

        limit.set(30);
        container.obey();
        await().until(() -> running.get() == 30);
        assertThat(container.concurrency()).isEqualTo(30);

        limit.set(5);
        container.obey();
        step.release(25); // nobody takes their places
        await().until(() -> running.get() == 5);
        step.release(50);
        await().until(() -> seen.size() == 75);
        await().during(Duration.ofMillis(300)).until(() -> running.get() <= 5);

        limit.set(0);
        container.obey();
        step.release(1_000);
        await().until(() -> seen.size() == 200);
    }
}
