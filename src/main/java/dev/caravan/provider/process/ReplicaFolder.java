package dev.caravan.provider.process;

import dev.caravan.provider.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A replica's own folder, which only this user of the machine can enter: its secrets, one file each. */
final class ReplicaFolder implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessProvider.class);

    private final Path folder;

    private ReplicaFolder(Path folder) {
        this.folder = folder;
    }

    /** @throws IOException when it cannot be made */
    static ReplicaFolder create(Path folder) throws IOException {
        ReplicaFolder created = new ReplicaFolder(folder);
        FileAttribute<?>[] ours = AtomicFile.ownerOnly(folder, "rwx------");
        Files.createDirectories(created.secrets(), ours);
        Files.createDirectories(created.stage(), ours);
        return created;
    }

    static Path secretsIn(Path folder) {
        return folder.resolve("secrets");
    }

    Path secrets() {
        return secretsIn(folder);
    }

    /** Empty: a mount namespace needs somewhere to put together what it then shows elsewhere. */
    Path stage() {
        return folder.resolve("stage");
    }

    /**
     * Puts a secret there, or a new value in its place; who reads sees the old or the new one. It is a copy that is made
     * anew after a crash, so nobody waits for the disk.
     */
    void write(String name, byte[] value) throws IOException {
        Path written = folder.resolve("new");
        Files.deleteIfExists(written);
        try (SeekableByteChannel channel = Files.newByteChannel(
                written,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                AtomicFile.ownerOnly(written, "r--------"))) {
            ByteBuffer bytes = ByteBuffer.wrap(value);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
        Files.move(
                written, secrets().resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() {
        remove(folder);
    }

    /** Removes a folder with all that is in it. What cannot be removed is said in the log, and tried at the next start. */
    static void remove(Path folder) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.warn("cannot remove {}, in which a replica had its secrets", folder, e);
        }
    }
}
