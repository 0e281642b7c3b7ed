package dev.caravan.ledger;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * How many letters died when.
 *
 * @param from when the first step began
 * @param step how long each lasts: as short as it can be without being too many
 * @param counts one for each step, up to the last in which any died; empty when there are no letters
 */
public record DeathCounts(Instant from, Duration step, List<Long> counts) {

    public DeathCounts {
        counts = List.copyOf(counts);
    }
}
