package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyFilesTest {

    @TempDir
    Path folder;

    @Test
    void aBodyComesBackAndGoes() {
        var files = new BodyFiles(folder.resolve("not/there/yet"));
        byte[] body = "x".repeat(BodyFiles.THRESHOLD + 1).getBytes(java.nio.charset.StandardCharsets.US_ASCII);

        String reference = files.write(body);

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

        assertThat(files.read(files.write(new byte[] {1, 2}))).containsExactly(1, 2);
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
