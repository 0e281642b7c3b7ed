package dev.caravan.testing;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

/** What a test needs of the machine: without it the test is skipped and says so, or fails where all must run. */
public final class Requirement {

    private Requirement() {}

    /** @param why what it is for and how to get it */
    public static void that(boolean met, String why) {
        if (met) {
            return;
        }
        if ("true".equals(System.getenv("VERIFY_REQUIRE_ALL"))) {
            fail(why);
        }
        abort(why);
    }
}
