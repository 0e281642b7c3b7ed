package dev.caravan.ledger;

import static dev.caravan.ledger.Calls.NOW;
import static dev.caravan.ledger.Calls.call;
import static dev.caravan.ledger.Calls.death;
import static dev.caravan.ledger.Calls.retry;
import static dev.caravan.ledger.Calls.success;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Identity is (call id, generation, attempt): what a begin and a settle answer to each history. */
class LedgerIdentityTest {

    private static final int DUPLICATE = 0;

    @TempDir
    Path folder;

    private Ledger ledger;

    @BeforeEach
    void open() {
        ledger = ledger(InstantSource.fixed(Calls.NOW));
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

    /** What happened before. */
    interface History extends BiConsumer<Ledger, CallId> {}

    static Stream<Arguments> positions() {
        return Stream.of(
                row("never heard of", (l, id) -> {}, 1, 1, 1),
                row("never heard of, third attempt", (l, id) -> {}, 1, 3, 3),
                row("accepted", (l, id) -> l.accepted(call(id, 1, 1), null), 1, 1, 1),
                row("begun", (l, id) -> l.begin(call(id, 1, 1), false), 1, 1, 2),
                row("begun twice", LedgerIdentityTest::beginTwice, 1, 1, 3),
                row("begun and released", LedgerIdentityTest::release, 1, 1, 1),
                row("succeeded", (l, id) -> l.settle(success(call(id, 1, 1))), 1, 1, DUPLICATE),
                row("succeeded, later attempt", (l, id) -> l.settle(success(call(id, 1, 1))), 1, 2, DUPLICATE),
                row("dead", (l, id) -> l.settle(death(call(id, 1, 1))), 1, 1, DUPLICATE),
                row("retrying, same attempt", (l, id) -> l.settle(retry(call(id, 1, 1))), 1, 1, DUPLICATE),
                row("retrying, next attempt", (l, id) -> l.settle(retry(call(id, 1, 1))), 1, 2, 2),
                row("retry put off", LedgerIdentityTest::putOff, 1, 2, 2),
                row("retry put off, attempt before", LedgerIdentityTest::putOff, 1, 1, DUPLICATE),
                row("crashed once, then retrying as second", LedgerIdentityTest::retryAsSecond, 1, 1, DUPLICATE),
                row("crashed once, then retrying as second: third", LedgerIdentityTest::retryAsSecond, 1, 3, 3),
                row("replayed, old generation", LedgerIdentityTest::replay, 1, 1, DUPLICATE),
                row("replayed, new generation", LedgerIdentityTest::replay, 2, 1, 1),
                row("replay taken before it is committed", (l, id) -> l.settle(death(call(id, 1, 1))), 2, 1, 1));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("positions")
    void beginTellsWhatToDoWithAMessage(String name, History history, int generation, int attempt, int expected) {
        CallId id = CallId.random();
        history.accept(ledger, id);

        Position position = ledger.begin(call(id, generation, attempt), false);

        assertThat(position.<Integer>fold(number -> number, () -> DUPLICATE)).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("positions")
    void beginSaysTheSameFromTheDatabaseAlone(String name, History history, int generation, int attempt, int expected) {
        CallId id = CallId.random();
        history.accept(ledger, id);
        ledger.close();
        open();

        Position position = ledger.begin(call(id, generation, attempt), true);

        assertThat(position.<Integer>fold(number -> number, () -> DUPLICATE)).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("positions")
    void aSettleCountsExactlyWhenItsMessageWouldRun(
            String name, History history, int generation, int attempt, int expected) {
        CallId id = CallId.random();
        history.accept(ledger, id);
        var before = ledger.call(id);

        boolean counted = ledger.settle(success(call(id, generation, attempt)));

        assertThat(counted).isEqualTo(expected != DUPLICATE);
        if (counted) {
            assertThat(ledger.call(id)).hasValueSatisfying(status -> {
                assertThat(status.state()).isEqualTo(CallState.SUCCEEDED);
                assertThat(status.generation()).isEqualTo(generation);
            });
            assertThat(ledger.settle(death(call(id, generation, attempt)))).isFalse();
            assertThat(ledger.settle(death(call(id, generation, attempt + 1)))).isFalse();
        } else {
            assertThat(ledger.call(id)).isEqualTo(before);
        }
    }

    private static Arguments row(String name, History history, int generation, int attempt, int expected) {
        return Arguments.of(name, history, generation, attempt, expected);
    }

    private static void beginTwice(Ledger ledger, CallId id) {
        ledger.begin(call(id, 1, 1), false);
        ledger.begin(call(id, 1, 1), true);
    }

    private static void release(Ledger ledger, CallId id) {
        ledger.begin(call(id, 1, 1), false);
        ledger.release(call(id, 1, 1));
    }

    private static void putOff(Ledger ledger, CallId id) {
        ledger.settle(retry(call(id, 1, 1)));
        ledger.begin(call(id, 1, 2), false);
        ledger.putOff(call(id, 1, 2), NOW.plusSeconds(9));
    }

    private static void retryAsSecond(Ledger ledger, CallId id) {
        beginTwice(ledger, id);
        ledger.settle(retry(call(id, 1, 2)));
    }

    private static void replay(Ledger ledger, CallId id) {
        ledger.settle(death(call(id, 1, 1)));
        ledger.reopen(DeadLetter.idOf(id, 1));
    }
}
