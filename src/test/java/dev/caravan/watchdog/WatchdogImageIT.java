package dev.caravan.watchdog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.testing.ProcessMemory;
import dev.caravan.testing.RawClient;
import dev.caravan.testing.Requirement;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The watchdog as a container has it: an image without a JDK, made by the script that everybody makes it with. */
class WatchdogImageIT {

    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));
    private static final Pattern PORT = Pattern.compile("Listening on port: ([0-9]+)");

    @TempDir
    static Path made;

    private static Path image;

    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();
    private Path log;

    @BeforeAll
    static void makeImage() throws Exception {
        Requirement.that(Files.isExecutable(JAVA_HOME.resolve("bin/jlink")), "jlink, which is part of a JDK");
        Path linked = made.resolve("linked");
        var builder = new ProcessBuilder("src/watchdog/image.sh", jar().toString(), linked.toString())
                .redirectErrorStream(true)
                .redirectOutput(made.resolve("image.log").toFile());
        builder.environment().put("JAVA_HOME", JAVA_HOME.toString());
        Process script = builder.start();
        assertThat(script.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(script.exitValue())
                .as(Files.readString(made.resolve("image.log")))
                .isZero();
        image = Files.move(linked, made.resolve("elsewhere")); // as a container has it
    }

    /** That of the build, or one of the classes that are tested. */
    private static Path jar() throws IOException, InterruptedException, URISyntaxException {
        Path classes = Path.of(
                Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (!Files.isDirectory(classes)) {
            return classes.resolveSibling("caravan-watchdog.jar");
        }
        Path jar = made.resolve("watchdog.jar");
        Process making = new ProcessBuilder(
                        JAVA_HOME.resolve("bin/jar").toString(),
                        "--create",
                        "--file",
                        jar.toString(),
                        "-C",
                        classes.toString(),
                        "dev/caravan/watchdog")
                .inheritIO()
                .start();
        assertThat(making.waitFor()).isZero();
        return jar;
    }

    @BeforeEach
    void nameLog() {
        log = folder.resolve("log");
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void itHoldsNothingButTheBaseAndItsClassesInAnArchive() throws Exception {
        Process modules = run("bin/java", "--list-modules");

        // Newer Javas warn here, and only here, that a module is given leave and is not asked for.
        assertThat(output(modules)
                        .lines()
                        .filter(line -> !line.startsWith("WARNING"))
                        .map(line -> line.replaceFirst("@.*", "")))
                .containsExactlyInAnyOrder("dev.caravan.watchdog", "java.base");
        assertThat(image.resolve("lib/server/classes.jsa")).exists();
        assertThat(output(run("bin/caravan-watchdog", "-version")).strip()).isNotEmpty();
    }

    /** The figures that count are those of the benchmark; these only tell when something is very wrong. */
    @Test
    void itStartsAnswersAndTakesLittle() throws Exception {
        long begin = System.nanoTime();
        Process watchdog = serve("fprocess", "cat");
        int port = port();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);

        assertThat(millis).isLessThan(10_000);
        assertThat(ProcessMemory.resident(watchdog.pid())).isLessThan(100L << 20);
        assertThat(RawClient.post(port, "/", "hello").body()).isEqualTo("hello");
        assertThat(RawClient.get(port, "/_/health").status()).isEqualTo(200);
        assertThat(Files.readString(log)).containsPattern("(?m)^[0-9/]{10} [0-9:]{8} Forking fprocess\\.$");
    }

    @Test
    void itsHealthCheckIsTheLockFileAndSigtermIsARegularEnd() throws Exception {
        Process watchdog = serve("fprocess", "cat", "healthcheck_interval", "100ms");
        port();

        assertThat(run("bin/caravan-watchdog", "-run-healthcheck").waitFor()).isZero();
        watchdog.destroy();
        assertThat(watchdog.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(watchdog.exitValue()).isZero();
        assertThat(run("bin/caravan-watchdog", "-run-healthcheck").waitFor()).isEqualTo(1);
        assertThat(Files.readString(log))
                .contains("SIGTERM: no new connections in 100ms", "Exiting. Active connections: 0");
    }

    @Test
    void aFunctionThatDiesTakesItAlong() throws Exception {
        Process watchdog =
                serve("mode", "http", "fprocess", "sleep 1 --no-such-option", "upstream_url", "http://127.0.0.1:1");

        assertThat(watchdog.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(watchdog.exitValue()).isEqualTo(1);
        assertThat(Files.readString(log)).contains("Forked function has terminated: exit status 1");
    }

    @Test
    void whatStopsItsStartIsOneLine() throws Exception {
        Process watchdog = serve("mode", "streaming");

        assertThat(watchdog.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(watchdog.exitValue()).isEqualTo(1);
        assertThat(Files.readAllLines(log)).hasSize(1).first().asString().contains("cannot start: set fprocess");
        assertThat(run("bin/caravan-watchdog", "-no-such").waitFor()).isEqualTo(2);
    }

    private Process serve(String... settings) throws IOException {
        var builder = new ProcessBuilder(image.resolve("bin/caravan-watchdog").toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("port", "0");
        builder.environment().put("metrics_port", "0");
        for (int i = 0; i < settings.length; i += 2) {
            builder.environment().put(settings[i], settings[i + 1]);
        }
        return start(builder);
    }

    /** Once it is ready: the lock file is written last. */
    private int port() throws IOException {
        await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(folder.resolve(".lock")));
        Matcher port = PORT.matcher(Files.readString(log));
        assertThat(port.find()).isTrue();
        return Integer.parseInt(port.group(1));
    }

    private Process run(String program, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(image.resolve(program).toString()));
        command.addAll(List.of(words));
        return start(new ProcessBuilder(command).redirectErrorStream(true));
    }

    private Process start(ProcessBuilder builder) throws IOException {
        builder.environment().put("TMPDIR", folder.toString());
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
