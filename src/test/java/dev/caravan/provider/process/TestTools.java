package dev.caravan.provider.process;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Programs that a test needs and a machine may lack. */
final class TestTools {

    private TestTools() {}

    /** Skips the test when the program is not there; fails it when {@code VERIFY_REQUIRE_ALL=true}. */
    static void require(String program) {
        boolean there = Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
        if (there) {
            return;
        }
        String reason = program + " is not installed, so functions that need it were not tried";
        if ("true".equals(System.getenv("VERIFY_REQUIRE_ALL"))) {
            fail(reason);
        }
        abort(reason);
    }
}
