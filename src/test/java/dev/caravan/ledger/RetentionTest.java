package dev.caravan.ledger;

import static dev.caravan.ledger.Calls.NOW;
import static dev.caravan.ledger.Calls.call;
import static dev.caravan.ledger.Calls.death;
import static dev.caravan.ledger.Calls.retry;
import static dev.caravan.ledger.Calls.success;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.Call;
import dev.caravan.function.CallState;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is old goes, in time and in order, and is counted all the same. */
@Timeout(60)
class RetentionTest {

    private static final Retention.Limits LIMITS =
            new Retention.Limits(Duration.ofHours(48), Duration.ofHours(24), 1 << 20);

    @TempDir
    Path folder;

    private Instant now = NOW;
    private Ledger ledger;

    @BeforeEach
    void open() {
        ledger = new Ledger(folder, () -> now);
        ledger.open();
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    @Test
    void resultsGoByAgeAndTheirCallsStay() throws Exception {
        Call old = settled(100);
        now = NOW.plus(Duration.ofHours(25));
        Call young = settled(100);

        sweep(LIMITS);

        assertThat(ledger.result(old.id())).isEmpty();
        assertThat(ledger.call(old.id())).isPresent();
        assertThat(ledger.result(young.id())).isPresent();
    }

    @Test
    void whenThereAreTooManyBytesTheOldestResultsGoFirst() throws Exception {
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            now = now.plusSeconds(1);
            calls.add(settled(1_000));
        }
        Call without = call();
        ledger.settle(success(without).with(new CallResult(Map.of("X-A", List.of("b")), 0, CallResult.EMPTY.body())));

        sweep(new Retention.Limits(Duration.ofHours(48), Duration.ofHours(24), 3_500));

        for (int i = 0; i < 10; i++) {
            assertThat(ledger.result(calls.get(i).id()).isPresent())
                    .as("result %d", i)
                    .isEqualTo(i >= 7);
        }
        assertThat(ledger.result(without.id())).isPresent();
    }

    @Test
    void moreThanOneLotIsForgottenInOneSweep() throws Exception {
        for (int i = 0; i < 1_203; i++) {
            ledger.begin(call(), false);
        }
        ledger.calls(CallFilter.ALL, 1, null); // they are written by then, so that the others come after them
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            calls.add(settled(10));
        }
        now = NOW.plus(Duration.ofHours(49));

        sweep(LIMITS);

        assertThat(calls).allSatisfy(call -> assertThat(ledger.call(call.id())).isEmpty());
        assertThat(sum()).isEqualTo(1_206);
    }

    @Test
    void forgottenCallsAreCountedAsWhatTheyWereAlsoAfterARestart() throws Exception {
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            calls.add(settled(10));
        }
        Call unfinished = call();
        ledger.settle(retry(unfinished));
        Map<CountKey, Long> before = ledger.counts();
        now = NOW.plus(Duration.ofHours(49));

        sweep(LIMITS);

        assertThat(calls).allSatisfy(call -> {
            assertThat(ledger.call(call.id())).isEmpty();
            assertThat(ledger.attempts(call.id())).isEmpty();
            assertThat(ledger.result(call.id())).isEmpty();
        });
        assertThat(ledger.call(unfinished.id())).isPresent();
        assertThat(ledger.counts()).isEqualTo(before);
        Call later = settled(10);
        close();
        open();
        assertThat(sum()).isEqualTo(7);
        now = now.plus(Duration.ofHours(49));
        sweep(LIMITS);
        assertThat(ledger.call(later.id())).isEmpty();
        close();
        open();
        assertThat(sum()).isEqualTo(7);
        assertThat(ledger.counts())
                .containsEntry(new CountKey("faas-request", Calls.THUMBNAIL, CallState.SUCCEEDED), 6L);
    }

    @Test
    void aDeadCallStaysForAsLongAsItsLetter() throws Exception {
        Call dead = call();
        ledger.accepted(dead, null);
        ledger.begin(dead, false);
        ledger.settle(death(dead));
        now = NOW.plus(Duration.ofHours(49));

        sweep(LIMITS);
        assertThat(ledger.call(dead.id())).isPresent();

        ledger.remove(DeadLetter.idOf(dead.id(), 1));
        sweep(LIMITS);
        assertThat(ledger.call(dead.id())).isEmpty();
        assertThat(ledger.attempts(dead.id())).isEmpty();
        assertThat(sum()).isEqualTo(1);
    }

    /** Announced, run, answered with so many bytes, and out of the memory. */
    private Call settled(int bytes) {
        Call call = call();
        ledger.accepted(call, null);
        ledger.begin(call, false);
        ledger.settle(success(call).with(new CallResult(Map.of(), bytes, ByteBuffer.wrap(new byte[bytes]))));
        return call;
    }

    private void sweep(Retention.Limits limits) throws Exception {
        Retention retention = ledger.retention(limits);
        retention.sweep();
        retention.close();
    }

    private long sum() {
        return ledger.counts().values().stream().mapToLong(Long::longValue).sum();
    }
}
