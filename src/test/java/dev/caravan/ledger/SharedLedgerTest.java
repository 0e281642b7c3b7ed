package dev.caravan.ledger;

import static dev.caravan.ledger.Calls.NOW;
import static dev.caravan.ledger.Calls.call;
import static dev.caravan.ledger.Calls.death;
import static dev.caravan.ledger.Calls.retry;
import static dev.caravan.ledger.Calls.success;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import dev.caravan.testing.PostgresServer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two processes' ledgers on one database: neither overwrites what the other has found out. */
@Timeout(120)
class SharedLedgerTest {

    private final String url = PostgresServer.shared().freshDatabase();
    private final Ledger gateway = ledger();
    private final Ledger worker = ledger();

    private Ledger ledger() {
        return Ledger.shared(url, PostgresServer.USER, PostgresServer.PASSWORD, InstantSource.fixed(NOW));
    }

    @BeforeEach
    void openTogether() throws Exception {
        var next = new AtomicInteger();
        together(2, () -> {
            (next.getAndIncrement() == 0 ? gateway : worker).open();
            return true;
        });
    }

    @AfterEach
    void close() {
        gateway.close();
        worker.close();
    }

    @Test
    void aCallAcceptedHereAndRunThereIsOneCallForBoth() {
        for (int i = 0; i < 300; i++) {
            Call call = call();
            gateway.accepted(call, null);
            worker.begin(call, false);
            assertThat(worker.settle(success(call))).isTrue();

            assertThat(gateway.call(call.id()).orElseThrow().state()).isEqualTo(CallState.SUCCEEDED);
        }

        for (Ledger each : List.of(gateway, worker)) {
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(each.counts()).hasSize(1).containsValue(300L));
            await().untilAsserted(() -> assertThat(each.remembered()).isZero());
        }
    }

    @Test
    void aLongRunIsSeenRunningFromEverywhereThoughItsAcceptanceIsWrittenLater() {
        Call call = call();
        worker.begin(call, false);
        gateway.accepted(call, null);

        awaitAllWritten();
        for (Ledger each : List.of(gateway, worker)) {
            assertThat(each.call(call.id()).orElseThrow()).satisfies(status -> {
                assertThat(status.state()).isEqualTo(CallState.RUNNING);
                assertThat(status.attempts()).isEqualTo(1);
            });
        }
    }

    @Test
    void aBeginThatTheAcceptanceHasOvertakenIsNotForgotten() {
        Call call = call();
        gateway.accepted(call, null);
        // Decided before the acceptance is written, written after it.
        worker.begin(call, false);

        awaitAllWritten();
        assertThat(gateway.call(call.id()).orElseThrow().state()).isEqualTo(CallState.RUNNING);
    }

    @Test
    void whoWaitsForACallHereIsWokenWhenItIsFoundCancelledThere() {
        Call call = call();
        worker.begin(call, true);
        var woken = new AtomicInteger();
        worker.watch().add(call.id(), woken::incrementAndGet);
        gateway.cancel(call.id());

        assertThat(worker.cancelledOf(List.of(call.id()))).containsExactly(call.id());

        assertThat(woken).hasValue(1);
    }

    @Test
    void ofSettlesOnBothSidesOneCounts() throws Exception {
        for (int i = 0; i < 50; i++) {
            Call call = call();
            gateway.begin(call, true);
            worker.begin(call, true);
            var next = new AtomicInteger();

            List<Boolean> counted = together(
                    2, () -> next.getAndIncrement() == 0 ? gateway.settle(success(call)) : worker.settle(death(call)));

            assertThat(counted).containsOnlyOnce(true);
            CallState state = gateway.call(call.id()).orElseThrow().state();
            assertThat(worker.call(call.id()).orElseThrow().state()).isEqualTo(state);
            assertThat(gateway.deadLetter(DeadLetter.idOf(call.id(), 1)).isPresent())
                    .isEqualTo(state == CallState.DEAD);
        }
    }

    @Test
    void aLateRunChangesNothingThatWasSettledElsewhere() {
        CallId id = CallId.random();
        gateway.begin(call(id, 1, 1), false);
        await().untilAsserted(() -> assertThat(gateway.remembered()).isZero());
        worker.settle(retry(call(id, 1, 2)));
        worker.settle(success(call(id, 1, 3)));

        assertThat(gateway.settle(death(call(id, 1, 1)))).isFalse();

        assertThat(gateway.call(id).orElseThrow().state()).isEqualTo(CallState.SUCCEEDED);
        assertThat(gateway.deadLetter(DeadLetter.idOf(id, 1))).isEmpty();
        assertThat(gateway.begin(call(id, 1, 1), false).fold(number -> number, () -> 0))
                .isZero();
    }

    @Test
    void aLetterIsReplayedOrRemovedByOneOfThem() throws Exception {
        for (int i = 0; i < 50; i++) {
            Call call = call();
            worker.settle(death(call));
            String letter = DeadLetter.idOf(call.id(), 1);
            var next = new AtomicInteger();

            List<Boolean> taken = together(4, () -> switch (next.getAndIncrement()) {
                case 0 -> gateway.reopen(letter);
                case 1 -> worker.reopen(letter);
                case 2 -> gateway.remove(letter);
                default -> worker.remove(letter);
            });

            assertThat(taken).containsOnlyOnce(true);
            assertThat(gateway.deadLetter(letter)).isEmpty();
            assertThat(gateway.call(call.id())).isEqualTo(worker.call(call.id()));
        }
    }

    @Test
    void bothWriteManyAtOnceAndNoneIsLostOrCountedTwice() throws Exception {
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            calls.add(call());
        }
        var next = new AtomicInteger();

        List<Integer> settled = together(16, () -> {
            int mine = 0;
            for (int i = next.getAndIncrement(); i < 2 * calls.size(); i = next.getAndIncrement()) {
                Call call = calls.get(i / 2);
                Ledger node = i % 2 == 0 ? gateway : worker;
                node.accepted(call, null);
                node.begin(call, false);
                mine += node.settle(success(call)) ? 1 : 0;
            }
            return mine;
        });

        assertThat(settled.stream().mapToInt(Integer::intValue).sum()).isEqualTo(2_000);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(gateway.counts()).hasSize(1).containsValue(2_000L));
    }

    @Test
    void howManyWaitIsToldAsOfTheLastCountWhichIsOnlyMadeWhenSomebodyAsked() {
        gateway.accepted(call(), null);
        gateway.accepted(call(), NOW.plusSeconds(60));
        awaitAllWritten();
        worker.recount();
        assertThat(worker.waiting("faas-request", Calls.THUMBNAIL)).isZero();

        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            worker.recount();
            assertThat(worker.waiting("faas-request", Calls.THUMBNAIL)).isEqualTo(2);
        });
    }

    @Test
    void whatAKilledProcessHadBegunIsCountedByTheNext() {
        Call call = call();
        worker.begin(call, true);

        assertThat(gateway.begin(call, true).fold(attempt -> attempt, () -> 0)).isEqualTo(2);
    }

    @Test
    void whileTheServerIsAwayNothingIsLostAndItComesBackByItself() throws Exception {
        try (PostgresServer server = PostgresServer.start();
                Ledger ledger = Ledger.shared(
                        server.freshDatabase(), PostgresServer.USER, PostgresServer.PASSWORD, InstantSource.system())) {
            ledger.open();
            Call running = call();
            ledger.begin(running, true);
            Call waiting = call();
            server.stop();

            ledger.accepted(waiting, null);
            assertThatThrownBy(() -> ledger.settle(success(running))).isInstanceOf(LedgerException.class);
            assertThatThrownBy(() -> ledger.begin(call(), false))
                    .isInstanceOf(LedgerException.class)
                    .hasMessageStartingWith("cannot read the ledger: ");

            server.restart();
            await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> ledger.settle(success(running)));
            assertThat(ledger.settle(success(running))).isFalse();
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () -> assertThat(ledger.counts().values().stream().mapToLong(Long::longValue))
                                    .containsExactlyInAnyOrder(1L, 1L));
        }
    }

    private void awaitAllWritten() {
        await().untilAsserted(() -> {
            assertThat(worker.remembered()).isZero();
            assertThat(gateway.remembered()).isZero();
        });
    }

    private static <T> List<T> together(int threads, Callable<T> task) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<T>> tasks = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                tasks.add(task);
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : pool.invokeAll(tasks)) {
                results.add(future.get());
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }
}
