package dev.caravan.testing;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program of this machine that is run for what it prints. */
public final class HostProgram {

    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final List<String> command;
    private final Map<String, String> environment;

    /** @param environment besides this process's own */
    public HostProgram(List<String> command, Map<String, String> environment) {
        this.command = List.copyOf(command);
        this.environment = Map.copyOf(environment);
    }

    /** A program on the {@code PATH}, or where the system's administrator has them. */
    public static Optional<Path> find(String name) {
        return Stream.concat(
                        Arrays.stream(System.getenv("PATH").split(File.pathSeparator)),
                        Stream.of("/usr/local/bin", "/usr/sbin", "/sbin"))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** The same, where nothing can be tested without it. @param debian the package that has it */
    public static String require(String name, String debian) {
        Optional<Path> program = find(name);
        Requirement.that(program.isPresent(), "SKIPPED: no " + name + "; Debian's package is " + debian);
        return program.orElseThrow().toString();
    }

    /** Runs it; it must succeed. @return what it printed, without white space around it */
    public String run(String... arguments) throws IOException, InterruptedException {
        Path output = Files.createTempFile("caravan-program", ".out");
        Path errors = Files.createTempFile("caravan-program", ".err");
        try {
            List<String> all = new ArrayList<>(command);
            all.addAll(Arrays.asList(arguments));
            ProcessBuilder builder =
                    new ProcessBuilder(all).redirectOutput(output.toFile()).redirectError(errors.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(String.join(" ", all) + " does not end: " + Files.readString(errors));
            }
            String said = Files.readString(output).strip();
            if (process.exitValue() != 0) {
                throw new AssertionError(String.join(" ", all) + ": " + process.exitValue() + " " + said + " "
                        + Files.readString(errors));
            }
            return said;
        } finally {
            Files.delete(output);
            Files.delete(errors);
        }
    }
}
