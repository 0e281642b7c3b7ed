package dev.caravan.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The Compose that is here: what {@code ./caravan verify} built, the plug-in of Docker's client, or {@code docker-compose}. */
public final class Compose {

    private static final Path BUILT = Path.of("target/tools/docker-compose");

    private Compose() {}

    /**
     * One for a file. Compose 1 does not know a project's {@code name} in the file, so it gets it by an option, and the
     * line is taken out of the file; all else it reads as it stands.
     *
     * @param file a copy, which may be changed
     */
    public static HostProgram of(Path file, Map<String, String> environment) throws IOException, InterruptedException {
        Optional<List<String>> found = find();
        Requirement.that(
                found.isPresent(),
                "SKIPPED: no Compose, so " + file.getFileName() + " was not run; Debian's package is docker-compose");
        List<String> command = new ArrayList<>(found.orElseThrow());
        if (new HostProgram(command, Map.of()).run("version", "--short").startsWith("1.")) {
            List<String> lines = Files.readAllLines(file);
            Files.write(
                    file,
                    lines.stream().filter(line -> !line.startsWith("name:")).toList());
            command.add("--project-name=caravan");
        }
        command.add("--file=" + file);
        return new HostProgram(command, environment);
    }

    private static Optional<List<String>> find() throws InterruptedException {
        if (Files.isExecutable(BUILT)) {
            return Optional.of(List.of(BUILT.toAbsolutePath().toString()));
        }
        Optional<Path> docker = HostProgram.find("docker");
        if (docker.isPresent()) {
            List<String> plugIn = List.of(docker.orElseThrow().toString(), "compose");
            try {
                new HostProgram(plugIn, Map.of()).run("version");
                return Optional.of(plugIn);
            } catch (IOException | AssertionError e) {
                // It has no such plug-in.
            }
        }
        return HostProgram.find("docker-compose").map(program -> List.of(program.toString()));
    }
}
