package dev.caravan.ledger;

import dev.caravan.function.Attempt;
import org.jspecify.annotations.Nullable;

/**
 * An attempt whose end is known.
 *
 * @param generation 1, and one more for each replay before it
 * @param worker the node that ran it; null when that was not noted yet
 */
public record PastAttempt(
        int generation, Attempt attempt, @Nullable String worker) {}
