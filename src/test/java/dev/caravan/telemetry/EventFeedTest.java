package dev.caravan.telemetry;

import static dev.caravan.telemetry.Events.FIGLET;
import static dev.caravan.telemetry.Events.attempt;
import static dev.caravan.telemetry.Events.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.function.Call;
import dev.caravan.function.CallEvents;
import dev.caravan.function.CallState;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionScope;
import dev.caravan.function.FunctionStatus;
import dev.caravan.telemetry.Event.Type;
import dev.caravan.testing.Deployments;
import io.vertx.core.Vertx;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventFeedTest {

    private static final Instant NOON = Instant.parse("2026-03-04T12:00:00Z");
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final EventFilter CALLS = new EventFilter(Set.of(Type.CALL), null, null);
    private static final EventFilter ALL = new EventFilter(EnumSet.complementOf(EnumSet.of(Type.LOST)), null, null);

    private final Vertx vertx = Vertx.vertx();
    private final Map<Levels.QueueState, Long> queued = new ConcurrentHashMap<>();
    private final Levels levels = new Levels() {
        @Override
        public Map<QueueState, Long> calls() {
            return Map.copyOf(queued);
        }
    };
    private final EventFeed feed = new EventFeed(vertx, Runnable::run, levels, () -> NOON);
    private final CallFeed calls = new CallFeed(new CallEvents() {}, feed, "faas-callback", () -> NOON);

    /** A client that asks for as much as it is told to. */
    private static final class Client implements Flow.Subscriber<String> {

        private final List<String> frames = new CopyOnWriteArrayList<>();
        private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
        private final long first;

        Client(long first) {
            this.first = first;
        }

        @Override
        public void onSubscribe(Flow.Subscription made) {
            subscription.complete(made);
            if (first > 0) {
                made.request(first);
            }
        }

        void ask(long count) {
            subscription.join().request(count);
        }

        void leave() {
            subscription.join().cancel();
        }

        @Override
        public void onNext(String frame) {
            frames.add(frame);
        }

        @Override
        public void onError(Throwable thrown) {
            frames.add(thrown.toString());
        }

        @Override
        public void onComplete() {
            frames.add("end");
        }

        /** What stands behind {@code data:}. */
        List<String> data() {
            return frames.stream()
                    .map(frame -> frame.substring(frame.indexOf("data: ") + 6).strip())
                    .toList();
        }

        String lastId() {
            String last = frames.get(frames.size() - 1);
            assertThat(last).startsWith("id: ");
            return last.substring(4, last.indexOf('\n'));
        }
    }

    @AfterEach
    void stop() {
        feed.close();
        vertx.close();
    }

    @Test
    void eachStateOfACallIsToldWithWhoseItIs() {
        Client client = watch(CALLS, null);

        Events.publishCalls(calls);

        String call = "{\"at\":\"2026-03-04T12:00:00Z\",\"function\":\"figlet\",\"namespace\":\"openfaas-fn\","
                + "\"callId\":\"11111111-2222-3333-4444-555555555555\",\"queue\":\"faas-request\","
                + "\"generation\":1,\"attempt\":1,\"status\":";
        awaitFrames(client, 8);
        assertThat(client.data())
                .containsExactly(
                        call + "\"queued\"}",
                        call + "\"running\"}",
                        call + "\"cancelled\"}",
                        call + "\"retrying\",\"statusCode\":503,\"durationSeconds\":0.003,"
                                + "\"nextAttemptAt\":\"2026-03-04T12:00:01Z\"}",
                        call + "\"retrying\",\"nextAttemptAt\":\"2026-03-04T12:00:03Z\"}",
                        call + "\"succeeded\",\"statusCode\":503,\"durationSeconds\":0.003}",
                        call + "\"dead\",\"statusCode\":503,\"durationSeconds\":0.003,\"reason\":\"rejected\"}",
                        call + "\"queued\"}",
                        call + "\"succeeded\",\"statusCode\":204}");
        assertThat(client.frames.get(0)).matches("id: [0-9a-z]+-[0-9]+\nevent: call\ndata: \\{.*}\n\n");
    }

    @Test
    void nothingIsMissedByWhoIsToldOfEverything() {
        var heard = new TreeSet<String>();
        CallEvents next = (CallEvents) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {CallEvents.class}, (proxy, method, arguments) -> {
                    heard.add(method.getName());
                    return null;
                });

        Events.publishCalls(new CallFeed(next, feed, "faas-callback", () -> NOON));

        assertThat(heard)
                .isEqualTo(Arrays.stream(CallEvents.class.getMethods())
                        .map(Method::getName)
                        .collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    void whileNobodyWatchesNothingIsKept() {
        calls.accepted(call(FIGLET));

        assertThat(feed.watched()).isFalse();
        Client client = watch(CALLS, null);
        calls.taken(call(FIGLET));
        awaitFrames(client, 1);
        assertThat(client.data()).singleElement().asString().contains("running");
    }

    @Test
    void whoWantsOneFunctionIsToldOfNoOther() {
        var other = new FunctionName("figlet", "staging");
        Client one = watch(new EventFilter(EnumSet.allOf(Type.class), FIGLET, null), null);
        Client staging = watch(new EventFilter(EnumSet.allOf(Type.class), null, "staging"), null);

        calls.accepted(call(other));
        calls.accepted(call(FIGLET));
        calls.accepted(call(new FunctionName("wc", "openfaas-fn")));

        awaitFrames(one, 1);
        awaitFrames(staging, 1);
        assertThat(one.data()).singleElement().asString().contains("\"namespace\":\"openfaas-fn\"");
        assertThat(staging.data()).singleElement().asString().contains("\"namespace\":\"staging\"");
    }

    @Test
    void whoSeesSomeFunctionsIsToldOfThoseAndOfNoQueue() {
        queued.put(new Levels.QueueState("faas-request", CallState.QUEUED), 3L);
        var some = FunctionScope.of(List.of("fig*"), "openfaas-fn");
        Client all = watch(new EventFilter(EnumSet.allOf(Type.class), null, null), null);
        Client client = watch(new EventFilter(EnumSet.allOf(Type.class), null, null, some), null);

        calls.accepted(call(new FunctionName("figlet", "staging")));
        calls.accepted(call(new FunctionName("wc", "openfaas-fn")));
        calls.accepted(call(FIGLET));

        awaitFrames(all, 4);
        awaitFrames(client, 1);
        assertThat(client.data())
                .singleElement()
                .asString()
                .contains("\"function\":\"figlet\",\"namespace\":\"openfaas-fn\"");
    }

    @Test
    void whoComesBackGoesOnBehindWhatItHasSeen() {
        Client before = watch(CALLS, null);
        calls.accepted(call(FIGLET));
        awaitFrames(before, 1);
        String seen = before.lastId();
        before.leave();
        calls.taken(call(FIGLET));
        calls.died(call(FIGLET), DeadReason.EXPIRED, attempt(null));

        Client again = watch(CALLS, seen);

        awaitFrames(again, 2);
        assertThat(again.data().get(0)).contains("running");
        assertThat(again.data().get(1)).contains("dead");
        assertThat(again.frames).noneMatch(frame -> frame.contains("event: lost"));
    }

    @Test
    void whoComesBackFromATimeThatNothingIsKnownOfIsToldSo() {
        for (String id : List.of("17-3", "nonsense", "-1", "9999999999999999999999")) {
            Client client = watch(CALLS, id);
            awaitFrames(client, 1);
            assertThat(client.frames).containsExactly("event: lost\ndata: {\"at\":\"2026-03-04T12:00:00Z\"}\n\n");
        }
    }

    @Test
    void whoDoesNotReadLosesTheOldestAndIsToldHowMany() {
        Client slow = new Client(0);
        feed.events(CALLS, null).subscribe(slow);
        Client quick = watch(CALLS, null);
        int more = EventFeed.KEPT + 100;
        for (int i = 0; i < more; i++) {
            calls.accepted(call(FIGLET));
        }
        await().atMost(PATIENCE).until(() -> quick.frames.size() > 0);

        slow.ask(Long.MAX_VALUE);

        assertThat(slow.frames).hasSize(EventFeed.KEPT + 1);
        assertThat(slow.frames.get(0))
                .isEqualTo("event: lost\ndata: {\"at\":\"2026-03-04T12:00:00Z\",\"atMost\":100}\n\n");
        calls.taken(call(FIGLET));
        awaitFrames(slow, EventFeed.KEPT + 2);
        assertThat(slow.data().get(EventFeed.KEPT + 1)).contains("running");
    }

    @Test
    void manyWritersAndReadersMissNothingAndMixNothingUp() throws Exception {
        List<Client> clients =
                IntStream.range(0, 50).mapToObj(i -> watch(CALLS, null)).toList();
        var writers = IntStream.range(0, 8)
                .mapToObj(writer -> new Thread(() -> {
                    for (int i = 0; i < 500; i++) {
                        calls.accepted(call(FIGLET));
                    }
                }))
                .toList();
        writers.forEach(Thread::start);
        for (Thread writer : writers) {
            writer.join();
        }

        clients.forEach(client -> awaitFrames(client, 4_000));
        List<Long> numbers = clients.get(49).frames.stream()
                .map(frame -> Long.parseLong(frame.substring(frame.indexOf('-') + 1, frame.indexOf('\n'))))
                .toList();
        assertThat(numbers).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aQueueIsToldOfWhenItHasChanged() {
        queued.put(new Levels.QueueState("faas-request", CallState.QUEUED), 3L);
        Client client = watch(new EventFilter(Set.of(Type.QUEUE), null, null), null);
        awaitFrames(client, 1);
        assertThat(client.data())
                .containsExactly("{\"at\":\"2026-03-04T12:00:00Z\",\"queue\":\"faas-request\",\"depth\":3,"
                        + "\"running\":0,\"scheduled\":0,\"deadLetters\":0}");

        Client late = watch(new EventFilter(Set.of(Type.QUEUE), null, null), null);
        assertThat(late.data()).as("what is known already").isEqualTo(client.data());

        queued.put(new Levels.QueueState("faas-request", CallState.RETRYING), 2L);
        awaitFrames(client, 2);
        assertThat(client.data().get(1)).contains("\"depth\":3,\"running\":0,\"scheduled\":2");
        queued.put(new Levels.QueueState("faas-request", CallState.QUEUED), 4L);
        awaitFrames(client, 3);
        assertThat(client.data().get(2)).contains("\"depth\":4");
    }

    @Test
    void whatIsDoneToAFunctionIsToldWhoeverDidIt() {
        var functions = new ConcurrentHashMap<FunctionName, FunctionStatus>();
        var deployments =
                new DeploymentFeed(feed, function -> Optional.ofNullable(functions.get(function)), () -> NOON);
        var wc = new FunctionStatus(Deployments.of("wc"), 1, 0, NOON);
        deployments.isThere(new FunctionStatus(Deployments.of("old"), 1, 1, NOON));
        Client client = watch(ALL, null);

        functions.put(wc.deployment().function(), wc);
        deployments.accept(wc.deployment().function());
        functions.put(wc.deployment().function(), new FunctionStatus(wc.deployment(), 1, 1, NOON));
        deployments.accept(wc.deployment().function());
        functions.put(wc.deployment().function(), new FunctionStatus(wc.deployment(), 3, 1, NOON));
        deployments.accept(wc.deployment().function());
        var marked = Deployments.annotated(wc.deployment(), Map.of("a", "b"));
        functions.put(wc.deployment().function(), new FunctionStatus(marked, 3, 1, NOON));
        deployments.accept(wc.deployment().function());
        functions.clear();
        deployments.accept(wc.deployment().function());
        deployments.accept(new FunctionName("old", "openfaas-fn"));

        awaitFrames(client, 5);
        assertThat(client.data())
                .extracting(data -> data.replaceAll(
                        ".*\"function\":\"([a-z]+)\".*\"status\":\"([a-z]+)\".*\"replicas\":([0-9]+).*", "$1 $2 $3"))
                .containsExactly("wc deployed 1", "wc scaled 3", "wc updated 3", "wc deleted 0", "old deleted 0");
    }

    @Test
    void theDeliveryOfAResultIsNoStateOfItsCall() {
        Client client = watch(ALL, null);

        calls.callbackDelivered(onQueue("faas-callback"), 204);

        awaitFrames(client, 1);
        assertThat(client.frames.get(0)).contains("event: callback\n").contains("\"statusCode\":204");
    }

    private static Call onQueue(String queue) {
        var call = call(FIGLET);
        return new Call(
                call.id(),
                call.function(),
                call.calledAs(),
                queue,
                call.path(),
                call.query(),
                call.headers(),
                call.host(),
                call.callbackUrl(),
                call.parentCallId(),
                call.orderKey(),
                call.generation(),
                call.attempt(),
                call.priority(),
                call.submittedAt(),
                call.expiresAt(),
                call.history());
    }

    private Client watch(EventFilter filter, @Nullable String after) {
        var client = new Client(Long.MAX_VALUE / 2);
        feed.events(filter, after).subscribe(client);
        return client;
    }

    private static void awaitFrames(Client client, int count) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(client.frames.size()).isGreaterThanOrEqualTo(count));
    }
}
