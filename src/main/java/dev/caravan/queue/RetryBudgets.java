package dev.caravan.queue;

import dev.caravan.function.FunctionName;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Holds a function's retries to a share of its fresh calls, and {@value #FLOOR} a second besides. What is above is not
 * dropped but planned for later, in the broker, so that it does not stand in the queue before fresh calls. It is planned at
 * the rate of that moment: when the fresh calls stop, what was planned meanwhile goes on at that rate.
 */
public final class RetryBudgets {

    /** Retries a second that every function has. */
    static final int FLOOR = 10;

    /** Unused budget is kept for so long, and fresh calls are counted over that time, in seconds. */
    private static final double SPAN = 10;

    private final Function<FunctionName, Optional<Integer>> percents;
    private final LongSupplier nanos;
    private final ConcurrentMap<FunctionName, Budget> budgets = new ConcurrentHashMap<>();

    /**
     * @param percents of fresh calls that retries may be; empty for as many as there are
     * @param nanos time that passes evenly, as {@link System#nanoTime}
     */
    public RetryBudgets(Function<FunctionName, Optional<Integer>> percents, LongSupplier nanos) {
        this.percents = percents;
        this.nanos = nanos;
    }

    /** A function was given a call for the first time. */
    void fresh(FunctionName function) {
        percents.apply(function).ifPresent(percent -> budget(function).fresh(percent / 100.0, nanos.getAsLong()));
    }

    /** How long a retry is to wait besides {@code delay}, by which it is in order; zero within the budget. */
    Duration extra(FunctionName function) {
        return percents.apply(function)
                .map(percent -> budget(function).retry(percent / 100.0, nanos.getAsLong()))
                .orElse(Duration.ZERO);
    }

    private Budget budget(FunctionName function) {
        return budgets.computeIfAbsent(function, name -> new Budget(nanos.getAsLong()));
    }

    private static final class Budget {

        private double credit = FLOOR * SPAN;

        /** Fresh calls, those of longer ago counted less and less. */
        private double recent;

        private long countedAt;

        Budget(long now) {
            this.countedAt = now;
        }

        synchronized void fresh(double share, long now) {
            pass(now);
            recent += 1;
            credit = Math.min(most(share), credit + share);
        }

        synchronized Duration retry(double share, long now) {
            pass(now);
            credit = Math.min(most(share), credit) - 1;
            return credit >= 0 ? Duration.ZERO : Duration.ofMillis((long) (-credit * 1_000 / perSecond(share)));
        }

        private void pass(long now) {
            double seconds = Math.max(0, now - countedAt) / 1e9;
            countedAt = now;
            credit += FLOOR * seconds;
            recent *= Math.exp(-seconds / SPAN);
        }

        private double most(double share) {
            return perSecond(share) * SPAN;
        }

        private double perSecond(double share) {
            return FLOOR + share * recent / SPAN;
        }
    }
}
