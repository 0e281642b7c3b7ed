package dev.caravan.ledger;

import static dev.caravan.ledger.Calls.call;
import static dev.caravan.ledger.Calls.death;
import static dev.caravan.ledger.Calls.retry;
import static dev.caravan.ledger.Calls.success;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What cancelling does to a call in each state, and what other nodes see of it. */
class LedgerCancelTest {

    @TempDir
    Path folder;

    private Ledger ledger;

    @BeforeEach
    void open() {
        ledger = new Ledger(folder, InstantSource.fixed(Calls.NOW));
        ledger.open();
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    /** What happened before. */
    interface History extends BiConsumer<Ledger, Call> {}

    static Stream<Arguments> unfinished() {
        return Stream.of(
                row("queued", (l, call) -> l.accepted(call, null)),
                row("scheduled", (l, call) -> l.accepted(call, Calls.NOW.plusSeconds(60))),
                row("running", (l, call) -> l.begin(call, false)),
                row("retrying", (l, call) -> l.settle(retry(call))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("unfinished")
    void aCallThatIsNotOverIsCancelledForGood(String name, History history) {
        Call call = call();
        history.accept(ledger, call);

        Cancelled cancelled = ledger.cancel(call.id()).orElseThrow();

        assertThat(cancelled.first()).isTrue();
        assertThat(cancelled.call().state()).isEqualTo(CallState.CANCELLED);
        assertThat(cancelled.call().finishedAt()).isEqualTo(Calls.NOW);
        assertThat(cancelled.call().nextAttemptAt()).isNull();
        assertThat(ledger.cancel(call.id())).contains(new Cancelled(cancelled.call(), false));
        assertThat(ledger.settle(success(call))).isFalse();
        assertThat(ledger.settle(retry(call(call.id(), 1, 2)))).isFalse();
        assertThat(ledger.begin(call(call.id(), 1, 3), true)).isEqualTo(new Position.Duplicate());
        ledger.release(call);
        assertThat(states()).isEqualTo(Map.of("cancelled", 1L));
        ledger.close();
        open();
        assertThat(ledger.call(call.id())).contains(cancelled.call());
        assertThat(states()).isEqualTo(Map.of("cancelled", 1L));
    }

    static Stream<Arguments> finished() {
        return Stream.of(
                row("succeeded", (l, call) -> l.settle(success(call))),
                row("dead", (l, call) -> l.settle(death(call))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("finished")
    void aCallThatIsOverStaysWhatItIs(String name, History history) {
        Call call = call();
        history.accept(ledger, call);
        CallStatus before = ledger.call(call.id()).orElseThrow();

        assertThat(ledger.cancel(call.id())).contains(new Cancelled(before, false));
        assertThat(ledger.call(call.id())).contains(before);
        assertThat(states()).isEqualTo(Map.of(name, 1L));
    }

    @Test
    void whoeverAsksForACallThatNeverWasLeavesNothing() {
        assertThat(ledger.cancel(CallId.random())).isEmpty();
        assertThat(ledger.remembered()).isZero();
    }

    @Test
    void aCancelThatCannotBeCommittedIsNotSeen() {
        Call call = call();
        ledger.accepted(call, null);
        ledger.database().disconnect();

        assertThatThrownBy(() -> ledger.cancel(call.id())).isInstanceOf(LedgerException.class);
        assertThat(ledger.call(call.id()).orElseThrow().state()).isEqualTo(CallState.QUEUED);
    }

    @Test
    void whatAnotherNodeHasCancelledIsSeenByWhoeverRunsIt() throws Exception {
        Call call = call();
        Call neighbour = call();
        ledger.begin(call, true);
        ledger.begin(neighbour, true);
        elsewhere(call.id(), "cancelled");

        assertThat(ledger.cancelledOf(List.of(call.id(), neighbour.id(), CallId.random())))
                .containsExactly(call.id());
        assertThat(ledger.call(call.id()).orElseThrow().state()).isEqualTo(CallState.CANCELLED);
        assertThat(ledger.settle(success(call))).isFalse();
        assertThat(ledger.settle(success(neighbour))).isTrue();
        assertThat(states()).isEqualTo(Map.of("cancelled", 1L, "succeeded", 1L));
    }

    @Test
    void anAnswerNeverOverwritesWhatAnotherNodeHasCancelledMeanwhile() throws Exception {
        Call call = call();
        Call neighbour = call();
        ledger.begin(call, true);
        ledger.begin(neighbour, true);
        elsewhere(call.id(), "cancelled");

        assertThat(ledger.settle(success(call))).isFalse();
        assertThat(ledger.settle(success(neighbour))).isTrue();
        assertThat(ledger.call(call.id()).orElseThrow().state()).isEqualTo(CallState.CANCELLED);
    }

    @Test
    void aCancelNeverOverwritesWhatAnotherNodeHasFinishedMeanwhile() throws Exception {
        Call call = call();
        ledger.begin(call, true);
        elsewhere(call.id(), "succeeded");

        assertThat(ledger.cancel(call.id())).get().returns(false, Cancelled::first);
        assertThat(ledger.call(call.id()).orElseThrow().state()).isEqualTo(CallState.SUCCEEDED);
    }

    @Test
    void aHundredCancelsAndAnswersAtOnceLeaveOneEndEach() throws Exception {
        for (int round = 0; round < 100; round++) {
            Call call = call();
            ledger.begin(call, false);
            var cancelling = new Thread(() -> ledger.cancel(call.id()));
            cancelling.start();

            boolean settled = ledger.settle(success(call));
            cancelling.join();

            assertThat(ledger.call(call.id()).orElseThrow().state())
                    .isEqualTo(settled ? CallState.SUCCEEDED : CallState.CANCELLED);
        }
        assertThat(states().values().stream().mapToLong(count -> count).sum()).isEqualTo(100);
    }

    private void elsewhere(CallId id, String state) throws SQLException {

        try (Connection connection = ledger.database().connection();
                PreparedStatement update =
                        connection.prepareStatement("UPDATE async_call SET state = ? WHERE call_id = ?")) {
            update.setString(1, state);
            update.setObject(2, CallKeys.key(id));
            assertThat(update.executeUpdate()).isEqualTo(1);
            connection.commit();
        }
    }

    private Map<String, Long> states() {
        var states = new TreeMap<String, Long>();
        ledger.counts().forEach((key, count) -> states.merge(key.state().word(), count, Long::sum));
        return states;
    }

    private static Arguments row(String name, History history) {
        return Arguments.of(name, history);
    }
}
