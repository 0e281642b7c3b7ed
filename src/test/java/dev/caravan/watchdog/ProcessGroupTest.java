package dev.caravan.watchdog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However a process is made: by a native call on a newer JDK, by the JDK itself on an older one. */
class ProcessGroupTest {

    @TempDir
    Path folder;

    @Test
    void aNewerJavaThatMayMakesProcessesByItself() {
        boolean expected = Runtime.version().feature() >= 24
                && System.getProperty("os.name").equals("Linux"); // the build gives leave from 24 on

        assertThat(Libc.find().isPresent()).isEqualTo(expected);
    }

    @Test
    void inputOutputErrorsAndExitStatusArePassedOn() throws Exception {
        Process process = run("read line; echo \"out $line\"; echo err >&2; exit 42", false);
        process.getOutputStream().write("hi\n".getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();

        assertThat(process.getInputStream().readAllBytes()).asString().isEqualTo("out hi\n");
        assertThat(process.getErrorStream().readAllBytes()).asString().isEqualTo("err\n");
        assertThat(process.waitFor()).isEqualTo(42);
        assertThat(process.exitValue()).isEqualTo(42);
        assertThat(process.isAlive()).isFalse();
    }

    @Test
    void errorsMayBePartOfTheOutput() throws Exception {
        Process process = run("echo out; echo err >&2", true);
        process.getOutputStream().close();

        assertThat(process.getInputStream().readAllBytes()).asString().isEqualTo("out\nerr\n");
        assertThat(process.getErrorStream().readAllBytes()).isEmpty();
    }

    @Test
    void theEnvironmentIsAllThatIsGivenAndTheDirectoryIsThePlaces() throws Exception {
        Process process = ProcessGroup.start(
                        List.of("/bin/sh", "-c", "pwd; /usr/bin/env"),
                        Map.of("ONE", "a=b ✓", "PATH", "/usr/bin:/bin"),
                        Place.in(folder),
                        false)
                .process();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(output.lines())
                .contains(folder.toRealPath().toString(), "ONE=a=b ✓")
                .noneMatch(line -> line.startsWith("HOME="));
    }

    @Test
    void itHasASessionOfItsOwnAndNothingOfOursOpen() throws Exception {
        // Not through a pipe, which the shell itself may still hold, nor last, when it may be the shell's own process.
        Process process = run("echo $$; cut -d' ' -f5,6 /proc/$$/stat; ls /proc/$$/fd; exit 0", false);
        process.getOutputStream().close();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();

        assertThat(lines.get(0)).isEqualTo(Long.toString(process.pid()));
        assertThat(lines.get(1)).isEqualTo(process.pid() + " " + process.pid());
        assertThat(lines.subList(2, lines.size())).containsExactly("0", "1", "2");
    }

    @Test
    void nothingIsLeftOfProcessesThatHaveEnded() throws Exception {
        run("exit 0", false).waitFor(); // what is opened once stays
        int before = descriptors();
        List<Long> pids = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Process process = run("echo x; exit 1", false);
            process.getOutputStream().close();
            process.getInputStream().readAllBytes();
            process.getErrorStream().readAllBytes();
            process.waitFor();
            pids.add(process.pid());
        }

        await().untilAsserted(() -> assertThat(descriptors()).isLessThan(before + 25));
        assertThat(pids).noneMatch(ProcessGroupTest::isZombie);
    }

    @Test
    void whatIsKilledIsGoneWithItsChildrenAndNobodyNeedWait() throws Exception {
        ProcessGroup group = group("sleep 300 & echo $! > child; sleep 300", false);
        await().until(() -> Files.exists(folder.resolve("child"))
                && !Files.readString(folder.resolve("child")).isBlank());
        long child = Long.parseLong(Files.readString(folder.resolve("child")).strip());

        group.kill();

        await().until(() -> ProcessHandle.of(group.process().pid()).isEmpty());
        await().until(() -> ProcessHandle.of(child)
                .map(ProcessHandle::isAlive)
                .orElse(false)
                .equals(false));
        assertThat(group.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(group.process().exitValue()).isEqualTo(137);
        group.kill(); // once more is no harm
    }

    @Test
    void aWaitHasItsLimit() throws Exception {
        ProcessGroup group = group("sleep 300", false);

        assertThat(group.process().waitFor(50, TimeUnit.MILLISECONDS)).isFalse();
        assertThatThrownBy(() -> group.process().exitValue()).isInstanceOf(IllegalThreadStateException.class);
        group.terminate();
        assertThat(group.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(group.process().exitValue()).isEqualTo(143);
    }

    @Test
    void aScriptThatNamesNoInterpreterIsTheShells() throws Exception {
        Path script = Files.writeString(folder.resolve("bare"), "echo \"bare $1\"\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        Process process = ProcessGroup.start(
                        List.of("./bare", "word"), BaseEnvironment.inherited(), Place.in(folder), false)
                .process();
        process.getOutputStream().close();

        assertThat(process.getInputStream().readAllBytes()).asString().isEqualTo("bare word\n");
    }

    @Test
    void anInputThatNobodyReadsFailsAtTheWriter() throws Exception {
        Process process = run("exec sleep 0", false);
        process.waitFor();

        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        process.getOutputStream().write(new byte[64 * 1024]);
                        process.getOutputStream().flush();
                    }
                })
                .isInstanceOf(IOException.class);
    }

    private ProcessGroup group(String script, boolean errorsIntoOutput) throws IOException {
        return ProcessGroup.start(
                List.of("sh", "-c", script), BaseEnvironment.inherited(), Place.in(folder), errorsIntoOutput);
    }

    private Process run(String script, boolean errorsIntoOutput) throws IOException {
        return group(script, errorsIntoOutput).process();
    }

    private static int descriptors() {
        String[] names = new File("/proc/self/fd").list();
        return names == null ? 0 : names.length;
    }

    /** Whether it has ended and nobody waited for it. */
    private static boolean isZombie(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "stat"))
                    .contains(") Z ");
        } catch (IOException e) {
            return false; // gone, as it should be
        }
    }
}
