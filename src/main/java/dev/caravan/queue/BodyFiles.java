package dev.caravan.queue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Bodies too large for the broker's journal, one file each, in a folder that every node sharing the broker must see.
 * A file is on disk, synced, before its message is sent, and goes when its call is over.
 */
public final class BodyFiles {

    /** Bytes above which a body stands in a file. */
    public static final int THRESHOLD = 64 << 10;

    private final Path folder;

    public BodyFiles(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
    }

    /**
     * Writes and syncs a body; blocks for the disk.
     *
     * @return its reference, to be kept in {@link MessageProperties#BODY_FILE}
     */
    public String write(byte[] body) {
        String name = UUID.randomUUID().toString();
        String reference = name.substring(0, 2) + "/" + name;
        Path parent = folder.resolve(name.substring(0, 2));
        Path file = folder.resolve(reference);
        try {
            Files.createDirectories(parent);
            try (var channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                var bytes = ByteBuffer.wrap(body);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            syncFolder(parent);
            syncFolder(folder);
            return reference;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a call's body to " + folder, e);
        }
    }

    /** The name must survive a power cut too, not only the bytes (fsync(2), notes). */
    private static void syncFolder(Path parent) throws IOException {
        try (var channel = FileChannel.open(parent, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /**
     * @throws IllegalArgumentException when it is no reference, or its file is gone: asking again will not help
     * @throws UncheckedIOException when it cannot be read now
     */
    public byte[] read(String reference) {
        try {
            return Files.readAllBytes(resolve(reference));
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("the body file " + reference + " is gone", e);
        } catch (IOException e) {
            throw new UncheckedIOException("the body file " + reference + " of a call cannot be read", e);
        }
    }

    /** Removes a body whose call is over; it is fine when it is gone already. */
    public void delete(String reference) {
        try {
            Files.deleteIfExists(resolve(reference));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete the body file " + reference, e);
        }
    }

    /** A reference comes from a message that anybody may have sent: it must not lead out of the folder. */
    private Path resolve(String reference) {
        Path file = folder.resolve(reference).normalize();
        if (!reference.matches("[0-9a-f]{2}/[0-9a-f-]{36}") || !file.startsWith(folder)) {
            throw new IllegalArgumentException(
                    "not a body reference: \"" + reference.substring(0, Math.min(80, reference.length())) + "\"");
        }
        return file;
    }
}
