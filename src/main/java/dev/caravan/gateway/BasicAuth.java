package dev.caravan.gateway;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * HTTP Basic authentication (RFC 7617) of one user, whose name and password stand in the secrets folder.
 *
 * <p>Wrong guesses are answered 401, and 429 once an address made too many within a minute. The right credentials always
 * pass, so that nobody behind a shared proxy can lock the others out. For any thread.
 */
public final class BasicAuth {

    /** What to answer. */
    public enum Verdict {
        PASS,
        /** Wrong or missing credentials: 401. */
        DENY,
        /** Too many wrong ones from this address: 429. */
        THROTTLE
    }

    private static final String USER_FILE = "basic-auth-user";
    private static final String PASSWORD_FILE = "basic-auth-password";
    private static final int PASSWORD_BYTES = 24; // 32 characters of base64
    private static final int GUESSES_PER_MINUTE = 30;
    private static final int ADDRESSES_WATCHED = 1_000;

    private record Guesses(Instant since, int count) {}

    private final byte[] expected;
    private final InstantSource clock;
    private final Map<String, Guesses> guesses = new LinkedHashMap<>();

    private BasicAuth(String user, String password, InstantSource clock) {
        this.expected = hash((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        this.clock = clock;
    }

    /**
     * Reads {@code basic-auth-user} and {@code basic-auth-password}, and makes the one that is missing: user {@code
     * admin}, and 32 random characters that only this user of the machine can read.
     *
     * @throws IOException when the folder cannot be read or written
     */
    public static BasicAuth in(Path secrets, InstantSource clock) throws IOException {
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
        return new BasicAuth(user, password, clock);
    }

    /**
     * Judges a request.
     *
     * @param authorization the header as sent; null when there was none
     * @param address of the direct peer, without port
     */
    public Verdict judge(@Nullable String authorization, String address) {
        if (authorization == null) {
            return Verdict.DENY;
        }
        if (MessageDigest.isEqual(expected, hash(credentials(authorization)))) {
            return Verdict.PASS;
        }
        return tooMany(address) ? Verdict.THROTTLE : Verdict.DENY;
    }

    private static byte[] credentials(String authorization) {
        if (!authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
            return new byte[0];
        }
        try {
            return Base64.getDecoder().decode(authorization.substring(6).strip());
        } catch (IllegalArgumentException e) {
            return new byte[0]; // not base64, so certainly wrong
        }
    }

    private synchronized boolean tooMany(String address) {
        Instant now = clock.instant();
        Guesses before = guesses.remove(address);
        Guesses after =
                before == null || before.since().plus(Duration.ofMinutes(1)).isBefore(now)
                        ? new Guesses(now, 1)
                        : new Guesses(before.since(), before.count() + 1);
        guesses.put(address, after);
        if (guesses.size() > ADDRESSES_WATCHED) {
            guesses.remove(guesses.keySet().iterator().next());
        }
        return after.count() > GUESSES_PER_MINUTE;
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

    private static byte[] hash(byte[] text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
