package dev.caravan.ledger;

import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Groups dead letters that failed in the same way: a hash of function, reason, status and the error without what
 * differs from call to call (numbers, ids, addresses).
 */
public final class Fingerprint {

    private static final Pattern HEX = Pattern.compile(
            "(?i)\\b(?:0x[0-9a-f]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|" + "(?=[a-f]*[0-9])[0-9a-f]{6,})\\b");
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");

    private Fingerprint() {}

    /** 16 hexadecimal digits. */
    public static String of(FunctionName function, DeadReason reason, int statusCode, @Nullable String error) {
        String text =
                String.join("\n", function.qualified(), reason.code(), Integer.toString(statusCode), normalised(error));
        return HexFormat.of().formatHex(sha256(text), 0, 8);
    }

    static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static String normalised(@Nullable String error) {
        return error == null
                ? ""
                : DIGITS.matcher(HEX.matcher(error).replaceAll("#")).replaceAll("#");
    }
}
