package dev.caravan.ledger;

import static dev.caravan.ledger.Calls.NOW;
import static dev.caravan.ledger.Calls.call;
import static dev.caravan.ledger.Calls.death;
import static dev.caravan.ledger.Calls.letter;
import static dev.caravan.ledger.Calls.retry;
import static dev.caravan.ledger.Calls.success;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import dev.caravan.function.FunctionName;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LedgerTest {

    @TempDir
    Path folder;

    private Ledger ledger;

    @BeforeEach
    void open() {
        ledger = ledger(InstantSource.fixed(NOW));
        ledger.open();
    }

    /** A new one on this test's database. */
    Ledger ledger(InstantSource clock) {
        return new Ledger(folder, clock);
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    @Test
    void anAcceptedCallIsVisibleAtOnceAndWrittenSoonAfter() throws Exception {
        Call now = call();
        Call later = call(new CallId("my-own-id-42"), 1, 1);

        ledger.accepted(now, null);
        ledger.accepted(later, NOW.plusSeconds(60));

        assertThat(ledger.known(now.id())).isTrue();
        assertThat(ledger.call(now.id()).orElseThrow().state()).isEqualTo(CallState.QUEUED);
        assertThat(ledger.call(later.id()).orElseThrow()).satisfies(status -> {
            assertThat(status.state()).isEqualTo(CallState.SCHEDULED);
            assertThat(status.nextAttemptAt()).isEqualTo(NOW.plusSeconds(60));
        });
        assertThat(ledger.known(CallId.random())).isFalse();
        Awaitility.await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
            try (var connection = ledger.database().connection()) {
                assertThat(CallTable.find(connection, later.id())).isPresent();
            }
        });
    }

    @Test
    void thoseThatWaitAreScheduledQueuedAndRetryingButNotRunningOrOver() {
        ledger.accepted(call(), null);
        ledger.accepted(call(), NOW.plusSeconds(60));
        ledger.settle(retry(call()));
        ledger.settle(success(call()));
        ledger.settle(death(call()));
        ledger.begin(call(), false);
        ledger.accepted(call(CallId.random(), new FunctionName("another", "openfaas-fn"), 1, 1), null);

        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            long waiting = ledger.waiting("faas-request", Calls.THUMBNAIL);
            ledger.recount(); // a shared database tells it next time
            assertThat(waiting).isEqualTo(3);
        });
        assertThat(ledger.waiting("another-queue", Calls.THUMBNAIL)).isZero();
    }

    @Test
    void aLateAnnouncementDoesNotBringASettledCallBack() {
        Call call = call();
        ledger.begin(call, false);
        ledger.settle(success(call));

        ledger.accepted(call, null);

        assertThat(ledger.call(call.id()).orElseThrow().state()).isEqualTo(CallState.SUCCEEDED);
        awaitCount(1);
    }

    @Test
    void anAnnouncementOfACallThatOnlyTheDatabaseKnowsIsCorrectedWhenItIsWritten() {
        Call call = call();
        ledger.accepted(call, null);
        ledger.settle(success(call));

        ledger.accepted(call, null);

        Awaitility.await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
            assertThat(ledger.call(call.id()).orElseThrow().state()).isEqualTo(CallState.SUCCEEDED);
            assertThat(ledger.counts()).hasSize(1).containsValue(1L);
        });
    }

    @Test
    void theHistoryKeepsEveryAttemptOfEveryGeneration() {
        CallId id = CallId.random();
        ledger.settle(retry(call(id, 1, 1)));
        ledger.settle(death(call(id, 1, 2)));
        ledger.reopen(DeadLetter.idOf(id, 1));
        ledger.settle(success(call(id, 2, 1)));

        List<PastAttempt> past = ledger.attempts(id);

        assertThat(past).extracting(PastAttempt::generation).containsExactly(1, 1, 2);
        assertThat(past).extracting(PastAttempt::worker).as("without a name").containsOnlyNulls();
        List<Attempt> attempts = past.stream().map(PastAttempt::attempt).toList();

        assertThat(attempts).extracting(Attempt::number).containsExactly(1, 2, 1);
        assertThat(attempts).extracting(Attempt::statusCode).containsExactly(500, 500, 200);
        assertThat(attempts).extracting(Attempt::took).containsOnly(Duration.ofMillis(12));
        assertThat(attempts).extracting(Attempt::responseExcerpt).containsOnly("an excerpt");
    }

    @Test
    void attemptsSayWhichNodeRanThem() {
        Call call = call();
        ledger.as("node-1").begin(call, false);
        ledger.settle(retry(call));
        Call again = call(call.id(), 1, 2);
        ledger.as("node-2").begin(again, false);
        ledger.settle(success(again));
        Call atOnce = call();
        ledger.accepted(atOnce, null);
        ledger.settle(success(atOnce));

        assertThat(ledger.attempts(call.id())).extracting(PastAttempt::worker).containsExactly("node-1", "node-2");
        assertThat(ledger.attempts(atOnce.id())).extracting(PastAttempt::worker).containsExactly("node-2");
    }

    @Test
    void aDeadLetterComesBackWhole() {
        Call call = call();
        ledger.settle(death(call));

        DeadLetter found = ledger.deadLetter(DeadLetter.idOf(call.id(), 1)).orElseThrow();

        assertThat(found).isEqualTo(letter(call, NOW));
    }

    @Test
    void aZeroInAnAnswerSpoilsNoRow() {
        Call call = call();
        var failed = new Attempt(1, NOW, Duration.ofMillis(12), 500, "it\0broke", "an\0excerpt");

        assertThat(ledger.settle(Settlement.retrying(call, failed, NOW.plusSeconds(5))))
                .isTrue();

        assertThat(ledger.attempts(call.id())).singleElement().satisfies(past -> {
            assertThat(past.attempt().error()).isEqualTo("it\uFFFDbroke");
            assertThat(past.attempt().responseExcerpt()).isEqualTo("an\uFFFDexcerpt");
        });
    }

    @Test
    void aLetterIsReplayedOnceHoweverManyTry() throws Exception {
        Call call = call();
        ledger.settle(death(call));
        String letter = DeadLetter.idOf(call.id(), 1);

        List<Boolean> replayed = together(8, () -> ledger.reopen(letter));

        assertThat(replayed).containsOnlyOnce(true);
        assertThat(ledger.deadLetter(letter)).isEmpty();
        assertThat(ledger.call(call.id()).orElseThrow()).satisfies(status -> {
            assertThat(status.state()).isEqualTo(CallState.QUEUED);
            assertThat(status.generation()).isEqualTo(2);
            assertThat(status.replays()).isEqualTo(1);
        });
        awaitCount(1);
    }

    @Test
    void removingALetterLeavesItsCallDead() {
        Call call = call();
        ledger.settle(death(call));
        String letter = DeadLetter.idOf(call.id(), 1);

        assertThat(ledger.remove(letter)).isTrue();

        assertThat(ledger.remove(letter)).isFalse();
        assertThat(ledger.reopen(letter)).isFalse();
        assertThat(ledger.reopen("nonsense")).isFalse();
        assertThat(ledger.call(call.id()).orElseThrow().state()).isEqualTo(CallState.DEAD);
    }

    @Test
    void eachGenerationHasALetterOfItsOwnAndNoneIsReplayedTwice() {
        CallId id = CallId.random();
        ledger.settle(death(call(id, 1, 1)));
        assertThat(ledger.reopen(DeadLetter.idOf(id, 1))).isTrue();
        assertThat(ledger.reopen(DeadLetter.idOf(id, 1))).isFalse();

        ledger.settle(death(call(id, 2, 1)));

        assertThat(ledger.reopen(DeadLetter.idOf(id, 1))).isFalse();
        assertThat(ledger.remove(DeadLetter.idOf(id, 1))).isFalse();
        assertThat(ledger.reopen(DeadLetter.idOf(id, 2))).isTrue();
        assertThat(ledger.remove(DeadLetter.idOf(id, 2))).isFalse();
        assertThat(ledger.call(id).orElseThrow()).satisfies(status -> {
            assertThat(status.state()).isEqualTo(CallState.QUEUED);
            assertThat(status.generation()).isEqualTo(3);
            assertThat(status.replays()).isEqualTo(2);
        });
        awaitCount(1);
    }

    @Test
    void idsThatAreNoUuidsAreKeptLetterForLetter() {
        List<String> ids = List.of(
                "order-4711",
                "ORDER-4711",
                "01234567",
                "x".repeat(64),
                "0190f5fe-7c00-7a00-8000-0123456789ab",
                "0190F5FE-7C00-7A00-8000-0123456789AB");
        ids.forEach(id -> ledger.settle(death(call(new CallId(id), 1, 1))));
        ledger.close();
        open();

        assertThat(ids).allSatisfy(id -> {
            CallStatus status = ledger.call(new CallId(id)).orElseThrow();
            assertThat(status.callId().text()).isEqualTo(id);
            assertThat(ledger.deadLetter(id + ".1").orElseThrow().callId().text())
                    .isEqualTo(id);
            assertThat(ledger.settle(success(call(new CallId(id), 1, 1)))).isFalse();
        });
        awaitCount(ids.size());
        assertThat(ledger.known(new CallId("Order-4711"))).isFalse();
    }

    @Test
    void aCallIsForgottenByTheMemoryOnceItIsWritten() throws Exception {
        together(8, () -> {
            for (int i = 0; i < 50; i++) {
                Call call = call();
                ledger.accepted(call, null);
                ledger.begin(call, false);
                ledger.settle(success(call));
                Call overtaken = call();
                ledger.begin(overtaken, false);
                ledger.settle(retry(overtaken));
                ledger.accepted(overtaken, null);
                Call waiting = call();
                ledger.accepted(waiting, null);
                Call unannounced = call();
                ledger.begin(unannounced, true);
                ledger.release(unannounced);
            }
            return true;
        });

        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(ledger.remembered()).isZero());
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(ledger.counts().values().stream()
                                .mapToLong(Long::longValue)
                                .sum())
                        .isEqualTo(1_600));
    }

    @Test
    void aRetryThatIsPutOffIsRetryingAgainAndHasSpentNoAttempt() {
        Call call = call();
        ledger.settle(retry(call));
        Call second = call.asAttempt(2);
        ledger.begin(second, false);

        ledger.putOff(second, NOW.plusSeconds(9));

        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(ledger.call(call.id())).hasValueSatisfying(status -> {
                    assertThat(status.state()).isEqualTo(CallState.RETRYING);
                    assertThat(status.attempts()).isEqualTo(1);
                    assertThat(status.nextAttemptAt()).isEqualTo(NOW.plusSeconds(9));
                }));
        assertThat(ledger.attempts(call.id())).hasSize(1);
        ledger.cancel(call.id());
        ledger.putOff(second, NOW.plusSeconds(20));
        assertThat(ledger.call(call.id()).orElseThrow().state()).isEqualTo(CallState.CANCELLED);
    }

    @Test
    void oneThatCannotBeWrittenNeverStopsItsNeighbours() throws Exception {
        var turn = new AtomicInteger();

        List<String> ends = together(16, () -> {
            boolean poisoned = turn.getAndIncrement() == 0;
            for (int i = 0; i < 20; i++) {
                Call call = call();
                DeadLetter letter = letter(call, NOW);
                try {
                    ledger.bury(poisoned ? withFingerprint(letter, "far too long for its column".repeat(2)) : letter);
                } catch (LedgerException e) {
                    return e.getMessage();
                }
            }
            return "well";
        });

        assertThat(ends).filteredOn("well"::equals).hasSize(15);
        assertThat(ends)
                .filteredOn(end -> end.startsWith("cannot write the ledger: "))
                .hasSize(1);
        assertThat(ledger.deadLetters(DeadLetterFilter.ALL, 1, null).total()).isEqualTo(300);
    }

    @Test
    void announcementsThatComeTwiceHoldUpNobody() throws Exception {
        List<Call> old = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            old.add(call());
        }
        var next = new AtomicInteger();

        List<Boolean> all = together(20, () -> {
            boolean counted = true;
            for (int i = next.getAndIncrement(); i < old.size(); i = next.getAndIncrement()) {
                counted &= ledger.settle(success(old.get(i)));
                // Forgotten by then, most of them: the database finds out.
                ledger.accepted(old.get(i), null);
                counted &= ledger.settle(success(call()));
            }
            return counted;
        });

        assertThat(all).containsOnly(true);
        awaitCount(400);
    }

    @Test
    void aReplayThatIsTakenUsesUpItsLetterWhetherOrNotWhoReplayedItSaysSo() {
        Call call = call();
        ledger.settle(death(call));
        String letter = DeadLetter.idOf(call.id(), 1);

        ledger.begin(call(call.id(), 2, 1), false);

        assertThat(ledger.deadLetter(letter)).isEmpty();
        assertThat(ledger.reopen(letter)).isFalse();
        assertThat(ledger.call(call.id()).orElseThrow()).satisfies(status -> {
            assertThat(status.state()).isEqualTo(CallState.RUNNING);
            assertThat(status.generation()).isEqualTo(2);
            assertThat(status.replays()).isEqualTo(1);
        });
    }

    @Test
    void aCallbacksLetterChangesNoCall() {
        Call call = call();
        ledger.settle(success(call));
        DeadLetter own = letter(call, NOW);
        String id = DeadLetter.callbackIdOf(call.id(), 1);
        var callback = new DeadLetter(
                id,
                own.callId(),
                1,
                "faas-callback",
                "DLQ.faas-callback",
                own.function(),
                own.reason(),
                503,
                null,
                own.fingerprint(),
                10,
                NOW,
                NOW,
                0,
                null,
                0,
                null,
                null);
        ledger.bury(callback);

        assertThat(ledger.deadLetter(id)).contains(callback);
        assertThat(ledger.reopen(id)).isTrue();

        assertThat(ledger.deadLetter(id)).isEmpty();
        assertThat(ledger.call(call.id()).orElseThrow().state()).isEqualTo(CallState.SUCCEEDED);
    }

    @Test
    void lettersAreListedNewestFirstPageByPage() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            Call call = i % 2 == 0 ? call() : call(CallId.random(), new FunctionName("resize", "team-a"), 1, 1);
            // Two at each instant: the id decides between them.
            ledger.bury(letter(call, NOW.plusMillis(i / 2)));
            ids.add(DeadLetter.idOf(call.id(), 1));
        }

        List<String> listed = new ArrayList<>();
        DeadLetterPage page = ledger.deadLetters(DeadLetterFilter.ALL, 3, null);
        assertThat(page.total()).isEqualTo(7);
        page.items().forEach(item -> listed.add(item.id()));
        while (page.next() != null) {
            page = ledger.deadLetters(DeadLetterFilter.ALL, 3, page.next());
            page.items().forEach(item -> listed.add(item.id()));
        }

        assertThat(listed).hasSize(7).containsExactlyInAnyOrderElementsOf(ids).startsWith(ids.get(6));
        var filter = new DeadLetterFilter(
                "faas-request", "resize", "team-a", letter(call(), NOW).reason(), 500);
        assertThat(ledger.deadLetters(filter, 10, null).total()).isEqualTo(3);
        assertThatThrownBy(() -> ledger.deadLetters(DeadLetterFilter.ALL, 3, "nonsense"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void countsConserveThroughEveryTransitionAndEqualTheDatabase() throws Exception {
        var random = new Random(20260301);
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            calls.add(call(CallId.random(), new FunctionName("f" + i % 3, "openfaas-fn"), 1, 1));
        }
        List<CallId> met = new ArrayList<>();
        for (int step = 0; step < 1_500; step++) {
            Call chosen = calls.get(random.nextInt(calls.size()));
            int generation = 1 + random.nextInt(2);
            Call call = call(chosen.id(), chosen.function(), generation, 1 + random.nextInt(3));
            boolean enters = true;
            switch (random.nextInt(7)) {
                case 0 -> ledger.accepted(call(chosen.id(), chosen.function(), 1, 1), null);
                case 1 -> ledger.begin(call, random.nextInt(10) == 0);
                case 2 -> ledger.settle(success(call));
                case 3 -> ledger.settle(retry(call));
                case 4 -> ledger.settle(death(call));
                case 5 -> {
                    ledger.release(call);
                    enters = false;
                }
                default -> {
                    ledger.reopen(DeadLetter.idOf(call.id(), generation));
                    enters = false;
                }
            }
            if (enters && !met.contains(call.id())) {
                met.add(call.id());
            }
        }
        // An announcement of a call that the overlay has forgotten counts twice until it is written.
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(ledger.counts().values().stream()
                                .mapToLong(Long::longValue)
                                .sum())
                        .isEqualTo(met.size()));
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(ledger.counts()).isEqualTo(stored()));
        var counted = ledger.counts();
        ledger.close();
        open();

        assertThat(ledger.counts()).isEqualTo(counted);
        assertThat(stored()).isEqualTo(counted);
    }

    private Map<CountKey, Long> stored() throws SQLException {
        try (var connection = ledger.database().connection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(
                        "SELECT queue, function, state, COUNT(*) FROM async_call GROUP BY queue, function, state")) {
            Map<CountKey, Long> stored = new HashMap<>();
            while (rows.next()) {
                var function = new FunctionName(rows.getString(2), "openfaas-fn");
                stored.put(
                        new CountKey(rows.getString(1), function, CallState.ofWord(rows.getString(3))),
                        rows.getLong(4));
            }
            return stored;
        }
    }

    /** All calls are in one state; where the database counts, that is seen a little later. */
    private void awaitCount(long calls) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(ledger.counts()).hasSize(1).containsValue(calls));
    }

    @Test
    void manySettleAtOnceAndEachIsDurable() throws Exception {
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            calls.add(call());
        }
        var next = new AtomicInteger();

        List<Integer> settled = together(50, () -> {
            int mine = 0;
            for (int i = next.getAndIncrement(); i < calls.size(); i = next.getAndIncrement()) {
                ledger.accepted(calls.get(i), null);
                ledger.begin(calls.get(i), false);
                mine += ledger.settle(success(calls.get(i))) ? 1 : 0;
            }
            return mine;
        });

        assertThat(settled.stream().mapToInt(Integer::intValue).sum()).isEqualTo(2_000);
        awaitCount(2_000);
    }

    @Test
    void ofManySettlesOfOneAttemptOneCounts() throws Exception {
        for (int i = 0; i < 20; i++) {
            Call call = call();

            List<Boolean> counted = together(8, () -> ledger.settle(success(call)));

            assertThat(counted).containsOnlyOnce(true);
        }
    }

    @Test
    void whileTheDatabaseIsAwaySettlesFailAndNothingIsLost() {
        Call running = call();
        Call waiting = call();
        ledger.accepted(running, null);
        ledger.begin(running, false);
        ledger.database().disconnect();

        ledger.accepted(waiting, null);
        assertThatThrownBy(() -> ledger.settle(success(running)))
                .isInstanceOf(LedgerException.class)
                .hasMessageContaining("cannot write the ledger");
        assertThat(ledger.call(running.id()).orElseThrow().state()).isEqualTo(CallState.RUNNING);

        ledger.database().open();
        assertThat(ledger.settle(success(running))).isTrue();
        ledger.close();
        open();
        assertThat(ledger.call(running.id()).orElseThrow().state()).isEqualTo(CallState.SUCCEEDED);
        assertThat(ledger.call(waiting.id()).orElseThrow().state()).isEqualTo(CallState.QUEUED);
    }

    @Test
    void anInterruptedReaderTakesTheDatabaseFromNobody() {
        Call call = call();
        ledger.settle(success(call));

        for (int i = 0; i < 20; i++) {
            Thread.currentThread().interrupt();
            try {
                ledger.call(CallId.random());
            } catch (LedgerException e) {
                assertThat(e).hasMessageContaining("interrupted");
            } finally {
                // Not for the next statement to stumble over.
                Thread.interrupted();
            }
        }

        assertThat(ledger.settle(success(call()))).isTrue();
        assertThat(ledger.call(call.id())).isPresent();
    }

    @Test
    void anInterruptedWorkerStillSettlesWhatItHasDone() {
        Call call = call();
        ledger.accepted(call, null);
        ledger.begin(call, false);

        Thread.currentThread().interrupt();
        boolean settled = ledger.settle(success(call));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(settled).isTrue();
    }

    @Test
    void closingKeepsWhatItAcknowledgedAndLeavesNobodyWaiting() throws Exception {
        for (int round = 0; round < 5; round++) {
            List<Call> acknowledged = Collections.synchronizedList(new ArrayList<>());
            ExecutorService pool = Executors.newFixedThreadPool(16);
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                workers.add(pool.submit(() -> settleUntilClosed(acknowledged)));
            }
            Awaitility.await().until(() -> acknowledged.size() > 100);

            ledger.close();

            for (Future<?> worker : workers) {
                worker.get(10, TimeUnit.SECONDS);
            }
            pool.shutdown();
            open();
            assertThat(acknowledged)
                    .allSatisfy(call -> assertThat(
                                    ledger.call(call.id()).orElseThrow().state())
                            .isEqualTo(CallState.SUCCEEDED));
        }
    }

    @Test
    void aClosedLedgerRefusesChanges() {
        ledger.close();

        assertThatThrownBy(() -> ledger.settle(success(call()))).hasMessage("the ledger is closed");
    }

    private void settleUntilClosed(List<Call> acknowledged) {
        Ledger mine = ledger;
        while (true) {
            Call call = call();
            try {
                mine.accepted(call, null);
                mine.begin(call, false);
                mine.settle(success(call));
            } catch (LedgerException e) {
                return;
            }
            acknowledged.add(call);
        }
    }

    private static DeadLetter withFingerprint(DeadLetter letter, String fingerprint) {
        return new DeadLetter(
                letter.id(),
                letter.callId(),
                letter.generation(),
                letter.queue(),
                letter.physicalQueue(),
                letter.function(),
                letter.reason(),
                letter.statusCode(),
                letter.error(),
                fingerprint,
                letter.attempts(),
                letter.submittedAt(),
                letter.deadAt(),
                letter.size(),
                letter.contentType(),
                letter.replays(),
                letter.messageId(),
                letter.content());
    }

    private static <T> List<T> together(int threads, Callable<T> task) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<T> results = new ArrayList<>();
            List<Callable<T>> tasks = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                tasks.add(task);
            }
            for (Future<T> future : pool.invokeAll(tasks)) {
                results.add(future.get());
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }
}
