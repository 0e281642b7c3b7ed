package dev.caravan.ledger;

import static dev.caravan.ledger.Calls.NOW;
import static dev.caravan.ledger.Calls.call;
import static dev.caravan.ledger.Calls.death;
import static dev.caravan.ledger.Calls.retry;
import static dev.caravan.ledger.Calls.success;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was answered is there as soon as the call is over, and after a restart. */
@Timeout(60)
class ResultsTest {

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
    void aResultComesBackAsItWasAnswered() {
        Call call = call();
        ledger.accepted(call, null);
        ledger.begin(call, false);
        var answered = new CallResult(
                Map.of("Content-Type", List.of("text/plain"), "X-Several", List.of("1", "a: b", "")),
                5,
                bytes("hello"));

        ledger.settle(success(call).with(answered));

        assertThat(ledger.result(call.id())).contains(answered);
        close();
        open();
        assertThat(ledger.result(call.id())).contains(answered);
    }

    /** Also to who asks while it is being written: what is committed and not on disk yet is seen by nobody. */
    @Test
    void whatIsSeenToBeOverHasItsResult() throws Exception {
        List<Call> calls = Stream.generate(Calls::call).limit(400).toList();
        calls.forEach(call -> ledger.accepted(call, null));
        ledger.calls(CallFilter.ALL, 1, null); // by now the database has them, and memory need not
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<?>> asking = new ArrayList<>();
            for (int i = 0; i < 6; i++) { // fewer than there are connections
                asking.add(threads.submit(() -> calls.forEach(this::awaitResult)));
            }
            for (int i = 0; i < 8; i++) {
                int first = i;
                asking.add(threads.submit(() -> {
                    for (int j = first; j < calls.size(); j += 8) {
                        ledger.begin(calls.get(j), false);
                        ledger.settle(Settlement.succeeded(calls.get(j), answeredNothing()));
                    }
                }));
            }
            for (Future<?> one : asking) {
                one.get(50, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static Attempt answeredNothing() {
        return new Attempt(1, NOW, Duration.ZERO, 200, null, null);
    }

    private void awaitResult(Call call) {
        while (!ledger.call(call.id()).orElseThrow().state().terminal()) {
            Thread.onSpinWait();
        }
        assertThat(ledger.result(call.id())).contains(CallResult.EMPTY);
    }

    @Test
    void theLargestBodyThatTheSettingAllowsFitsIn() {
        Call call = call();
        var whole = new CallResult(Map.of(), CallResult.MAX_BODY, ByteBuffer.wrap(new byte[CallResult.MAX_BODY]));

        ledger.settle(success(call).with(whole));

        assertThat(ledger.result(call.id())).contains(whole);
    }

    @Test
    void ofABodyThatWasTooLargeTheSizeIsKnown() {
        Call call = call();

        ledger.settle(success(call).with(new CallResult(Map.of(), 123_456_789, null)));

        assertThat(ledger.result(call.id())).hasValueSatisfying(result -> {
            assertThat(result.size()).isEqualTo(123_456_789);
            assertThat(result.body()).isNull();
        });
    }

    @Test
    void aSuccessWithNothingButAStatusHasNoRowAndAResultAllTheSame() throws Exception {
        Call call = call();

        ledger.settle(Settlement.succeeded(call, new Attempt(1, NOW, Duration.ofMillis(1), 204, null, null))
                .with(CallResult.EMPTY));

        assertThat(ledger.result(call.id())).contains(CallResult.EMPTY);
        try (var connection = ledger.database().connection()) {
            assertThat(ResultTable.find(connection, call.id(), 1)).isEmpty();
        }
    }

    @Test
    void aDeadCallKeepsItsLastAnswerEvenAnEmptyOne() {
        Call rejected = call();
        Call empty = call();
        var answered = new CallResult(Map.of("Retry-After", List.of("5")), 4, bytes("nope"));

        ledger.settle(death(rejected).with(answered));
        ledger.settle(death(empty).with(CallResult.EMPTY));

        assertThat(ledger.result(rejected.id())).contains(answered);
        assertThat(ledger.result(empty.id())).contains(CallResult.EMPTY);
    }

    @Test
    void whoNeverGotAnAnswerHasAnEmptyResult() {
        Call call = call();
        var silent = new Attempt(1, NOW, Duration.ofSeconds(1), 0, "no replica accepts a connection", null);

        ledger.settle(Settlement.dead(call, silent, Calls.letter(call, NOW)));

        assertThat(ledger.result(call.id())).contains(CallResult.EMPTY);
    }

    @Test
    void thereIsNoneWhileTheCallIsNotOver() {
        Call call = call();
        ledger.accepted(call, null);
        ledger.begin(call, false);
        ledger.settle(retry(call));

        assertThat(ledger.result(call.id())).isEmpty();
        assertThat(ledger.result(CallId.random())).isEmpty();
    }

    @Test
    void aReplayTakesTheOldResultAwayAndItsOwnComesInItsPlace() {
        CallId id = CallId.random();
        ledger.settle(death(call(id, 1, 1)).with(new CallResult(Map.of(), 4, bytes("nope"))));
        ledger.reopen(DeadLetter.idOf(id, 1));

        assertThat(ledger.result(id)).isEmpty();

        var second = new CallResult(Map.of(), 3, bytes("yes"));
        ledger.settle(success(call(id, 2, 1)).with(second));

        assertThat(ledger.result(id)).contains(second);
    }

    @Test
    void whoWaitsIsWokenWhenTheCallIsOverAndSeesItThen() throws Exception {
        Call call = call();
        ledger.accepted(call, null);
        ledger.begin(call, false);
        var seen = new CompletableFuture<Boolean>();
        ledger.watch()
                .add(
                        call.id(),
                        () -> seen.complete(
                                ledger.call(call.id()).orElseThrow().state().terminal()));

        ledger.settle(retry(call));
        assertThat(seen).isNotDone();
        ledger.settle(success(call(call.id(), 1, 2)));

        assertThat(seen.get(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void nobodyWaitsAnyLongerOnceTheWatchIsClosed() {
        var woken = new CompletableFuture<String>();
        var late = new CompletableFuture<String>();
        var left = new CompletableFuture<String>();
        Runnable leaver = () -> left.complete("woken");
        CallId id = CallId.random();
        ledger.watch().add(id, leaver);
        ledger.watch().add(id, () -> woken.complete("woken"));
        ledger.watch().remove(id, leaver);

        ledger.watch().close();
        ledger.watch().add(id, () -> late.complete("woken"));

        assertThat(woken).isCompletedWithValue("woken");
        assertThat(late).isCompletedWithValue("woken");
        assertThat(left).isNotDone();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
