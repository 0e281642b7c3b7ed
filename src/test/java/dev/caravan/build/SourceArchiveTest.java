package dev.caravan.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.build.SourceArchive.Limits;
import dev.caravan.provider.ProviderException;
import dev.caravan.testing.SourceTar;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is taken of an archive, and what is refused in one line. */
class SourceArchiveTest {

    private static final Limits SMALL = new Limits(3, 3 << 20, 100);

    @Test
    void filesAreReadWithTheirFoldersAndWithoutWhatSaysNothing() {
        byte[] archive = new SourceTar()
                .folder(".")
                .folder("./lib")
                .file("./handler.py", "one")
                .file("lib//./more.py", "two")
                .bytes();

        List<SourceFile> files = SourceArchive.read(archive, Limits.USUAL);

        assertThat(files).extracting(SourceFile::name).containsExactly("handler.py", "lib/more.py");
        assertThat(files)
                .extracting(file -> new String(file.content(), StandardCharsets.UTF_8))
                .containsExactly("one", "two");
        assertThat(files).extracting(SourceFile::executable).containsOnly(false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../handler.py", "lib/../../handler.py", "a/..", ".."})
    void aNameThatLeadsOutIsRefused(String name) {
        assertRefused(new SourceTar().file(name, "x"), "leads out of its folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "//etc/passwd", "C:/windows", "\\windows"})
    void anAbsoluteNameIsRefused(String name) {
        assertRefused(new SourceTar().file(name, "x"), "is an absolute name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "a\\..\\b", "a\u007fb"})
    void aLetterThatNoNameNeedsIsRefused(String name) {
        assertRefused(new SourceTar().file(name, "x"), "has a letter that a name here may not have");
    }

    @Test
    void linksAndDevicesAreRefused() {
        assertRefused(special(TarArchiveEntry.LF_SYMLINK, "/etc/passwd"), "\"it\" is a link");
        assertRefused(special(TarArchiveEntry.LF_SYMLINK, "handler.py"), "\"it\" is a link");
        assertRefused(special(TarArchiveEntry.LF_LINK, "handler.py"), "\"it\" is a link");
        assertRefused(special(TarArchiveEntry.LF_CHR, ""), "\"it\" is a device");
        assertRefused(special(TarArchiveEntry.LF_BLK, ""), "\"it\" is a device");
        assertRefused(special(TarArchiveEntry.LF_FIFO, ""), "\"it\" is a device");
        assertRefused(special(TarArchiveEntry.LF_CONTIG, ""), "\"it\" is a device");
    }

    private static SourceTar special(byte type, String target) {
        return new SourceTar().file("handler.py", "x").special("it", type, target);
    }

    @Test
    void aNameMayComeOnceAndNotBeTooLong() {
        assertRefused(new SourceTar().file("a", "x").file("./a", "y"), "\"a\" is in it twice");
        assertRefused(new SourceTar().file("a".repeat(300), "x"), "a name is longer than 255 letters");
    }

    @Test
    void tooManyEntriesAreRefusedWhetherFilesOrFolders() {
        assertRefused(
                new SourceTar().file("a", "x").folder("b").file("c", "x").folder("d"), "it has more than 3 entries");
    }

    @Test
    void aBombIsRefusedByHowMuchItGrows() {
        assertRefused(new SourceTar().file("a", new byte[2 << 20]), "it becomes more than 100 times as large");
        assertThat(SourceArchive.read(
                        new SourceTar().file("a", new byte[500_000]).bytes(), SMALL))
                .as("a small one is none")
                .hasSize(1);
    }

    @Test
    void whatIsTooLargeIsRefused() {
        var noise = new byte[2 << 20];
        ThreadLocalRandom.current().nextBytes(noise);

        assertRefused(new SourceTar().file("a", noise).file("b", noise), "it holds more than 3 MiB");
        assertThat(SourceArchive.read(new SourceTar().file("a", noise).bytes(), SMALL))
                .hasSize(1);
    }

    @Test
    void whatIsNoArchiveIsRefused() {
        byte[] archive = new SourceTar().file("a", "x".repeat(5_000)).bytes();

        for (byte[] broken : List.of(
                new byte[0], "hello".getBytes(StandardCharsets.UTF_8), Arrays.copyOf(archive, archive.length / 2))) {
            assertThatThrownBy(() -> SourceArchive.read(broken, Limits.USUAL))
                    .isInstanceOf(ProviderException.class)
                    .hasMessage("the source is refused: it is no gzipped tar archive, or breaks off");
        }
        assertRefused(new SourceTar().folder("a"), "there is no file in it");
    }

    private static void assertRefused(SourceTar archive, String why) {
        assertThatThrownBy(() -> SourceArchive.read(archive.bytes(), SMALL))
                .isInstanceOf(ProviderException.class)
                .hasMessageStartingWith("the source is refused: ")
                .hasMessageContaining(why)
                .hasMessageNotContaining("\n");
    }
}
