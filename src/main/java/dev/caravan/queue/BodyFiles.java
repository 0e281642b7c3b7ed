package dev.caravan.queue;

import dev.caravan.function.CallId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bodies too large for the broker's journal, one file each, in a folder that every node sharing the broker must see.
 * A file is on disk, synced, before its message is sent, and goes when its call is over.
 */
public final class BodyFiles {

    /** Bytes above which a body stands in a file, unless a setting says otherwise. */
    public static final int THRESHOLD = 64 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(BodyFiles.class);

    private final Path folder;
    private final int threshold;

    public BodyFiles(Path folder) {
        this(folder, THRESHOLD);
    }

    /** @param threshold in bytes; larger bodies stand in files */
    public BodyFiles(Path folder, int threshold) {
        this.folder = folder.toAbsolutePath().normalize();
        this.threshold = threshold;
    }

    /** Whether a body is too large for a message. */
    public boolean isLarge(byte[] body) {
        return body.length > threshold;
    }

    /**
     * Writes and syncs the body that a call carries; blocks for the disk.
     *
     * @return its reference, to be kept in {@link MessageProperties#BODY_FILE}
     * @throws UncheckedIOException when the disk does not take it; nothing is left of it then
     */
    public String write(CallId id, byte[] body) {
        return write(BodyReference.ofCall(id), body);
    }

    /** As {@link #write}, for the answer that ended a generation of a call. */
    public String writeAnswer(CallId id, int generation, byte[] body) {
        return write(BodyReference.ofAnswer(id, generation), body);
    }

    private String write(BodyReference reference, byte[] body) {
        Path file = folder.resolve(reference.text());
        Path parent = file.resolveSibling("");
        boolean written = false;
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
            written = true;
            return reference.text();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a call's body to " + folder, e);
        } finally {
            if (!written) {
                delete(reference.text());
            }
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
        return find(reference)
                .orElseThrow(() -> new IllegalArgumentException("the body file " + reference + " is gone"));
    }

    /**
     * Like {@link #read}, but empty when the file is gone.
     *
     * @throws IllegalArgumentException when it is no reference
     * @throws UncheckedIOException when it cannot be read now
     */
    public Optional<byte[]> find(String reference) {
        Path file = resolve(reference);
        try {
            return Optional.of(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("the body file " + reference + " of a call cannot be read", e);
        }
    }

    /**
     * Removes a body whose call is over; it is fine when it is gone already. What cannot be removed now is only said in
     * the log: the call is over all the same, and the file is found again as left behind.
     */
    public void delete(String reference) {
        Path file = resolve(reference);
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("body file cannot be deleted, tried again later file={} error={}", reference, e.toString());
        }
    }

    /**
     * Removes a body unless it was renewed.
     *
     * @param limit when it was written at the latest
     * @return false when it is newer, gone, or cannot be removed
     */
    public boolean deleteOlder(BodyReference reference, Instant limit) {
        Path file = folder.resolve(reference.text());
        try {
            return Files.getLastModifiedTime(file).toInstant().isBefore(limit) && Files.deleteIfExists(file);
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            LOG.warn("body file cannot be deleted file={} error={}", reference.text(), e.toString());
            return false;
        }
    }

    /** Says that a body is needed for as long again as a new one: its callback is sent round again. */
    public void renew(String reference, Instant now) {
        Path file = resolve(reference);
        try {
            Files.setLastModifiedTime(file, FileTime.from(now));
        } catch (NoSuchFileException e) {
            LOG.warn("body file is gone file={}", reference);
        } catch (IOException e) {
            throw new UncheckedIOException("the body file " + reference + " of a call cannot be changed", e);
        }
    }

    /**
     * Goes through all bodies; blocks for the disk. Files that are none of ours are passed over.
     *
     * @param visitor is told of each and when it was written or renewed; may delete it
     */
    public void forEach(BiConsumer<BodyReference, Instant> visitor) {
        if (Files.notExists(folder)) {
            return;
        }
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    reference(file)
                            .ifPresent(found -> visitor.accept(
                                    found, attributes.lastModifiedTime().toInstant()));
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE; // its call ended while we looked
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look through " + folder, e);
        }
    }

    private Optional<BodyReference> reference(Path file) {
        try {
            return Optional.of(BodyReference.parse(folder.relativize(file).toString()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** A reference comes from a message that anybody may have sent: it must not lead out of the folder. */
    private Path resolve(String reference) {
        return folder.resolve(BodyReference.parse(reference).text());
    }
}
