package dev.caravan.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.TestServer;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The official command line client, with a home folder of its own. */
final class FaasCli {

    /** Where {@code ./caravan verify} puts one that it could build. */
    private static final Path BUILT = Path.of("target/tools/faas-cli");

    /** How a command ended. */
    record Result(int code, String output) {}

    private final Path program;
    private final Path home;
    private final TestServer server;

    FaasCli(Path program, Path home, TestServer server) {
        this.program = program;
        this.home = home;
        this.server = server;
    }

    /** The program on the {@code PATH}, or the one that was built. */
    static Optional<Path> find() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.concat(
                        Arrays.stream(path.split(File.pathSeparator)).map(folder -> Path.of(folder, "faas-cli")),
                        Stream.of(BUILT))
                .filter(Files::isExecutable)
                .map(Path::toAbsolutePath)
                .findFirst();
    }

    /** Runs a command that must succeed. @return what it printed */
    String run(String... arguments) throws Exception {
        return run("", arguments);
    }

    String run(String input, String[] arguments) throws Exception {
        Result result = result(input, arguments);
        assertThat(result.code())
                .as("faas-cli %s: %s", String.join(" ", arguments), result.output())
                .isZero();
        return result.output();
    }

    /** Runs a command against the server, however it ends. */
    Result result(String input, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--gateway", server.url("")));
        Path output = Files.createTempFile(home, "output", null);
        Path given = Files.createTempFile(home, "input", null);
        Files.writeString(given, input);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectInput(given.toFile())
                .redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("OPENFAAS"));
        builder.environment().put("HOME", home.toString());
        Process process = builder.start();
        try {
            assertThat(process.waitFor(90, TimeUnit.SECONDS)).as("it ends").isTrue();
            return new Result(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            process.destroyForcibly();
        }
    }
}
