package dev.caravan.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** ah-resque-ui, a dashboard for Resque that others wrote, on a Redis: it knows nothing of Caravan. */
public final class ResqueUi implements AutoCloseable {

    /** Where the launcher's {@code verify} installs it. */
    private static final Path MODULES = Path.of("target/tools/resque-ui/node_modules");

    private static final Path DASHBOARD = Path.of("src/test/resque-ui/dashboard.js");
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final int port = CaravanProcess.freePort();
    private final Process process;

    private ResqueUi(Path folder, RedisServer redis) throws IOException {
        Path output = Files.createDirectories(folder).resolve("output");
        var builder = new ProcessBuilder("node", DASHBOARD.toAbsolutePath().toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("NODE_PATH", MODULES.toAbsolutePath().toString());
        builder.environment().put("PORT", Integer.toString(port));
        builder.environment().put("REDIS_PORT", Integer.toString(redis.port()));
        process = builder.start();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(NodeResque.lines(output)).contains("ready"));
    }

    /**
     * Skips the test where it is not installed; fails it when {@code VERIFY_REQUIRE_ALL=true}.
     *
     * @param folder for what it writes
     */
    public static ResqueUi start(Path folder, RedisServer redis) {
        Requirement.that(
                Files.isDirectory(MODULES.resolve("ah-resque-ui")),
                "SKIPPED: no ah-resque-ui in " + MODULES
                        + ", so no dashboard of others looked at what Caravan writes; ./caravan verify installs it,"
                        + " with Node and npm");
        try {
            return new ResqueUi(folder, redis);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where a page of it is. @param page as {@code workers} */
    public String url(String page) {
        return "http://127.0.0.1:" + port + "/resque/#/" + page;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
