package dev.caravan.testing;

import dev.caravan.watchdog.Watchdog;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Images for a private engine, of busybox and of programs of this machine with the libraries that they need; and the
 * watchdog's, made as everybody makes it.
 */
public final class HostImages {

    /** Holds a shell, and what Java and the watchdog need. */
    public static final String BASE = "caravan-test/base:1";

    /** The same, and this machine's JDK in {@code /opt/java}. */
    public static final String JDK = "caravan-test/jdk:1";

    public static final String WATCHDOG = "caravan-test/watchdog:1";

    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));
    private static final Path SCRIPT = Path.of("src/test/resources/dev/caravan/testing/host-root.sh");

    private final PrivateEngine engine;
    private final Path work;

    /** @param work a folder for what goes into images */
    public HostImages(PrivateEngine engine, Path work) {
        this.engine = engine;
        this.work = work;
    }

    public void makeBase() throws IOException, InterruptedException {
        Path root = work.resolve("base");
        run(Map.of(), SCRIPT.toString(), root.toString(), "/bin/bash", "libs-of:" + JAVA_HOME.toRealPath());
        importFolder(root, BASE);
    }

    public void makeJdk() throws IOException, InterruptedException {
        Path root = work.resolve("jdk");
        Path home = JAVA_HOME.toRealPath();
        run(Map.of(), SCRIPT.toString(), root.toString(), "/bin/bash", home.toString());
        Files.createDirectories(root.resolve("opt"));
        Files.createSymbolicLink(root.resolve("opt/java"), home);
        importFolder(root, JDK);
    }

    public void makeWatchdog() throws Exception {
        Path image = work.resolve("tools/watchdog");
        Files.createDirectories(image.getParent());
        run(
                Map.of("JAVA_HOME", JAVA_HOME.toString()),
                "src/watchdog/image.sh",
                watchdogJar().toString(),
                image.toString());
        importFolder(image.getParent(), WATCHDOG);
    }

    private Path watchdogJar() throws IOException, InterruptedException, URISyntaxException {
        Path classes = Path.of(Watchdog.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        if (!Files.isDirectory(classes)) {
            return classes.resolveSibling("caravan-watchdog.jar");
        }
        Path jar = work.resolve("watchdog.jar");
        run(
                Map.of(),
                JAVA_HOME.resolve("bin/jar").toString(),
                "--create",
                "--file",
                jar.toString(),
                "-C",
                classes.toString(),
                "dev/caravan/watchdog");
        return jar;
    }

    /** An image of what is in a folder, links and rights included. */
    private void importFolder(Path folder, String tag) throws IOException, InterruptedException {
        Path context = Files.createDirectory(work.resolve(folder.getFileName() + "-context"));
        Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY root/ /\nENV PATH=/opt/java/bin:/bin\n");
        Path archive = work.resolve(folder.getFileName() + ".tar");
        run(
                Map.of(),
                "tar",
                "--owner=0",
                "--group=0",
                "--transform=s,^" + folder.getFileName() + ",root,S",
                "-cf",
                archive.toString(),
                "-C",
                context.toString(),
                "Dockerfile",
                "-C",
                work.toString(),
                folder.getFileName().toString());
        build(archive, "Dockerfile", tag, Map.of());
    }

    /** Builds of files of the repository. @param arguments of the build */
    public void build(String dockerfile, String tag, Map<String, String> arguments, String... files)
            throws IOException, InterruptedException {
        Path archive = work.resolve("context.tar");
        List<String> command = new ArrayList<>(List.of("tar", "-chf", archive.toString(), dockerfile));
        command.addAll(Arrays.asList(files));
        run(Map.of(), command.toArray(String[]::new));
        build(archive, dockerfile, tag, arguments);
    }

    private void build(Path archive, String dockerfile, String tag, Map<String, String> arguments) throws IOException {
        try (InputStream content = Files.newInputStream(archive)) {
            var command = engine.client()
                    .buildImageCmd(content)
                    .withDockerfilePath(dockerfile)
                    .withTags(Set.of(tag));
            arguments.forEach(command::withBuildArg);
            command.start().awaitImageId(5, TimeUnit.MINUTES);
        }
    }

    private void run(Map<String, String> environment, String... command) throws IOException, InterruptedException {
        Path log = Files.createTempFile(work, "run", ".log");
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new UncheckedIOException(new IOException(String.join(" ", command) + ": " + Files.readString(log)));
        }
    }
}
