package dev.caravan.build;

import dev.caravan.provider.ProviderException;
import dev.caravan.provider.ProviderException.Code;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.jspecify.annotations.Nullable;

/**
 * What somebody sent as a gzipped tar. It is read in memory as a whole before anything of it is used, so what is refused
 * has left nothing behind. Only plain files and folders are taken, inside of one folder, and no more than the limits say.
 */
final class SourceArchive {

    /**
     * What an archive may hold.
     *
     * @param entries files and folders
     * @param bytes of all files together
     * @param ratio how many times larger than the archive they may be, once they are over {@link #SMALL}
     */
    record Limits(int entries, long bytes, int ratio) {

        static final Limits USUAL = new Limits(2_000, 32L << 20, 100);
    }

    /** A short text that is the same letter over and over is no bomb. */
    private static final int SMALL = 1 << 20;

    private static final int LONGEST_NAME = 255;
    private static final int BLOCK = 512;

    private final Limits limits;
    private final long archiveSize;
    private final List<SourceFile> files = new ArrayList<>();
    private final Set<String> names = new TreeSet<>();
    private int entries;
    private long bytes;

    private SourceArchive(Limits limits, long archiveSize) {
        this.limits = limits;
        this.archiveSize = archiveSize;
    }

    /** @throws ProviderException {@code INVALID}, in one line that says what is wrong and where */
    static List<SourceFile> read(byte[] archive, Limits limits) {
        var reading = new SourceArchive(limits, archive.length);
        try (var gzip = new GzipCompressorInputStream(new ByteArrayInputStream(archive), true);
                var tar = new TarArchiveInputStream(reading.counted(gzip), "UTF-8")) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                reading.take(entry, tar);
            }
        } catch (IOException | IllegalArgumentException e) {
            // Of the library's own reasons a client would understand none.
            if (e.getCause() instanceof ProviderException refused) {
                throw refused;
            }
            throw refused("it is no gzipped tar archive, or breaks off", e);
        }
        if (reading.files.isEmpty()) {
            throw refused("there is no file in it", null);
        }
        return List.copyOf(reading.files);
    }

    private void take(TarArchiveEntry entry, InputStream content) throws IOException {
        String said = entry.getName();
        entries++;
        if (entries > limits.entries()) {
            throw refused("it has more than " + limits.entries() + " entries", null);
        }
        if (entry.isSymbolicLink() || entry.isLink()) {
            throw refused("\"" + shortened(said) + "\" is a link; only files and folders are taken", null);
        }
        if (!entry.isDirectory() && !(entry.isFile() && isPlain(entry))) {
            throw refused("\"" + shortened(said) + "\" is a device or another special file", null);
        }
        String name = checked(said);
        if (entry.isDirectory() || name.isEmpty()) {
            return;
        }
        if (!names.add(name)) {
            throw refused("\"" + shortened(name) + "\" is in it twice", null);
        }
        byte[] bytesOfFile = content.readAllBytes();
        files.add(new SourceFile(name, (entry.getMode() & 0111) != 0, bytesOfFile));
    }

    /** The library calls whatever it does not know a file. */
    private static boolean isPlain(TarArchiveEntry entry) {
        byte type = entry.getLinkFlag();
        return (type == TarArchiveEntry.LF_NORMAL || type == TarArchiveEntry.LF_OLDNORM) && !entry.isSparse();
    }

    /** Without what says nothing; empty for the folder itself. */
    private static String checked(String said) {
        if (said.length() > LONGEST_NAME) {
            throw refused("a name is longer than " + LONGEST_NAME + " letters: \"" + shortened(said) + "\"", null);
        }
        if (said.startsWith("/") || said.startsWith("\\") || said.matches("[A-Za-z]:.*")) {
            throw refused("\"" + shortened(said) + "\" is an absolute name", null);
        }
        if (said.chars().anyMatch(letter -> letter < ' ' || letter == 127 || letter == '\\')) {
            throw refused("\"" + shortened(said) + "\" has a letter that a name here may not have", null);
        }
        List<String> kept = new ArrayList<>();
        for (String part : said.split("/")) {
            if (part.equals("..")) {
                throw refused("\"" + shortened(said) + "\" leads out of its folder", null);
            }
            if (!part.isEmpty() && !part.equals(".")) {
                kept.add(part);
            }
        }
        return String.join("/", kept);
    }

    /** Stops an archive that would become too large while it is unpacked; headers and fillings count too. */
    private InputStream counted(InputStream gzip) {
        return new InputStream() {

            @Override
            public int read() throws IOException {
                int read = gzip.read();
                return count(read, read < 0 ? -1 : 1);
            }

            @Override
            public int read(byte[] buffer, int from, int length) throws IOException {
                int read = gzip.read(buffer, from, length);
                return count(read, read);
            }

            private int count(int result, int more) {
                bytes += Math.max(0, more);
                long most = limits.bytes() + (long) BLOCK * 3 * limits.entries();
                if (bytes > most) {
                    throw refused("it holds more than " + (limits.bytes() >> 20) + " MiB", null);
                }
                if (bytes > SMALL && bytes / limits.ratio() > archiveSize) {
                    throw refused("it becomes more than " + limits.ratio() + " times as large when unpacked", null);
                }
                return result;
            }
        };
    }

    private static ProviderException refused(String why, @Nullable Throwable cause) {
        return new ProviderException(Code.INVALID, "the source is refused: " + why, cause);
    }

    private static String shortened(String text) {
        String plain = text.replaceAll("\\p{Cntrl}", "?");
        return plain.length() <= 80 ? plain : plain.substring(0, 80) + "…";
    }
}
