package dev.caravan.component.calls;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Says that a callback comes from who knows the key, and when it was sent: {@code sha256=} and the HMAC-SHA-256 (RFC
 * 2104), in hex, of the timestamp, a dot and the body's bytes.
 *
 * @param timestamp in decimal Unix seconds
 */
record CallbackSignature(String timestamp, String text) {

    /** Carries the timestamp. */
    static final String TIMESTAMP_HEADER = "X-Caravan-Timestamp";

    /** Carries the signature. */
    static final String HEADER = "X-Caravan-Signature";

    private static final String ALGORITHM = "HmacSHA256";

    /** @param key not empty */
    static CallbackSignature of(byte[] key, Instant now, byte[] body) {
        String timestamp = Long.toString(now.getEpochSecond());
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            mac.update((timestamp + ".").getBytes(StandardCharsets.US_ASCII));
            return new CallbackSignature(timestamp, "sha256=" + HexFormat.of().formatHex(mac.doFinal(body)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }
}
