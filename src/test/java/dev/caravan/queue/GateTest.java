package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.config.PolicySettings;
import dev.caravan.function.CallId;
import dev.caravan.function.FunctionName;
import dev.caravan.queue.Admission.Reason;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GateTest {

    private static final CallId CALL = CallId.random();

    private final AtomicLong now = new AtomicLong();
    private volatile Limits limits = Limits.NONE;
    private final Gate gate = new Gate(new FunctionName("f", "ns"), () -> limits, now::get);
    private final ExecutorService executor = Executors.newCachedThreadPool();

    @AfterEach
    void close() {
        executor.shutdownNow();
    }

    /** @param annotations as {@code rate=10/s}; no setting adds to them */
    static Limits limits(String... annotations) {
        Map<String, String> all = Arrays.stream(annotations)
                .collect(Collectors.toMap(
                        text -> "dev.caravan." + text.substring(0, text.indexOf('=')),
                        text -> text.substring(text.indexOf('=') + 1)));
        var none = new PolicySettings(Optional.empty(), Optional.empty(), false, Optional.empty(), Optional.empty(), 0);
        return Limits.of(
                new Annotations(all, (annotation, value) -> {
                    throw new AssertionError(annotation + " cannot be " + value);
                }),
                none);
    }

    private void limit(String... annotations) {
        limits = limits(annotations);
    }

    /** Whether a call is let in at once. */
    private boolean enters() {
        var asked = new AtomicBoolean();
        return gate.enter(() -> !asked.getAndSet(true));
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private void fail() {
        assertThat(enters()).isTrue();
        gate.failed(CALL);
        gate.leave();
    }

    @Test
    void withoutLimitsEverybodyGetsIn() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(enters()).isTrue();
        }
        assertThat(gate.limit()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void whoLeavesLetsTheNextIn() throws Exception {
        limit("concurrency=1");
        assertThat(enters()).isTrue();
        Future<Boolean> next = executor.submit(() -> gate.enter(() -> true));
        await().until(() -> gate.heldBy() == Reason.CONCURRENCY);

        gate.leave();

        assertThat(next.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(gate.heldBy()).isNull();
        assertThat(gate.limit()).isEqualTo(1);
    }

    @Test
    void whoIsToGoIsWoken() throws Exception {
        limit("concurrency=1");
        assertThat(enters()).isTrue();
        var stay = new AtomicBoolean(true);
        Future<Boolean> waiting = executor.submit(() -> gate.enter(stay::get));
        await().until(() -> gate.heldBy() != null);

        stay.set(false);
        gate.wake();

        assertThat(waiting.get(10, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void aRaisedLimitIsHeededByWhoWaits() throws Exception {
        limit("concurrency=1");
        assertThat(enters()).isTrue();
        Future<Boolean> first = executor.submit(() -> gate.enter(() -> true));
        Future<Boolean> second = executor.submit(() -> gate.enter(() -> true));
        await().until(() -> gate.heldBy() != null);

        limit("concurrency=3");

        assertThat(first.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(second.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aCallThatWasNotGivenToTheFunctionCostsNoToken() {
        limit("rate=1/h", "burst=1");
        assertThat(enters()).isTrue();
        gate.leave();
        assertThat(enters()).isTrue();
        gate.worked(CALL);
        gate.leave();

        assertThat(enters()).isFalse();
    }

    @Test
    void theBreakerOpensAfterItsWindowAndLetsOneProbe() {
        limit("breaker=50%/4/10s");
        fail();
        fail();
        fail();
        assertThat(gate.limit()).isEqualTo(Integer.MAX_VALUE);
        fail();

        assertThat(enters()).isFalse();
        assertThat(gate.limit()).isEqualTo(1);
        pass(Duration.ofSeconds(9));
        assertThat(enters()).isFalse();
        pass(Duration.ofSeconds(2));
        assertThat(enters()).isTrue();
        assertThat(enters()).as("a second probe").isFalse();

        gate.worked(CALL);
        gate.leave();
        assertThat(enters()).isTrue();
        assertThat(enters()).isTrue();
    }

    @Test
    void aProbeThatFailsOpensItAgain() {
        limit("breaker=50%/1/10s");
        fail();
        pass(Duration.ofSeconds(11));
        fail();

        assertThat(enters()).isFalse();
        pass(Duration.ofSeconds(11));
        assertThat(enters()).isTrue();
    }

    @Test
    void aProbeThatNeverReachedTheFunctionLeavesItsPlaceToTheNext() {
        limit("breaker=50%/1/10s");
        fail();
        pass(Duration.ofSeconds(11));
        assertThat(enters()).isTrue();
        gate.leave();

        assertThat(enters()).isTrue();
    }

    @Test
    void fewFailuresLeaveItClosed() {
        limit("breaker=50%/10/10s");
        for (int i = 0; i < 100; i++) {
            assertThat(enters()).isTrue();
            if (i % 3 == 0) {
                gate.failed(CALL);
            } else {
                gate.worked(CALL);
            }
            gate.leave();
        }
        assertThat(enters()).isTrue();
    }

    @Test
    void anOpenBreakerIsForgottenWithItsAnnotation() {
        limit("breaker=50%/1/1h");
        fail();
        assertThat(enters()).isFalse();

        limit();

        assertThat(enters()).isTrue();
    }

    @Test
    void aPushBackLowersTheLimitAndIsNoFailure() {
        limit("adaptive=true", "breaker=50%/1/1h");
        for (int i = 0; i < 8; i++) {
            assertThat(enters()).isTrue();
        }

        assertThat(gate.pushedBack(CALL, Duration.ZERO, Optional.empty())).isTrue();
        gate.leave();

        assertThat(gate.limit()).isEqualTo(4);
        pass(Duration.ofSeconds(1));
        assertThat(enters()).isFalse();
        for (int i = 0; i < 4; i++) {
            gate.leave();
        }
        assertThat(enters()).isTrue();
    }

    @Test
    void withoutAdaptiveAPushBackIsAFailure() {
        assertThat(enters()).isTrue();

        assertThat(gate.pushedBack(CALL, Duration.ZERO, Optional.empty())).isFalse();
    }
}
