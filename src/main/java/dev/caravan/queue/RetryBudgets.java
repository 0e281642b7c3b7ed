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
 * dropped but waits in the broker, where it does not stand in the queue before fresh calls.
 *
 * <p>It is looked at twice. When a call fails, its retry is planned at the rate of that moment, so that as a rule no more
 * fall due than may run. When it falls due it is decided whether it runs: fresh calls may have become fewer, or the
 * process another, and then it is put off.
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
                .map(percent -> budget(function).plan(percent / 100.0, nanos.getAsLong()))
                .orElse(Duration.ZERO);
    }

    /** How long a retry that is due is to be put off; zero for one that may run, and is counted. */
    Duration early(FunctionName function) {
        return percents.apply(function)
                .map(percent -> budget(function).early(percent / 100.0, nanos.getAsLong()))
                .orElse(Duration.ZERO);
    }

    /** A retry that might have run, did not. */
    void giveBack(FunctionName function) {
        percents.apply(function).ifPresent(percent -> budget(function).giveBack());
    }

    private Budget budget(FunctionName function) {
        return budgets.computeIfAbsent(function, name -> new Budget(nanos.getAsLong()));
    }

    private static final class Budget {

        /** Retries that might run now. */
        private double credit = FLOOR * SPAN;

        /** The same when all that are planned have run: negative by as many as have yet to be earned. */
        private double unplanned = FLOOR * SPAN;

        /** Those that were put off and whose turn has yet to come. */
        private double putOff;

        /** Fresh calls, those of longer ago counted less and less. */
        private double recent;

        private long countedAt;

        Budget(long now) {
            this.countedAt = now;
        }

        synchronized void fresh(double share, long now) {
            pass(share, now);
            recent += 1;
            earn(share, share);
        }

        synchronized Duration plan(double share, long now) {
            pass(share, now);
            unplanned -= 1;
            return unplanned >= 0 ? Duration.ZERO : turn(-unplanned, share);
        }

        /** It was planned already: put off, it is the same one. */
        synchronized Duration early(double share, long now) {
            pass(share, now);
            if (credit > 0) {
                credit -= 1;
                return Duration.ZERO;
            }
            putOff += 1;
            return turn(putOff, share);
        }

        synchronized void giveBack() {
            credit += 1;
        }

        private void pass(double share, long now) {
            double seconds = Math.max(0, now - countedAt) / 1e9;
            countedAt = now;
            recent *= Math.exp(-seconds / SPAN);
            earn(FLOOR * seconds, share);
        }

        private void earn(double retries, double share) {
            double most = perSecond(share) * SPAN;
            credit = Math.min(most, credit + retries);
            unplanned = Math.min(most, unplanned + retries);
            putOff = Math.max(0, putOff - retries);
        }

        /** When the last of so many is due, one after the other. At least a nanosecond, or it would be due now. */
        private Duration turn(double waiting, double share) {
            return Duration.ofNanos((long) (waiting * 1e9 / perSecond(share)) + 1);
        }

        private double perSecond(double share) {
            return FLOOR + share * recent / SPAN;
        }
    }
}
