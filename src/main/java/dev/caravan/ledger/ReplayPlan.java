package dev.caravan.ledger;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a bulk replay is to go.
 *
 * @param ratePerSecond letters per second; 0 for as fast as they can be sent
 * @param stopAtFailureRate it stops when this share of what it replayed has failed again, 0 to 1; 0 for never
 * @param canaries its stages, each larger than the one before: so many are replayed, and no more until so many have
 *     succeeded; all others follow the last. Empty for all at once
 * @param maxInFlight no more than so many of its calls are under way at once; 0 for any number
 * @param startAt nothing is replayed before; null for at once
 * @param skipReplayed whether letters are refused that have been replayed before
 * @param forced whether letters are replayed that have been replayed too often
 */
public record ReplayPlan(
        double ratePerSecond,
        double stopAtFailureRate,
        List<Integer> canaries,
        int maxInFlight,
        @Nullable Instant startAt,
        boolean skipReplayed,
        boolean forced) {

    /** All at once, whatever becomes of them. */
    public static final ReplayPlan AT_ONCE = new ReplayPlan(0, 0, List.of(), 0, null, false, false);

    public ReplayPlan {
        canaries = List.copyOf(canaries);
    }

    /**
     * A letter that has been replayed so often is refused.
     *
     * @param limit of a plan that says nothing about it
     */
    public int refusedFrom(int limit) {
        if (skipReplayed) {
            return 1;
        }
        return forced ? Integer.MAX_VALUE : limit;
    }
}
