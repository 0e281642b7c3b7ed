package dev.caravan.watchdog;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Finds programs the way {@code execvp} does, so that a missing one can be told before a process is made for it. */
final class Executables {

    private Executables() {}

    /** @param path a {@code PATH}; its relative entries, like a relative {@code program}, start at {@code directory} */
    static Optional<Path> find(String program, String path, Path directory) {
        try {
            if (program.contains("/")) {
                return Optional.of(directory.resolve(program)).filter(Executables::canRun);
            }
            for (String folder : path.split(":")) {
                Path candidate = directory.resolve(folder).resolve(program);
                if (!program.isEmpty() && canRun(candidate)) {
                    return Optional.of(candidate);
                }
            }
            return Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty(); // no file can have that name
        }
    }

    private static boolean canRun(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }
}
