package dev.caravan.gateway.auth;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@code users} in the secrets folder, looked at every second: a good edit counts within about that time, a
 * broken one changes nothing and is said in the log. Without the file there are no users but the admin.
 */
final class UsersFile implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(UsersFile.class);
    private static final long MAX_BYTES = 1024 * 1024;

    /** By which an edit is noticed; a file that is moved into place has a key of its own. */
    private record Stamp(
            FileTime modified, long size, @Nullable Object key) {}

    private final Path file;
    private final String admin;
    private final String defaultNamespace;
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(work -> {
        var thread = new Thread(work, "users-file");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Stamp seen;
    private volatile Users users;

    private UsersFile(Path file, String admin, String defaultNamespace, @Nullable Stamp seen, Users users) {
        this.file = file;
        this.admin = admin;
        this.defaultNamespace = defaultNamespace;
        this.seen = seen;
        this.users = users;
    }

    /**
     * Reads the file and watches it from then on.
     *
     * @param admin the user of {@code basic-auth-user}
     * @param defaultNamespace of functions that a line names without one
     * @throws IOException naming file and line, when it cannot be read or understood
     */
    static UsersFile open(Path file, String admin, String defaultNamespace) throws IOException {
        Stamp seen = stamp(file);
        var opened = new UsersFile(file, admin, defaultNamespace, seen, read(file, seen, admin, defaultNamespace));
        opened.watch.scheduleWithFixedDelay(opened::look, 1, 1, TimeUnit.SECONDS);
        return opened;
    }

    /** As of the last good reading. */
    Users users() {
        return users;
    }

    private void look() {
        try {
            Stamp now = stamp(file);
            if (Objects.equals(now, seen)) {
                return;
            }
            seen = now;
            users = read(file, now, admin, defaultNamespace);
            LOG.info("users read again users={} file={}", users.count(), file);
        } catch (IOException | RuntimeException e) {
            LOG.warn("users not read again, those of before stay reason=\"{}\"", e.getMessage());
        }
    }

    /** Null when there is no file. */
    private static @Nullable Stamp stamp(Path file) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private static Users read(Path file, @Nullable Stamp stamp, String admin, String defaultNamespace)
            throws IOException {
        if (stamp == null) {
            return Users.NONE;
        }
        if (stamp.size() > MAX_BYTES) {
            throw new IOException(
                    file + ": a users file has at most " + MAX_BYTES + " bytes, this has " + stamp.size());
        }
        try {
            return Users.parse(file, Files.readString(file), admin, defaultNamespace);
        } catch (CharacterCodingException e) {
            throw new IOException(file + ": a users file is text in UTF-8, this is not", e);
        }
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }
}
