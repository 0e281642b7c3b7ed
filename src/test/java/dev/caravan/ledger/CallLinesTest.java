package dev.caravan.ledger;

import static dev.caravan.ledger.Calls.THUMBNAIL;
import static dev.caravan.ledger.Calls.call;
import static dev.caravan.ledger.Calls.death;
import static dev.caravan.ledger.Calls.success;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.FunctionName;
import dev.caravan.function.OrderKey;
import dev.caravan.ledger.CallLines.Place;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may run: the first of each line, and nobody else until it has left. */
@Timeout(120)
class CallLinesTest {

    private static final OrderKey KEY = new OrderKey("customer-7");
    private static final OrderKey OTHER_KEY = new OrderKey("customer-8");
    private static final FunctionName OTHER = new FunctionName("other", "openfaas-fn");

    @TempDir
    Path folder;

    private volatile Instant now = Calls.NOW;
    private Ledger ledger;
    private CallLines lines;

    Ledger ledger(InstantSource clock) {
        return new Ledger(folder, clock);
    }

    Ledger ledger() {
        return ledger;
    }

    @BeforeEach
    void open() {
        ledger = ledger(() -> now);
        ledger.open();
        lines = ledger.lines();
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    @Test
    void theFirstIsSentAndTheOthersFollowOneByOneInTheirOrder() {
        LinedCall first = lined(call());
        LinedCall second = lined(call());
        LinedCall third = lined(call());

        assertThat(lines.join(first, false)).isEqualTo(Place.FIRST);
        assertThat(lines.join(second, false)).isEqualTo(Place.WAITING);
        assertThat(lines.join(third, false)).isEqualTo(Place.WAITING);

        assertThat(leave(first)).contains(second);
        assertThat(place(second)).contains(Place.FIRST);
        assertThat(place(third)).contains(Place.WAITING);
        assertThat(leave(second)).contains(third);
        assertThat(leave(third)).isEmpty();
        assertThat(lines.join(lined(call()), false)).isEqualTo(Place.FIRST);
    }

    @Test
    void otherKeysAndTheSameKeyOfAnotherFunctionAreOtherLines() {
        lines.join(lined(call()), false);

        assertThat(lines.join(lined(call(), THUMBNAIL, OTHER_KEY), false)).isEqualTo(Place.FIRST);
        assertThat(lines.join(lined(call(), OTHER, KEY), false)).isEqualTo(Place.FIRST);
        assertThat(lines.join(lined(call(), THUMBNAIL, KEY), false)).isEqualTo(Place.WAITING);
    }

    @Test
    void whoJoinsTwiceStandsOnce() {
        LinedCall first = lined(call());
        LinedCall second = lined(call());
        lines.join(first, false);
        lines.join(second, true);

        assertThat(lines.join(first, false)).isEqualTo(Place.FIRST);
        assertThat(lines.join(second, true)).isEqualTo(Place.WAITING);

        assertThat(leave(first)).contains(second);
        assertThat(leave(second)).isEmpty();
    }

    @Test
    void aReplayStandsAtTheEnd() {
        LinedCall dead = lined(call());
        LinedCall waits = lined(call());
        lines.join(dead, false);
        lines.join(waits, false);

        LinedCall replayed = lined(call(dead.id(), 2, 1));
        assertThat(lines.join(replayed, true)).isEqualTo(Place.WAITING);
        assertThat(leave(dead)).contains(waits);
        assertThat(leave(waits)).contains(replayed);
    }

    @Test
    void whoeverLeavesTwiceTakesNobodysTurn() {
        LinedCall first = lined(call());
        lines.join(first, false);
        lines.join(lined(call()), false);
        lines.join(lined(call()), false);

        assertThat(leave(first)).isPresent();
        assertThat(leave(first)).isEmpty();
    }

    @Test
    void allThatAMessageNeedsComesBack() {
        LinedCall first = lined(call());
        LinedCall large = new LinedCall(
                new CallId("my-own-id"), 3, "slow", THUMBNAIL, KEY, "{\"CaravanPath\":\"/ü\"}", null, "ab/file");
        lines.join(first, false);
        lines.join(large, false);

        assertThat(leave(first)).contains(large);
    }

    @Test
    void aCallThatWasCancelledWhileItWaitedIsPassedOver() {
        Call first = call();
        Call cancelled = call();
        Call third = call();
        for (Call each : List.of(first, cancelled, third)) {
            ledger.accepted(each, null);
            lines.join(lined(each), false);
        }

        ledger.cancel(cancelled.id());
        assertThat(lines.tend(THUMBNAIL, KEY).due()).isEmpty();

        assertThat(leave(lined(first))).contains(lined(third));
    }

    @Test
    void whenTheFirstIsCancelledBeforeItRunsTheNextIsDueAtOnce() {
        Call first = call();
        Call second = call();
        for (Call each : List.of(first, second)) {
            ledger.accepted(each, null);
            lines.join(lined(each), false);
        }

        ledger.cancel(first.id());

        assertThat(lines.tend(THUMBNAIL, KEY).due()).containsExactly(lined(second));
    }

    @Test
    void whenTheFirstIsCancelledWhileItRunsTheNextWaitsForItsWorkerButNotForEver() {
        Call first = call();
        Call second = call();
        for (Call each : List.of(first, second)) {
            ledger.accepted(each, null);
            lines.join(lined(each), false);
        }
        ledger.begin(first, false);

        ledger.cancel(first.id());
        assertThat(lines.tend(THUMBNAIL, KEY).due()).isEmpty();

        now = Calls.NOW.plus(Duration.ofMinutes(2));
        assertThat(lines.tend().due()).containsExactly(lined(second));
    }

    @Test
    void theFileOfACancelledCallsBodyIsNotNeeded() {
        Call first = call();
        Call cancelled = call();
        ledger.accepted(cancelled, null);
        lines.join(lined(first), false);
        lines.join(new LinedCall(cancelled.id(), 1, "faas-request", THUMBNAIL, KEY, "{}", null, "ab/cancelled"), false);

        ledger.cancel(cancelled.id());

        assertThat(lines.tend(THUMBNAIL, KEY).bodies()).containsExactly("ab/cancelled");
    }

    @Test
    void whatIsOverAndDidNotLeaveIsFound() {
        Call succeeded = call();
        Call next = call();
        Call dead = call();
        lines.join(lined(succeeded), false);
        lines.join(lined(next), false);
        lines.join(lined(dead, THUMBNAIL, OTHER_KEY), false);
        ledger.settle(success(succeeded));
        ledger.settle(death(dead));

        assertThat(lines.tend().due()).containsExactly(lined(next));
        assertThat(lines.join(lined(call(), THUMBNAIL, OTHER_KEY), false)).isEqualTo(Place.FIRST);
    }

    @Test
    void theFirstOfALineThatIsJustRetriedIsNotOver() {
        Call first = call();
        lines.join(lined(first), false);
        lines.sent(first.id(), 1);
        lines.join(lined(call()), false);
        ledger.begin(first, false);
        ledger.settle(Calls.retry(first));

        now = Calls.NOW.plus(Duration.ofHours(1));
        assertThat(lines.tend().due()).isEmpty();
    }

    @Test
    void oneThatCouldNotBeSentIsDue() {
        LinedCall first = lined(call());
        lines.join(first, false);

        lines.unsent(first.id(), 1);

        assertThat(lines.tend().due()).containsExactly(first);
        assertThat(lines.tend().due()).isEmpty();
    }

    @Test
    void oneThatNobodySaysIsSentIsDueAfterAWhile() {
        LinedCall sending = lined(call());
        LinedCall sent = lined(call(), OTHER, KEY);
        lines.join(sending, false);
        lines.join(sent, false);
        lines.sent(sent.id(), 1);

        assertThat(lines.tend().due()).isEmpty();
        now = Calls.NOW.plusSeconds(31);

        assertThat(lines.tend().due()).containsExactly(sending);
        assertThat(lines.tend().due()).isEmpty();
    }

    @Test
    void linesOutliveTheProcess() {
        LinedCall first = lined(call());
        LinedCall second = lined(call());
        lines.join(first, false);
        lines.sent(first.id(), 1);
        lines.join(second, false);

        close();
        open();

        assertThat(place(first)).contains(Place.FIRST);
        assertThat(leave(first)).contains(second);
    }

    @Test
    void whatTheLedgerNeverHeardOfIsFound() {
        Call known = call();
        LinedCall unknown = lined(call());
        ledger.settle(success(known));
        lines.join(lined(known), false);
        lines.join(unknown, false);

        assertThat(lines.unknown()).containsExactly(unknown);
    }

    @Test
    void aPlaceThatCannotBeWrittenIsNotGiven() {
        ledger.database().disconnect();

        assertThatThrownBy(() -> lines.join(lined(call()), false)).isInstanceOf(LedgerException.class);
    }

    /** Many join and leave at once: in each line there is never more than one whose turn it is. */
    @Test
    void inEachLineOneHasItsTurnHoweverManyComeAndGo() throws Exception {
        int keys = 4;
        int each = 40;
        ExecutorService clients = Executors.newFixedThreadPool(keys * 2);
        var served = new ArrayList<ConcurrentLinkedQueue<CallId>>();
        var joined = new ArrayList<List<CallId>>();
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < keys; i++) {
                OrderKey key = new OrderKey("key-" + i);
                var mine = new ConcurrentLinkedQueue<CallId>();
                var order = new ArrayList<CallId>();
                served.add(mine);
                joined.add(order);
                all.add(clients.submit(() -> {
                    for (int n = 0; n < each; n++) {
                        LinedCall call = lined(call(), THUMBNAIL, key);
                        order.add(call.id());
                        if (lines.join(call, false) == Place.FIRST) {
                            all(clients, call, mine);
                        }
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get(100, TimeUnit.SECONDS);
            }
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(served)
                            .allSatisfy(line -> assertThat(line).hasSize(each)));
        } finally {
            clients.shutdownNow();
        }
        for (int i = 0; i < keys; i++) {
            assertThat(served.get(i)).containsExactlyElementsOf(joined.get(i));
        }
    }

    /** Serves a call whose turn it is, and whoever is next, until nobody is. */
    private void all(ExecutorService clients, LinedCall call, ConcurrentLinkedQueue<CallId> served) {
        clients.execute(() -> {
            Optional<LinedCall> turn = Optional.of(call);
            while (turn.isPresent()) {
                served.add(turn.get().id());
                lines.sent(turn.get().id(), 1);
                turn = leave(turn.get());
            }
        });
    }

    private Optional<LinedCall> leave(LinedCall call) {
        return leave(lines, call);
    }

    static Optional<LinedCall> leave(CallLines lines, LinedCall call) {
        return lines.leave(call.function(), call.key(), call.id(), call.generation());
    }

    private Optional<Place> place(LinedCall call) {
        return lines.place(call.id(), call.generation());
    }

    static LinedCall lined(Call call) {
        return lined(call, THUMBNAIL, KEY);
    }

    private static LinedCall lined(Call call, FunctionName function, OrderKey key) {
        return new LinedCall(
                call.id(),
                call.generation(),
                "faas-request",
                function,
                key,
                "{}",
                ByteBuffer.wrap(call.id().text().getBytes(StandardCharsets.UTF_8)),
                null);
    }
}
