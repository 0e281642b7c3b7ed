package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.function.CallId;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyFilesTest {

    private static final CallId ID = new CallId("order-4711_A");

    @TempDir
    Path folder;

    @Test
    void aReferenceSaysWhoseBodyItIs() {
        BodyReference call = BodyReference.parse(new BodyFiles(folder).write(ID, new byte[] {1}));
        BodyReference answer = BodyReference.parse(new BodyFiles(folder).writeAnswer(ID, 12, new byte[] {1}));

        assertThat(call.callId()).isEqualTo(ID);
        assertThat(call.ofAnswer()).isFalse();
        assertThat(answer.callId()).isEqualTo(ID);
        assertThat(answer.ofAnswer()).isTrue();
        assertThat(answer.generation()).isEqualTo(12);
    }

    @Test
    void largeIsWhatIsAboveTheThreshold() {
        var files = new BodyFiles(folder, 10);

        assertThat(files.isLarge(new byte[10])).isFalse();
        assertThat(files.isLarge(new byte[11])).isTrue();
    }

    /** A file where the folder should be: nobody can write there, not even root. */
    @Test
    void aBodyThatCannotBeWrittenIsSaidSo() throws Exception {
        var files = new BodyFiles(Files.writeString(folder.resolve("file"), ""));

        assertThatThrownBy(() -> files.write(ID, new byte[] {1}))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("cannot write a call's body");
    }

    @Test
    void aBodyComesBackAndGoes() {
        var files = new BodyFiles(folder.resolve("not/there/yet"));
        byte[] body = "x".repeat(BodyFiles.THRESHOLD + 1).getBytes(java.nio.charset.StandardCharsets.US_ASCII);

        String reference = files.write(ID, body);

        assertThat(files.read(reference)).isEqualTo(body);
        files.delete(reference);
        files.delete(reference);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> files.read(reference))
                .withMessageContaining("is gone");
    }

    @Test
    void aFolderGivenRelativelyWorksToo() {
        Path relative = Path.of("").toAbsolutePath().relativize(folder);
        var files = new BodyFiles(Path.of(".").resolve(relative));

        assertThat(files.read(files.write(ID, new byte[] {1, 2}))).containsExactly(1, 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../etc/passwd", "/etc/passwd", "", "ab", "ab/../../secret", "ab/\0", "AB/0"})
    void aReferenceThatLeadsElsewhereIsNone(String reference) throws Exception {
        Files.writeString(folder.resolve("secret"), "secret");
        var files = new BodyFiles(folder.resolve("bodies"));

        assertThatIllegalArgumentException().isThrownBy(() -> files.read(reference));
        assertThatIllegalArgumentException().isThrownBy(() -> files.delete(reference));
    }
}
