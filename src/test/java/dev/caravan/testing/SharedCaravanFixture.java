package dev.caravan.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * One Caravan for all tests of a class, which may kill it: starting one takes longer than most tests. Each has functions
 * and traces of its own, and leaves no call that is not over.
 */
public abstract class SharedCaravanFixture extends CaravanFixture {

    private static final AtomicInteger TESTS = new AtomicInteger();

    @TempDir
    protected static Path folder;

    private static @Nullable CaravanProcess running;

    @BeforeEach
    final void join() throws Exception {
        CaravanProcess process = running;
        if (process == null) {
            process = CaravanProcess.start(folder, settings());
            running = process;
        } else if (!process.running()) {
            process.restart();
        }
        begin(process, folder.resolve("effects-" + TESTS.incrementAndGet()));
    }

    /** What is deployed is started again with each restart. */
    @AfterEach
    final void leave() throws Exception {
        if (caravan.running()) {
            for (JsonNode function : caravan.get("/system/functions")) {
                caravan.delete(function.path("name").asText());
            }
        }
    }

    @AfterAll
    static void end() {
        if (running != null) {
            running.close();
            running = null;
        }
    }
}
