package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.FunctionName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RetryBudgetsTest {

    private static final FunctionName F = new FunctionName("f", "ns");

    private final AtomicLong now = new AtomicLong();
    private final RetryBudgets budgets = new RetryBudgets(function -> Optional.of(20), now::get);

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    @Test
    void aFewRetriesAreFree() {
        for (int i = 0; i < 100; i++) {
            assertThat(budgets.extra(F)).isZero();
        }
        assertThat(budgets.extra(F)).isPositive();
    }

    @Test
    void aStormOfRetriesIsSpreadAtTenASecondWhenNothingElseComes() {
        Duration last = Duration.ZERO;
        for (int i = 0; i < 10_100; i++) {
            last = budgets.extra(F);
        }

        assertThat(last).isBetween(Duration.ofSeconds(995), Duration.ofSeconds(1_005));
    }

    @Test
    void retriesFallDueAtTheFloorAndTheirShareOfFreshCalls() {
        var due = new ArrayList<Double>();
        for (int i = 0; i < 60_000; i++) { // 500 a second for two minutes, each of which fails
            budgets.fresh(F);
            due.add(now.get() / 1e9 + budgets.extra(F).toMillis() / 1e3);
            pass(Duration.ofNanos(TimeUnit.SECONDS.toNanos(1) / 500));
        }

        // What was planned once the fresh calls had been seen for a while.
        long inAMinute = due.stream().filter(at -> at >= 200 && at < 260).count();
        assertThat(inAMinute / 60.0).as("retries a second").isBetween(104.0, 116.0);
    }

    @Test
    void aFunctionWithoutABudgetHasAsManyAsItLikes() {
        var unlimited = new RetryBudgets(function -> Optional.empty(), now::get);
        for (int i = 0; i < 1_000; i++) {
            assertThat(unlimited.extra(F)).isZero();
        }
    }

    @Test
    void oneFunctionsStormCostsAnotherNothing() {
        for (int i = 0; i < 1_000; i++) {
            budgets.extra(F);
        }

        assertThat(budgets.extra(new FunctionName("g", "ns"))).isZero();
    }

    @Test
    void theBudgetComesBackWithTime() {
        for (int i = 0; i < 200; i++) {
            budgets.extra(F);
        }
        pass(Duration.ofSeconds(11));

        assertThat(budgets.extra(F)).isZero();
    }
}
