package dev.caravan.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** node-resque, the real one, in processes of its own: producers, workers and schedulers on a Redis. */
public final class NodeResque implements AutoCloseable {

    /** Where the launcher's {@code verify} installs it. */
    private static final Path MODULES = Path.of("target/tools/node-resque/node_modules");

    private static final Path PEER = Path.of("src/test/node-resque/peer.js");
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Path folder;
    private final int port;
    private final List<Process> processes = new ArrayList<>();

    /**
     * Skips the test where it is not installed; fails it when {@code VERIFY_REQUIRE_ALL=true}.
     *
     * @param folder for what its processes print
     */
    public NodeResque(Path folder, RedisServer redis) {
        Requirement.that(
                Files.isDirectory(MODULES.resolve("node-resque")),
                "SKIPPED: no node-resque in " + MODULES
                        + ", so nothing was tried beside it; ./caravan verify installs it," + " with Node and npm");
        this.folder = folder;
        this.port = redis.port();
    }

    /** Jobs numbered from one number to another. @param more nothing, or in how many milliseconds they are due */
    public void enqueue(String queue, String className, int from, int to, String... more) {
        List<String> words = new ArrayList<>(List.of("enqueue", queue, className, "" + from, "" + to));
        words.addAll(List.of(more));
        Path output = start(words);
        Process producer = processes.get(processes.size() - 1);
        try {
            assertThat(producer.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        assertThat(producer.exitValue()).as(lines(output).toString()).isZero();
    }

    /** A worker that is ready; gives the file of what it does. */
    public Path worker(String queues) {
        return ready(start(List.of("work", queues)));
    }

    /** A scheduler that is ready. */
    public Path scheduler() {
        return ready(start(List.of("schedule")));
    }

    private static Path ready(Path output) {
        await().atMost(PATIENCE).until(() -> lines(output).contains("ready"));
        return output;
    }

    private Path start(List<String> words) {
        List<String> command = new ArrayList<>(List.of("node", PEER.toString(), Integer.toString(port)));
        command.addAll(words);
        Path output = folder.resolve("node-" + processes.size());
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("NODE_PATH", MODULES.toAbsolutePath().toString());
        try {
            processes.add(builder.start());
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        for (Process process : processes) {
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
}
