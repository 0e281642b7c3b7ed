package dev.caravan.provider;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;

/** Changes files so that a crash leaves the old or the new content, on disk. Blocks until the disk has it. */
public final class AtomicFile {

    private static final String TEMPORARY = ".tmp";

    private AtomicFile() {}

    /** Writes text that whoever can see the folder may read. */
    public static void write(Path file, String content) throws IOException {
        Path folder = file.resolveSibling("");
        Files.createDirectories(folder);
        replace(file, StandardCharsets.UTF_8.encode(content));
    }

    /** Writes what only this user of the machine may read (mode 0400), in a folder made by {@link #privateFolder}. */
    public static void writePrivate(Path file, byte[] content) throws IOException {
        replace(file, ByteBuffer.wrap(content), ownerOnly(file, "r--------"));
    }

    /** Makes a folder and those above it that are not there; the new ones are for this user only (mode 0700). */
    public static void privateFolder(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Path parent = folder.toAbsolutePath().getParent();
        if (parent != null) {
            privateFolder(parent);
        }
        Files.createDirectory(folder, ownerOnly(folder, "rwx------"));
        if (parent != null) {
            sync(parent);
        }
    }

    public static void delete(Path file) throws IOException {
        if (Files.deleteIfExists(file)) {
            sync(file.resolveSibling(""));
        }
    }

    /** Removes what a crash left half-written in a folder. Nobody may be writing there. */
    public static void sweep(Path folder) throws IOException {
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder, ".*" + TEMPORARY)) {
            for (Path leftover : leftovers) {
                Files.deleteIfExists(leftover);
            }
        }
    }

    /** Permissions for a file or folder that is about to be made; none where the file system knows none. */
    public static FileAttribute<?>[] ownerOnly(Path beside, String permissions) {
        return beside.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    private static void replace(Path file, ByteBuffer content, FileAttribute<?>... attributes) throws IOException {
        Path folder = file.resolveSibling("");
        // Not made of the file's own name, which may be as long as a name can be.
        Path temporary = folder.resolve("." + UUID.randomUUID() + TEMPORARY);
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
                while (content.hasRemaining()) {
                    channel.write(content);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
        sync(folder);
    }

    /** A rename or removal is a change of the folder. */
    private static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
