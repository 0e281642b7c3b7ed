package dev.caravan.provider.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a function sees of the machine when its secrets are mounted, and what the machine sees of it: nothing. */
class MountNamespaceTest {

    private static final OwnerMark OWNER = new OwnerMark(
            "00000000-0000-0000-0000-000000000000", ProcessHandle.current().pid(), 1);

    @TempDir
    Path scratch;

    private MountTools tools;

    /** Skips the test where secrets cannot be mounted; fails it when {@code VERIFY_REQUIRE_ALL=true}. */
    static void requireMounts() throws IOException {
        Path scratch = Files.createTempDirectory("caravan-mounts");
        boolean here = MountTools.probe(scratch.resolve("trial"), OWNER).isPresent();
        Files.deleteIfExists(scratch);
        if (here) {
            return;
        }
        String reason = "not root on Linux with util-linux, so nothing was mounted at " + MountNamespace.TARGET;
        if ("true".equals(System.getenv("VERIFY_REQUIRE_ALL"))) {
            fail(reason);
        }
        abort(reason);
    }

    @BeforeEach
    void findTools() throws IOException {
        requireMounts();
        tools = MountTools.probe(scratch.resolve("trial"), OWNER).orElseThrow();
    }

    @Test
    void theSecretsAreThereInsideAndNothingIsThereOutside() throws Exception {
        boolean before = Files.exists(Path.of("/var/openfaas"));
        try (ReplicaFolder folder = ReplicaFolder.create(scratch.resolve("replica"));
                MountNamespace namespace = new MountNamespace(tools, folder, scratch)) {
            folder.write("api-key", "hush".getBytes(StandardCharsets.UTF_8));
            namespace.open();

            assertThat(inside(namespace, "cat /var/openfaas/secrets/api-key; stat -c %a /var/openfaas/secrets/api-key"))
                    .isEqualTo("hush400");
            assertThat(inside(namespace, "pwd")).isEqualTo(scratch.toRealPath().toString());
            assertThat(Files.exists(Path.of("/var/openfaas"))).isEqualTo(before);
            assertThat(Files.readString(Path.of("/proc/self/mounts"))).doesNotContain(scratch.toString());
            assertThat(folder.stage()).isEmptyDirectory();
        }
    }

    @Test
    void theMountCannotBeWrittenTo() throws Exception {
        try (ReplicaFolder folder = ReplicaFolder.create(scratch.resolve("replica"));
                MountNamespace namespace = new MountNamespace(tools, folder, scratch)) {
            namespace.open();

            assertThat(inside(namespace, "echo x > /var/openfaas/secrets/x || echo refused"))
                    .endsWith("refused");
            assertThat(folder.secrets()).isEmptyDirectory();
        }
    }

    @Test
    void everythingElseUnderVarIsWhereItWasAndCanBeWritten() throws Exception {
        Path outside = Files.createTempFile(Path.of("/var/tmp"), "caravan", ".txt");
        try (ReplicaFolder folder = ReplicaFolder.create(scratch.resolve("replica"));
                MountNamespace namespace = new MountNamespace(tools, folder, scratch)) {
            namespace.open();
            String expected = listing("ls -A /var | grep -v '^openfaas$'");

            assertThat(inside(namespace, "ls -A /var | grep -v '^openfaas$'")).isEqualTo(expected);
            assertThat(inside(namespace, "readlink -f /var/run")).isEqualTo(listing("readlink -f /var/run"));
            inside(namespace, "echo written inside > " + outside);
            assertThat(outside).hasContent("written inside");
        } finally {
            Files.delete(outside);
        }
    }

    @Test
    void twoReplicasSeeEachItsOwn() throws Exception {
        try (ReplicaFolder one = ReplicaFolder.create(scratch.resolve("one"));
                ReplicaFolder two = ReplicaFolder.create(scratch.resolve("two"));
                MountNamespace first = new MountNamespace(tools, one, scratch);
                MountNamespace second = new MountNamespace(tools, two, scratch)) {
            one.write("key", new byte[] {'1'});
            two.write("key", new byte[] {'2'});
            first.open();
            second.open();

            assertThat(inside(first, "cat /var/openfaas/secrets/key")).isEqualTo("1");
            assertThat(inside(second, "cat /var/openfaas/secrets/key")).isEqualTo("2");
        }
    }

    @Test
    void whatEntersKeepsItsProcessId() throws Exception {
        try (ReplicaFolder folder = ReplicaFolder.create(scratch.resolve("replica"));
                MountNamespace namespace = new MountNamespace(tools, folder, scratch)) {
            namespace.open();
            List<String> command = new ArrayList<>(namespace.command());
            command.addAll(List.of("sh", "-c", "echo $$"));

            Process process = new ProcessBuilder(command).start();
            String id = text(process);

            assertThat(id).isEqualTo(Long.toString(process.pid()));
        }
    }

    @Test
    void afterItsEndNobodyEnters() throws Exception {
        ReplicaFolder folder = ReplicaFolder.create(scratch.resolve("replica"));
        MountNamespace namespace = new MountNamespace(tools, folder, scratch);
        namespace.open();

        namespace.close();
        folder.close();

        assertThatThrownBy(namespace::command).isInstanceOf(IOException.class).hasMessage("the replica has ended");
        assertThat(scratch.resolve("replica")).doesNotExist();
    }

    @Test
    void whatCannotBeMountedIsSaidInOneLine() throws Exception {
        MountTools refused = new MountTools("/bin/false", tools.nsenter(), tools.environment());
        MountTools broken = new MountTools(tools.unshare(), tools.nsenter(), Map.of("PATH", "/nowhere"));
        try (ReplicaFolder folder = ReplicaFolder.create(scratch.resolve("replica"));
                MountNamespace first = new MountNamespace(refused, folder, scratch);
                MountNamespace second = new MountNamespace(broken, folder, scratch)) {
            assertThatThrownBy(first::open).isInstanceOf(IOException.class).hasMessageContaining("no mount namespace");
            assertThatThrownBy(second::open)
                    .isInstanceOf(IOException.class)
                    .message()
                    .hasLineCount(1)
                    .contains("mount");
        }
    }

    private static String inside(MountNamespace namespace, String script) throws Exception {
        List<String> command = new ArrayList<>(namespace.command());
        command.addAll(List.of("sh", "-c", script));
        return text(new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    private static String listing(String script) throws Exception {
        return text(
                new ProcessBuilder("sh", "-c", script).redirectErrorStream(true).start());
    }

    private static String text(Process process) throws Exception {
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return text.strip();
    }
}
