package dev.caravan.build;

import dev.caravan.function.FunctionName;
import dev.caravan.provider.BuiltFolders;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.ProviderException.Code;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Where functions are processes of this machine: each is a folder, in which its command runs. */
final class FolderWorkshop implements Workshop {

    private static final int LONGEST_LINE = 1_000;
    private static final int LAST_LINES = 3;

    private final BuiltFolders folders;
    private final Map<String, String> environment;
    private final Duration limit;

    /**
     * @param environment of what builds a function
     * @param limit how long that may take
     */
    FolderWorkshop(BuiltFolders folders, Map<String, String> environment, Duration limit) {
        this.folders = folders;
        this.environment = Map.copyOf(environment);
        this.limit = limit;
    }

    @Override
    public Made make(
            FunctionName function, String revision, Template template, List<SourceFile> files, Consumer<String> log) {
        if (template.isAllTheUsers()) {
            throw new ProviderException(
                    Code.INVALID,
                    "language " + template.language()
                            + " needs a container engine (CARAVAN_PROVIDER=docker): functions are processes here");
        }
        template.needs().forEach(this::requireProgram);
        String image = BuiltFolders.image(function, revision);
        Path folder = folders.folder(image).orElseThrow();
        boolean made = false;
        try {
            write(folder, files);
            int steps = template.hasBuildScript() ? 2 : 1;
            log.accept("Step 1/" + steps + " : unpacked " + files.size() + " files");
            if (template.hasBuildScript()) {
                log.accept("Step 2/2 : sh " + Template.BUILD_SCRIPT);
                runScript(folder, log);
            }
            made = true;
            return new Made(image, template.command(), template.environment());
        } catch (IOException e) {
            throw new ProviderException(Code.UNAVAILABLE, "cannot write the function: " + e.getMessage(), e);
        } finally {
            if (!made) {
                discard(image);
            }
        }
    }

    private void requireProgram(String program) {
        boolean there = Stream.of(environment.getOrDefault("PATH", "").split(":"))
                .filter(place -> !place.isEmpty())
                .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
        if (!there) {
            throw new ProviderException(
                    Code.INVALID, "\"" + program + "\" is not on the PATH of this machine, and the language needs it");
        }
    }

    private static void write(Path folder, List<SourceFile> files) throws IOException {
        for (SourceFile file : files) {
            Path path = folder.resolve(file.name()).normalize();
            if (!path.startsWith(folder)) {
                throw new IOException("\"" + file.name() + "\" leads out of its folder");
            }
            Files.createDirectories(path.getParent());
            Files.write(path, file.content());
            if (file.executable() && !path.toFile().setExecutable(true, false)) {
                throw new IOException("\"" + file.name() + "\" cannot be made executable");
            }
        }
    }

    private void runScript(Path folder, Consumer<String> log) throws IOException {
        Path output = Files.createTempFile(folder, "build", ".log");
        var builder = new ProcessBuilder("sh", Template.BUILD_SCRIPT)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process script = builder.start();
        script.getOutputStream().close();
        try {
            List<String> said = follow(script, output, log);
            if (script.exitValue() != 0) {
                throw new ProviderException(Code.INVALID, failure(script.exitValue(), said));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProviderException(Code.UNAVAILABLE, "the build was interrupted", e);
        } finally {
            end(script);
            Files.deleteIfExists(output);
        }
    }

    /** By a file: a program that the script leaves behind would keep a pipe open. @return the last lines */
    private List<String> follow(Process script, Path output, Consumer<String> log)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        List<String> said = new ArrayList<>();
        var partial = new ByteArrayOutputStream();
        var buffer = new byte[8192];
        try (InputStream written = Files.newInputStream(output)) {
            boolean ended = false;
            while (!ended) {
                ended = script.waitFor(50, TimeUnit.MILLISECONDS);
                for (int length = written.read(buffer); length > 0; length = written.read(buffer)) {
                    for (int i = 0; i < length; i++) {
                        if (buffer[i] == '\n') {
                            tell(partial, said, log);
                        } else if (partial.size() < LONGEST_LINE) {
                            partial.write(buffer[i]);
                        }
                    }
                }
                if (!ended && System.nanoTime() - deadline > 0) {
                    throw new ProviderException(
                            Code.INVALID, "the build took longer than " + limit.toSeconds() + " s, and was ended");
                }
            }
        }
        if (partial.size() > 0) {
            tell(partial, said, log);
        }
        return said;
    }

    private static void tell(ByteArrayOutputStream partial, List<String> said, Consumer<String> log) {
        String line = partial.toString(StandardCharsets.UTF_8).stripTrailing();
        partial.reset();
        said.add(line);
        if (said.size() > LAST_LINES) {
            said.remove(0);
        }
        log.accept(line);
    }

    private static String failure(int status, List<String> said) {
        String last = String.join(" / ", said).replaceAll("\\s+", " ").strip();
        return "the build failed with exit status " + status + (last.isEmpty() ? "" : ": " + last);
    }

    private static void end(Process script) {
        script.descendants().forEach(ProcessHandle::destroyForcibly);
        script.destroyForcibly();
    }

    @Override
    public List<String> made() {
        return folders.images();
    }

    @Override
    public void discard(String image) {
        folders.folder(image).filter(Files::isDirectory).ifPresent(folder -> {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
                folders.removeEmpty(folder);
            } catch (IOException e) {
                throw new ProviderException(Code.UNAVAILABLE, "cannot remove what was built: " + e.getMessage(), e);
            }
        });
    }
}
