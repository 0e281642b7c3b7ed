package dev.caravan.docs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A shell as a reader has it open: what one command sets, the next one knows. */
final class Shell implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 60;

    /** What a command printed on both streams, and how it ended. */
    record Result(String output, int exit) {}

    private final String mark = "end-" + UUID.randomUUID();
    private final Process bash;
    private final BufferedReader output;
    private final Writer input;

    Shell(Path folder, Map<String, String> environment) throws IOException {
        var builder = new ProcessBuilder("bash").directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        bash = builder.start();
        output = bash.inputReader(UTF_8);
        input = bash.outputWriter(UTF_8);
    }

    Result run(String command) throws IOException, InterruptedException {
        input.write("{\n" + command + "\n} </dev/null\nprintf '\\n%s %d\\n' " + mark + " $?\n");
        input.flush();
        try {
            return CompletableFuture.supplyAsync(this::untilMark).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(command, e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("no end after " + PATIENCE_SECONDS + " s: " + command, e);
        }
    }

    private Result untilMark() {
        try {
            var text = new StringBuilder();
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith(mark)) {
                    return new Result(text.toString().strip(), Integer.parseInt(line.substring(mark.length() + 1)));
                }
                text.append(line).append('\n');
            }
            throw new AssertionError("the shell ended: " + text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        bash.destroy();
    }
}
