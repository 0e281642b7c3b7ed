package dev.caravan.gateway.auth;

import dev.caravan.gateway.auth.Sessions.Standing;
import dev.caravan.gateway.auth.Verdict.Passed;
import dev.caravan.gateway.auth.Verdict.Refusal;
import dev.caravan.gateway.auth.Verdict.Refused;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * HTTP Basic authentication (RFC 7617) against the secrets folder: the admin of {@code basic-auth-user} and {@code
 * basic-auth-password}, and those of the file {@code users}.
 *
 * <p>The admin's password is compared, the others' are bcrypt hashes. They are checked on threads of their own, and right
 * ones are remembered for five minutes under an HMAC whose key lives as long as the process. A user who is not there
 * costs as much as a wrong password. Wrong guesses are slowed down by address, see {@link Guesses}; the admin and whoever
 * is remembered always pass. For any thread.
 */
public final class BasicAuth implements AutoCloseable {

    private static final String HMAC = "HmacSHA256";

    private final SecretKeySpec key = randomKey();
    private final String adminName;
    private final byte[] admin;
    private final UsersFile file;
    private final InstantSource clock;
    private final Guesses guesses;
    private final Verified verified;
    private final PasswordChecks checks;

    private BasicAuth(AdminFiles adminFiles, UsersFile file, InstantSource clock) {
        this.adminName = adminFiles.user();
        this.admin = digest((adminFiles.user() + ":" + adminFiles.password()).getBytes(StandardCharsets.UTF_8));
        this.file = file;
        this.clock = clock;
        this.guesses = new Guesses(clock);
        this.verified = new Verified(clock);
        this.checks = new PasswordChecks(guesses);
    }

    /**
     * Reads the secrets folder and makes what is missing of the admin: user {@code admin}, and 32 random characters that
     * only this user of the machine can read. The file {@code users} may be missing.
     *
     * @param defaultNamespace of functions that {@code users} names without one
     * @throws IOException in one readable line, when the folder cannot be read or written or a line of {@code users} makes
     *     no sense
     */
    public static BasicAuth in(Path secrets, InstantSource clock, String defaultNamespace) throws IOException {
        AdminFiles admin = AdminFiles.in(secrets);
        return new BasicAuth(admin, UsersFile.open(secrets.resolve("users"), admin.user(), defaultNamespace), clock);
    }

    /**
     * Judges a request. What is known is judged at once; nothing here blocks.
     *
     * @param authorization the header as sent; null when there was none
     * @param address of the direct peer, without port
     * @return never fails; completed on another thread when a password has to be checked
     */
    public CompletableFuture<Verdict> judge(@Nullable String authorization, String address) {
        if (authorization == null) {
            return CompletableFuture.completedFuture(new Refused(Refusal.WRONG));
        }
        byte[] credentials = credentials(authorization);
        byte[] digest = digest(credentials);
        if (MessageDigest.isEqual(admin, digest)) {
            return CompletableFuture.completedFuture(new Passed(new Caller(adminName, Role.ADMIN)));
        }
        ByteBuffer known = ByteBuffer.wrap(digest).asReadOnlyBuffer();
        Users users = file.users();
        Optional<Caller> caller = verified.caller(known, users);
        if (caller.isPresent()) {
            return CompletableFuture.completedFuture(new Passed(caller.get()));
        }
        int colon = colon(credentials);
        if (users.isEmpty() || colon < 0) {
            return CompletableFuture.completedFuture(wrong(address));
        }
        String name = new String(credentials, 0, colon, StandardCharsets.UTF_8);
        byte[] password = Arrays.copyOfRange(credentials, colon + 1, credentials.length);
        PasswordHash hash = users.named(name).map(Users.User::hash).orElse(users.nobodys());
        return checks.check(known, hash, password, address).thenApply(result -> switch (result) {
            case RIGHT -> right(known, name, hash, address);
            case WRONG -> wrong(address);
            case TOO_MANY -> new Refused(Refusal.TOO_MANY);
            case BUSY -> new Refused(Refusal.BUSY);
        });
    }

    /** The file may have changed while the password was checked, so it is asked again. */
    private Verdict right(ByteBuffer credentials, String name, PasswordHash hash, String address) {
        verified.add(credentials, name, hash);
        return verified.caller(credentials, file.users())
                .<Verdict>map(Passed::new)
                .orElseGet(() -> wrong(address));
    }

    /**
     * The browsers that sign in as these users.
     *
     * @param idle how long one may be without a request
     * @param longest how long one may be signed in at all
     */
    public Sessions sessions(Duration idle, Duration longest) {
        return new Sessions(clock, idle, longest, this::standing);
    }

    private Optional<Standing> standing(String name) {
        return name.equals(adminName)
                ? Optional.of(new Standing(Grant.of(Role.ADMIN), "the same for as long as this process"))
                : file.users().named(name).map(user -> new Standing(user.grant(), user.hash()));
    }

    private Verdict wrong(String address) {
        return new Refused(guesses.wrong(address) ? Refusal.TOO_MANY : Refusal.WRONG);
    }

    /** {@code name:password}; nothing at all when the header is something else. */
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

    private static int colon(byte[] credentials) {
        for (int i = 0; i < credentials.length; i++) {
            if (credentials[i] == ':') {
                return i;
            }
        }
        return -1;
    }

    private byte[] digest(byte[] credentials) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(key);
            return mac.doFinal(credentials);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + HMAC, e);
        }
    }

    private static SecretKeySpec randomKey() {
        var bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        return new SecretKeySpec(bytes, HMAC);
    }

    @Override
    public void close() {
        file.close();
        checks.close();
    }
}
