package dev.caravan.provider.engine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Files for a container, as an archive in memory; everybody in it may read them and nobody write, unless said otherwise. */
public final class Tar {

    private static final int READ_ONLY = 0444;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes);

    public Tar() {
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    }

    /** A file that everybody may read. */
    public void add(String name, byte[] content) {
        add(name, content, READ_ONLY);
    }

    /** @param mode what may be done with it, as {@code chmod} says it */
    public void add(String name, byte[] content, int mode) {
        try {
            var entry = new TarArchiveEntry(name);
            entry.setMode(mode);
            entry.setSize(content.length);
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
        } catch (IOException e) {
            throw new UncheckedIOException("in memory", e);
        }
    }

    /** The whole archive; nothing can be added any more. */
    public byte[] bytes() {
        try {
            tar.close();
        } catch (IOException e) {
            throw new UncheckedIOException("in memory", e);
        }
        return bytes.toByteArray();
    }
}
