package dev.caravan.gateway.auth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The admin, who is always there: {@code basic-auth-user} and {@code basic-auth-password} (contract section 0.1). */
final class AdminFiles {

    private static final String USER_FILE = "basic-auth-user";
    private static final String PASSWORD_FILE = "basic-auth-password";
    private static final int PASSWORD_BYTES = 24; // 32 characters of base64

    private final String user;
    private final String password;

    private AdminFiles(String user, String password) {
        this.user = user;
        this.password = password;
    }

    /** Reads the two, and makes the one that is missing. */
    static AdminFiles in(Path secrets) throws IOException {
        if (Files.notExists(secrets)) {
            Files.createDirectories(
                    secrets, permissions(secrets.toAbsolutePath().getParent(), "rwx------"));
        }
        String user = readOrCreate(secrets.resolve(USER_FILE), "admin");
        String password = readOrCreate(secrets.resolve(PASSWORD_FILE), randomPassword());
        if (user.isEmpty() || password.isEmpty()) {
            throw new IOException("the files " + USER_FILE + " and " + PASSWORD_FILE + " in " + secrets
                    + " must not be empty; delete an empty one to have it made again");
        }
        return new AdminFiles(user, password);
    }

    String user() {
        return user;
    }

    String password() {
        return password;
    }

    private static String readOrCreate(Path file, String fallback) throws IOException {
        if (Files.notExists(file)) {
            Files.createFile(file, permissions(file.toAbsolutePath().getParent(), "rw-------"));
            Files.writeString(file, fallback + "\n", StandardOpenOption.WRITE);
        }
        return Files.readString(file).strip();
    }

    private static FileAttribute<?>[] permissions(@Nullable Path beside, String text) {
        boolean posix = beside != null
                && beside.getFileSystem().supportedFileAttributeViews().contains("posix");
        Set<PosixFilePermission> permissions = PosixFilePermissions.fromString(text);
        return posix
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
                : new FileAttribute<?>[0];
    }

    private static String randomPassword() {
        var bytes = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
