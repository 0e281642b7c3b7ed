package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.FunctionName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
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

    /** A retry runs when it is due, or is put off; it fails, and is planned again. */
    private final class Storm {

        private static final int FRESH = 10_000;

        private final PriorityQueue<Long> fresh = new PriorityQueue<>();
        private final PriorityQueue<Long> due = new PriorityQueue<>();
        private final List<Double> ran = new ArrayList<>();
        private int putOff;

        /** For twenty seconds 500 calls come each second, and none ever succeeds. */
        Storm() {
            for (int i = 0; i < FRESH; i++) {
                fresh.add(TimeUnit.SECONDS.toNanos(1) / 500 * i);
            }
        }

        void rageUntil(Duration end) {
            while (Math.min(head(fresh), head(due)) < end.toNanos()) {
                if (head(fresh) <= head(due)) {
                    now.set(fresh.remove());
                    budgets.fresh(F);
                    plan();
                } else {
                    now.set(due.remove());
                    attempt();
                }
            }
        }

        private void attempt() {
            Duration early = budgets.early(F);
            if (early.isZero()) {
                ran.add(now.get() / 1e9);
                plan();
            } else {
                putOff++;
                due.add(now.get() + early.toNanos());
            }
        }

        private void plan() {
            due.add(now.get() + TimeUnit.SECONDS.toNanos(1) + budgets.extra(F).toNanos());
        }

        private static long head(PriorityQueue<Long> times) {
            return times.isEmpty() ? Long.MAX_VALUE : times.element();
        }

        long ranIn(int fromSecond, int toSecond) {
            return ran.stream().filter(at -> at >= fromSecond && at < toSecond).count();
        }
    }

    @Test
    void whenABurstOfTenThousandFailuresEndsItsRetriesFallToTheFloorAndNoneIsLost() {
        var storm = new Storm();

        storm.rageUntil(Duration.ofMinutes(20));

        for (int minute = 1; minute <= 20; minute++) {
            assertThat(storm.ranIn(0, minute * 60))
                    .as("retries until minute %d", minute)
                    .isLessThanOrEqualTo((long) (101 + 0.2 * Storm.FRESH + 10 * 60 * minute));
        }
        for (int minute = 2; minute < 20; minute++) {
            assertThat(storm.ranIn(minute * 60, minute * 60 + 60))
                    .as("retries in minute %d", minute)
                    .isBetween(540L, 660L);
        }
        assertThat(storm.due).as("calls that wait for their next retry").hasSize(Storm.FRESH);
        assertThat(storm.putOff).as("ways through the broker for nothing").isLessThan(2 * Storm.FRESH);
    }

    @Test
    void aRetryThatIsDueIsCountedWhenItRuns() {
        for (int i = 0; i < 100; i++) {
            assertThat(budgets.early(F)).isZero();
        }
        assertThat(budgets.early(F)).as("first in the line").isBetween(Duration.ofMillis(99), Duration.ofMillis(101));
        assertThat(budgets.early(F)).as("second in the line").isBetween(Duration.ofMillis(199), Duration.ofMillis(201));

        pass(Duration.ofMillis(250));
        assertThat(budgets.early(F)).isZero();
    }

    @Test
    void whatDidNotRunAfterAllIsGivenBack() {
        for (int i = 0; i < 100; i++) {
            budgets.early(F);
        }
        budgets.giveBack(F);

        assertThat(budgets.early(F)).isZero();
        assertThat(budgets.early(F)).isPositive();
    }

    @Test
    void aFunctionWithoutABudgetHasAsManyAsItLikes() {
        var unlimited = new RetryBudgets(function -> Optional.empty(), now::get);
        for (int i = 0; i < 1_000; i++) {
            assertThat(unlimited.extra(F)).isZero();
            assertThat(unlimited.early(F)).isZero();
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
