package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.CallState;
import dev.caravan.testing.CaravanProcessFixture;
import dev.caravan.testing.Requirement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The machine's clock is moved while calls run, wait and are retried: by an hour forward, and back by two. Nothing is
 * lost, nothing expires that has a day, and delays end.
 */
class ClockJumpIT extends CaravanProcessFixture {

    /** Where Debian has it, below the folder of the machine's architecture. */
    private static final String LIBRARY = "faketime/libfaketimeMT.so.1";

    private Path offset() {
        return folder.resolve("offset");
    }

    @Override
    protected Map<String, String> settings() throws Exception {
        Optional<Path> library = library();
        Requirement.that(library.isPresent(), "libfaketime moves the clock; install the package libfaketime");
        Files.writeString(offset(), "+0");
        return Map.of(
                "LD_PRELOAD", library.orElseThrow().toString(),
                "FAKETIME_TIMESTAMP_FILE", offset().toString(),
                "FAKETIME_CACHE_DURATION", "1",
                // What measures time, rather than telling it, is not moved: nor does a system's clock change that.
                "FAKETIME_DONT_FAKE_MONOTONIC", "1",
                "FAKETIME_FORCE_MONOTONIC_FIX", "0");
    }

    private static Optional<Path> library() throws IOException {
        try (Stream<Path> folders = Files.list(Path.of("/usr/lib"))) {
            return folders.map(each -> each.resolve(LIBRARY))
                    .filter(Files::exists)
                    .findFirst();
        }
    }

    @Test
    void callsSurviveAClockThatJumpsForwardAndBack() throws Exception {
        deploy("flaky", Map.of("com.openfaas.retry.min_wait", "1s"));
        List<String> before = callers.accepted(60, number -> call("flaky", "?fails=1&after=2"));
        slowly().until(() -> effects.size() >= 30);

        Files.writeString(offset(), "+3600");
        List<String> ahead = callers.accepted(60, number -> call("flaky", "?fails=1&after=2"));
        awaitCalls(Map.of("succeeded", 120L));
        List<String> delayed = callers.accepted(20, number -> call("flaky", "").header("X-Delay", "2s"));
        Files.writeString(offset(), "-3600");
        List<String> behind = callers.accepted(60, number -> call("flaky", ""));

        slowly().untilAsserted(() -> assertThat(effects.ended()).containsKeys(behind.toArray(String[]::new)));
        Files.writeString(offset(), "+3600"); // what was delayed while it was ahead is due when that time comes again
        awaitCalls(Map.of("succeeded", 200L));
        assertThat(effects.ended().keySet())
                .containsAll(before)
                .containsAll(ahead)
                .containsAll(delayed);
        assertThat(caravan.get("/system/dead-letters").path("total").asInt()).isZero();
        assertStates(delayed, CallState.SUCCEEDED);
    }
}
