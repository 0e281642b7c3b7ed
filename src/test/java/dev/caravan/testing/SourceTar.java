package dev.caravan.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A function's source as somebody sends it: good files, and what no honest archive holds. */
public final class SourceTar {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar;

    public SourceTar() {
        try {
            tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes));
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All files of a folder. */
    public static SourceTar of(Path folder) throws IOException {
        var source = new SourceTar();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                source.file(folder.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return source;
    }

    /** Any name, as it stands. */
    public SourceTar file(String name, byte[] content) {
        var entry = new TarArchiveEntry(name, true);
        entry.setSize(content.length);
        return add(entry, content);
    }

    public SourceTar file(String name, String content) {
        return file(name, content.getBytes(StandardCharsets.UTF_8));
    }

    public SourceTar folder(String name) {
        return add(new TarArchiveEntry(name + "/"), new byte[0]);
    }

    /** @param type such as {@link TarArchiveEntry#LF_SYMLINK} */
    public SourceTar special(String name, byte type, String target) {
        var entry = new TarArchiveEntry(name, type);
        entry.setLinkName(target);
        return add(entry, new byte[0]);
    }

    private SourceTar add(TarArchiveEntry entry, byte[] content) {
        try {
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public byte[] bytes() {
        try {
            tar.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** What is posted to have it built. @param fields names and values in turns, besides name, language and source */
    public String order(String name, String language, String... fields) {
        ObjectNode order = new ObjectMapper()
                .createObjectNode()
                .put("name", name)
                .put("language", language)
                .put("source", Base64.getEncoder().encodeToString(bytes()));
        for (int i = 0; i < fields.length; i += 2) {
            order.put(fields[i], fields[i + 1]);
        }
        return order.toString();
    }
}
