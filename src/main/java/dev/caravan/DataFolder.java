package dev.caravan;

import dev.caravan.config.SettingsException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** The folder of everything that must survive, locked so that only one process uses it. */
final class DataFolder implements AutoCloseable {

    private final FileChannel channel;
    private final FileLock lock;

    private DataFolder(FileChannel channel, FileLock lock) {
        this.channel = channel;
        this.lock = lock;
    }

    /** @throws SettingsException in one readable line when the folder cannot be used */
    static DataFolder open(Path folder) {
        try {
            Files.createDirectories(folder);
            var channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                throw new SettingsException("the data folder " + folder
                        + " is used by another Caravan; stop it or set CARAVAN_DATA to another folder");
            }
            return new DataFolder(channel, lock);
        } catch (FileAlreadyExistsException e) {
            throw new SettingsException("the data folder " + folder + " is not a folder but a file; set CARAVAN_DATA to"
                    + " one that is, or that does not exist yet");
        } catch (IOException e) {
            throw unusable(folder, e);
        }
    }

    private static SettingsException unusable(Path folder, IOException e) {
        String reason = e instanceof FileSystemException file && file.getReason() != null
                ? file.getReason()
                : e instanceof AccessDeniedException ? "access denied" : e.getMessage();
        return new SettingsException(
                "the data folder " + folder + " cannot be written (" + reason + "); set CARAVAN_DATA to one that can");
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // another Caravan in this very process
        }
    }

    @Override
    public void close() throws IOException {
        lock.release();
        channel.close();
    }
}
