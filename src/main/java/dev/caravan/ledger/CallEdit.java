package dev.caravan.ledger;

import java.time.Instant;

/**
 * What was different about the replay of a call.
 *
 * @param generation the one that went out edited
 * @param before JSON: the request of the generation before, to look at; the ledger does not read it
 * @param after the same of this generation
 */
public record CallEdit(int generation, Instant at, String before, String after) {}
