package dev.caravan.gateway.auth;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategy;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a password: its bcrypt hash, as {@code htpasswd}, OpenBSD and others write it ({@code $2a$}, {@code
 * $2b$}, {@code $2y$}, which mean the same). It does not print itself.
 *
 * <p>As everywhere else, bcrypt reads the first 72 bytes of a password and no more.
 */
public final class PasswordHash {

    private static final Pattern SHAPE = Pattern.compile("\\$2[aby]\\$([0-9]{2})\\$[./A-Za-z0-9]{53}");
    private static final int MIN_COST = 4;

    /** Each step doubles the time; 15 is some three seconds, and whoever guesses costs as much. */
    private static final int MAX_COST = 15;

    private static final int NEW_COST = 10;
    private static final LongPasswordStrategy FIRST_72_BYTES =
            LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2B);

    private final String text;
    private final int cost;

    private PasswordHash(String text, int cost) {
        this.text = text;
        this.cost = cost;
    }

    /** @throws IllegalArgumentException when it is none, saying what was expected and nothing of the text */
    static PasswordHash parse(String text) {
        Matcher matcher = SHAPE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("must be a bcrypt hash: $2a$, $2b$ or $2y$, 60 characters");
        }
        int cost = Integer.parseInt(matcher.group(1));
        if (cost < MIN_COST || cost > MAX_COST) {
            throw new IllegalArgumentException(
                    "must have a bcrypt cost from " + MIN_COST + " to " + MAX_COST + ", has " + cost);
        }
        return new PasswordHash(text, cost);
    }

    /** A hash to be checked in vain, for as long as a real one of that cost. */
    static PasswordHash ofNobody(int cost) {
        return new PasswordHash("$2b$%02d$%s".formatted(cost, ".".repeat(53)), cost);
    }

    /**
     * Hashes a new password with a fresh salt. Takes about a tenth of a second.
     *
     * @param password in UTF-8
     */
    public static String of(byte[] password) {
        byte[] hash = BCrypt.with(BCrypt.Version.VERSION_2B, FIRST_72_BYTES).hash(NEW_COST, password);
        return new String(hash, StandardCharsets.US_ASCII);
    }

    /** Whether it is this password, in UTF-8. Takes a tenth of a second to seconds, of pure computing. */
    boolean matches(byte[] password) {
        return BCrypt.verifyer(BCrypt.Version.VERSION_2B, FIRST_72_BYTES)
                .verify(password, text.getBytes(StandardCharsets.US_ASCII))
                .verified;
    }

    int cost() {
        return cost;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PasswordHash hash && hash.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return "(hidden)";
    }
}
