package dev.caravan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The launcher in a house of its own, with a Java that only says how it was started and a Maven that only says that it
 * was asked. Release 99 of that Java is newer than any real one on this machine.
 */
class LauncherTest {

    private static final Instant BUILT = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path house;

    /** What a run of the launcher said, and how it ended. */
    private record Run(int exit, String output, long pid) {}

    @BeforeEach
    void furnish() throws IOException {
        Files.copy(Path.of("caravan"), house.resolve("caravan"), StandardCopyOption.COPY_ATTRIBUTES);
        write("pom.xml", "");
        write("src/main/java/Main.java", "");
        write("target/lib/x.jar", "");
        write("target/caravan.jar", "");
        write("target/caravan-watchdog.jar", "");
        for (String made : new String[] {"pom.xml", "src/main/java/Main.java", "src/main/java", "src/main"}) {
            Files.setLastModifiedTime(house.resolve(made), FileTime.from(BUILT.minusSeconds(60)));
        }
        Files.setLastModifiedTime(house.resolve("target/caravan.jar"), FileTime.from(BUILT));
        java("99.0.1", 99);
        java("98.0.9", 98);
        script("bin/mvn", "echo mvn on ${JAVA_HOME##*/}: $*");
    }

    @Test
    void upStartsTheNewestJavaInItsOwnPlaceSoThatSignalsReachIt() throws Exception {
        Run run = caravan(Map.of("JAVA_OPTS", "-Xmx1g -Dx=y"), "up");

        assertThat(run.exit()).isZero();
        assertThat(run.output())
                .startsWith("java 99 pid " + run.pid() + " args -Xmx256m ")
                .contains(" -XX:SharedArchiveFile=target/caravan-99.jsa ")
                .contains(" -XX:+UseCompactObjectHeaders ")
                .endsWith(" -Xmx1g -Dx=y -jar target/caravan.jar\n");
    }

    @Test
    void nothingIsBuiltWhileTheJarIsNewerThanItsSources() throws Exception {
        assertThat(caravan(Map.of(), "up").output()).doesNotContain("mvn").doesNotContain("building");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pom.xml", "src/main/java/Main.java", "src/main/java"})
    void whatIsNewerThanTheJarIsBuiltFirst(String changed) throws Exception {
        Files.setLastModifiedTime(house.resolve(changed), FileTime.from(BUILT.plusSeconds(60)));
        write("target/caravan-99.jsa", "of the old jar");

        Run run = caravan(Map.of(), "up");

        assertThat(run.output())
                .startsWith("building (first time takes a minute)…\nmvn on 99.0.1: -B -q ")
                .contains(" package\njava 99 ");
        assertThat(house.resolve("target/caravan-99.jsa")).doesNotExist();
        assertThat(caravan(Map.of(), "up").output()).doesNotContain("mvn");
    }

    @Test
    void aFailedBuildStartsNothing() throws Exception {
        Files.delete(house.resolve("target/caravan.jar"));
        script("bin/mvn", "echo compilation error; exit 1");

        Run run = caravan(Map.of(), "up");

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.output()).contains("caravan: the build failed").doesNotContain("java 99");
    }

    @Test
    void aJavaWithoutACompilerRunsButDoesNotBuild() throws Exception {
        Files.delete(house.resolve(".sdkman/candidates/java/99.0.1/bin/javac"));
        Files.delete(house.resolve("target/caravan.jar"));
        script("bin/mvn", "echo mvn on ${JAVA_HOME##*/}; : > target/caravan.jar");

        Run run = caravan(Map.of(), "up");

        assertThat(run.output()).contains("mvn on 98.0.9").contains("java 99 ");
    }

    @Test
    void aJavaThatHasNoReleaseFileIsAsked() throws Exception {
        Files.delete(house.resolve(".sdkman/candidates/java/99.0.1/release"));

        assertThat(caravan(Map.of(), "up").output()).startsWith("java 99 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dance", ""})
    void anUnknownCommandIsAnsweredWithTheKnownOnes(String command) throws Exception {
        Run run = caravan(Map.of(), command);

        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.output()).contains("usage: ./caravan COMMAND", "up ", "verify ", "bench ");
    }

    @Test
    void helpIsNoMistake() throws Exception {
        assertThat(caravan(Map.of(), "help"))
                .returns(0, Run::exit)
                .extracting(Run::output)
                .asString()
                .startsWith("usage: ./caravan COMMAND");
    }

    @Test
    void benchHandsItsArgumentsOn() throws Exception {
        script("src/bench/run.sh", "echo bench on ${JAVA_HOME##*/}: $*");

        assertThat(caravan(Map.of(), "bench", "async", "quick").output()).isEqualTo("bench on 99.0.1: async quick\n");
    }

    @Test
    void aPasswordIsHashedOutOfSightOfTheProcessList() throws Exception {
        script(".sdkman/candidates/java/99.0.1/bin/java", "echo java args \"$@\"; read -r line; echo \"read $line\"");

        Run run = caravanReading(" pa ss\\word", Map.of(), "hash-password");

        assertThat(run.exit()).isZero();
        assertThat(run.output())
                .isEqualTo(
                        "java args -Xshare:auto -cp target/caravan.jar dev.caravan.HashPassword\nread pa ss\\word\n");
    }

    private Run caravan(Map<String, String> environment, String... words) throws IOException, InterruptedException {
        return caravanReading("", environment, words);
    }

    private Run caravanReading(String input, Map<String, String> environment, String... words)
            throws IOException, InterruptedException {
        String[] command = new String[words.length + 1];
        command[0] = house.resolve("caravan").toString();
        System.arraycopy(words, 0, command, 1, words.length);
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(key -> key.equals("JAVA_OPTS") || key.equals("JAVA_HOME"));
        builder.environment().put("HOME", house.toString());
        builder.environment().merge("PATH", house.resolve("bin").toString(), (path, ours) -> ours + ":" + path);
        builder.environment().putAll(environment);
        Process process = builder.start();
        try (Writer stdin = process.outputWriter(UTF_8)) {
            stdin.write(input);
        }
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), output, process.pid());
    }

    private void java(String folder, int release) throws IOException {
        String home = ".sdkman/candidates/java/" + folder;
        write(home + "/release", "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"" + release + ".0.1\"\n");
        script(
                home + "/bin/java",
                "if [ \"$1\" = -version ]; then echo 'openjdk version \"" + release + ".0.1\"' >&2; exit; fi\n"
                        + "echo java " + release + " pid $$ args \"$@\"");
        script(home + "/bin/javac", "exit 1");
    }

    private void script(String name, String text) throws IOException {
        write(name, "#!/bin/sh\n" + text + "\n");
        assertThat(house.resolve(name).toFile().setExecutable(true)).isTrue();
    }

    private void write(String name, String text) throws IOException {
        Path file = house.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
