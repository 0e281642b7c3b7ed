package dev.caravan.ledger;

import java.time.Instant;

/**
 * A place of the console that somebody has given a name, for all.
 *
 * @param place behind the console's address, from its {@code #} on
 * @param savedBy empty when nobody is asked who it is
 */
public record SharedView(String name, String place, String savedBy, Instant savedAt) {

    /** In characters. */
    public static final int LONGEST_NAME = 60;

    /** In characters. */
    public static final int LONGEST_PLACE = 2_000;
}
