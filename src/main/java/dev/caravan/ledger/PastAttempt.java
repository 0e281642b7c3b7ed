package dev.caravan.ledger;

import dev.caravan.function.Attempt;

/**
 * An attempt whose end is known.
 *
 * @param generation 1, and one more for each replay before it
 */
public record PastAttempt(int generation, Attempt attempt) {}
