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
import dev.caravan.function.FunctionName;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class QueuePurgeTest {

    private static final String QUEUE = "faas-request";
    private static final FunctionName OTHER = new FunctionName("other", "openfaas-fn");

    @TempDir
    Path folder;

    private Ledger ledger;

    @BeforeEach
    void open() {
        ledger = new Ledger(folder, InstantSource.system());
        ledger.open();
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    private Call accepted() {
        Call call = call();
        ledger.accepted(call, null);
        return call;
    }

    private Call begun() {
        Call call = accepted();
        ledger.begin(call, false);
        return call;
    }

    private CallState state(Call call) {
        return ledger.call(call.id()).orElseThrow().state();
    }

    private long count(CallState state) {
        return ledger.counts().entrySet().stream()
                .filter(entry -> entry.getKey().state() == state)
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    @Test
    void whatWaitsIsCancelledAndWhatRunsOrIsOverStays() {
        Call queued = accepted();
        Call scheduled = call();
        ledger.accepted(scheduled, Calls.NOW.plusSeconds(60));
        Call retrying = begun();
        ledger.settle(retry(retrying));
        Call running = begun();
        Call succeeded = begun();
        ledger.settle(success(succeeded));
        Call dead = begun();
        ledger.settle(death(dead));

        int cancelled = ledger.purge().cancelWaiting(QUEUE, null);

        assertThat(cancelled).isEqualTo(3);
        assertThat(Stream.of(queued, scheduled, retrying, running, succeeded, dead)
                        .map(this::state))
                .containsExactly(
                        CallState.CANCELLED,
                        CallState.CANCELLED,
                        CallState.CANCELLED,
                        CallState.RUNNING,
                        CallState.SUCCEEDED,
                        CallState.DEAD);
        assertThat(ledger.settle(success(running))).isTrue();
        assertThat(ledger.purge().cancelWaiting(QUEUE, null)).isZero();
    }

    @Test
    void aCancelledCallsMessageIsADuplicate() {
        Call queued = accepted();
        Call retrying = begun();
        ledger.settle(retry(retrying));
        ledger.purge().cancelWaiting(QUEUE, null);

        for (Call call : List.of(queued, call(retrying.id(), 1, 2))) {
            assertThat(ledger.begin(call, false)).isInstanceOf(Position.Duplicate.class);
        }
    }

    @Test
    void onlyTheFunctionAndTheQueueThatAreMeant() {
        Call mine = accepted();
        Call others = call(CallId.random(), OTHER, 1, 1);
        ledger.accepted(others, null);

        assertThat(ledger.purge().cancelWaiting("another-queue", null)).isZero();
        assertThat(ledger.purge().cancelWaiting(QUEUE, OTHER)).isEqualTo(1);

        assertThat(state(mine)).isEqualTo(CallState.QUEUED);
        assertThat(state(others)).isEqualTo(CallState.CANCELLED);
    }

    @Test
    void thousandsThatAreStoredAndThousandsThatAreNotYetAreCancelledForGood() {
        for (int i = 0; i < 4_500; i++) {
            accepted();
        }
        ledger.close();
        open();
        for (int i = 0; i < 2_500; i++) {
            accepted();
        }

        int cancelled = ledger.purge().cancelWaiting(QUEUE, null);

        assertThat(cancelled).isEqualTo(7_000);
        assertThat(count(CallState.CANCELLED)).isEqualTo(7_000);
        assertThat(count(CallState.QUEUED)).isZero();
        ledger.close();
        open();
        assertThat(count(CallState.CANCELLED)).isEqualTo(7_000);
    }

    @Test
    void aMessageOfACallNobodyKnewIsAcceptedAndCancelled() {
        Call unknown = call();

        assertThat(ledger.purge().cancelFound(List.of(unknown, unknown))).isEmpty();

        assertThat(state(unknown)).isEqualTo(CallState.CANCELLED);
        assertThat(count(CallState.CANCELLED)).isEqualTo(1);
    }

    @Test
    void theMessageOfACallThatRunsOrIsJustReplayedStays() {
        Call running = begun();
        Call dead = begun();
        ledger.settle(death(dead));
        Call replayed = call(dead.id(), 2, 1);
        Call over = begun();
        ledger.settle(success(over));

        assertThat(ledger.purge().cancelFound(List.of(running, replayed, over)))
                .containsExactlyInAnyOrder(running.id(), dead.id());
        assertThat(state(running)).isEqualTo(CallState.RUNNING);
        assertThat(state(over)).isEqualTo(CallState.SUCCEEDED);
        assertThat(state(dead)).isEqualTo(CallState.DEAD);
    }

    @Test
    void withoutADatabaseNothingIsCancelled() {
        Call queued = accepted();
        ledger.database().disconnect();

        assertThatThrownBy(() -> ledger.purge().cancelWaiting(QUEUE, null)).isInstanceOf(LedgerException.class);

        assertThat(state(queued)).isEqualTo(CallState.QUEUED);
    }
}
