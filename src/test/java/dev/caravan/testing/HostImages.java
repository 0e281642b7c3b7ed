package dev.caravan.testing;

import com.github.dockerjava.api.exception.NotFoundException;
import dev.caravan.watchdog.Watchdog;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

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

    /** Caravan's own, as {@code docker/Dockerfile} makes it. */
    public static final String CARAVAN = "caravan-test/caravan:1";

    private static final String OF_JAVA = "ENV PATH=/opt/java/bin:/bin";

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
        make(BASE, OF_JAVA, Map.of(), alsoForJava());
    }

    /** Some contents of an image, and what Java and the watchdog need besides. */
    public static String[] alsoForJava(String... contents) throws IOException {
        return Stream.concat(Stream.of("/bin/bash", "libs-of:" + JAVA_HOME.toRealPath()), Stream.of(contents))
                .toArray(String[]::new);
    }

    public void makeJdk() throws IOException, InterruptedException {
        Path home = JAVA_HOME.toRealPath();
        make(
                JDK,
                "RUN mkdir -p /opt && ln -s " + home + " /opt/java\n" + OF_JAVA,
                Map.of(),
                "/bin/bash",
                home.toString());
    }

    /** Needs what {@code mvn package} makes. */
    public void makeCaravan() throws IOException, InterruptedException {
        Requirement.that(Files.exists(Path.of("target/caravan.jar")), "the jar, which mvn package makes");
        if (isThere(CARAVAN)) {
            return;
        }
        makeBase();
        makeJdk();
        var arguments = new HashMap<>(Map.of("JDK", JDK, "BASE", BASE));
        if (Runtime.version().feature() < 24) {
            arguments.put("JAVA_FLAGS", "");
        }
        build(
                "docker/Dockerfile",
                CARAVAN,
                arguments,
                "docker/healthcheck.sh",
                "functions/templates",
                "routes",
                "target/caravan.jar",
                "target/lib");
    }

    public void makeWatchdog() throws Exception {
        if (isThere(WATCHDOG)) {
            return;
        }
        Path image = work.resolve("tools/watchdog");
        Files.createDirectories(image.getParent());
        run(
                Map.of("JAVA_HOME", JAVA_HOME.toString()),
                "src/watchdog/image.sh",
                watchdogJar().toString(),
                image.toString());
        importFolder(image.getParent(), WATCHDOG, OF_JAVA);
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

    /**
     * An image of busybox and what {@code host-root.sh} puts beside it, when the engine has none of that name yet.
     *
     * @param instructions of a Dockerfile, after the copying of all
     * @param files that are put there, too, by their place in the image
     */
    public void make(String tag, String instructions, Map<String, Path> files, String... contents)
            throws IOException, InterruptedException {
        if (isThere(tag)) {
            return;
        }
        Path root = work.resolve(tag.replaceAll("[^a-z0-9]", "-"));
        var command = new ArrayList<>(List.of(SCRIPT.toString(), root.toString()));
        command.addAll(Arrays.asList(contents));
        run(Map.of(), command.toArray(String[]::new));
        for (Map.Entry<String, Path> file : files.entrySet()) {
            Files.copy(file.getValue(), root.resolve(file.getKey()), StandardCopyOption.COPY_ATTRIBUTES);
        }
        importFolder(root, tag, instructions);
    }

    /** Whether the engine has an image of that name. */
    public boolean isThere(String tag) {
        try {
            engine.client().inspectImageCmd(tag).exec();
            return true;
        } catch (NotFoundException e) {
            return false;
        }
    }

    /** An image of what is in a folder, links and rights included. */
    private void importFolder(Path folder, String tag, String instructions) throws IOException, InterruptedException {
        Path context = Files.createDirectory(work.resolve(folder.getFileName() + "-context"));
        Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY root/ /\n" + instructions + "\n");
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
