package dev.caravan.gateway;

import dev.caravan.function.Call;
import io.vertx.core.MultiMap;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A call that came with an {@code Idempotency-Key}: 1 to 255 visible ASCII characters.
 *
 * @param scope SHA-256 of namespace, function and key, in hexadecimal: the same key of another function is another key
 * @param fingerprint SHA-256 of what makes the request the same: path, query, content type and body
 */
record KeyedRequest(String scope, String fingerprint) {

    private static final int LONGEST = 255;

    /**
     * Null when there is no key.
     *
     * @throws HttpFailure 400 when it is none of ours
     */
    static @Nullable KeyedRequest of(MultiMap headers, Call call, byte[] body) {
        String key = headers.get("Idempotency-Key");
        if (key == null) {
            return null;
        }
        if (key.isEmpty() || key.length() > LONGEST || !key.chars().allMatch(c -> c > ' ' && c <= '~')) {
            throw new HttpFailure(400, "Idempotency-Key must be 1 to " + LONGEST + " visible ASCII characters");
        }
        MessageDigest scope = sha256();
        add(scope, call.function().namespace());
        add(scope, call.function().name());
        add(scope, key);
        MessageDigest request = sha256();
        add(request, call.path());
        add(request, call.query());
        add(request, headers.get("Content-Type"));
        request.update(body);
        return new KeyedRequest(
                HexFormat.of().formatHex(scope.digest()), HexFormat.of().formatHex(request.digest()));
    }

    /** With its length, so that no two lists of parts look alike; nothing is not the same as an empty text. */
    private static void add(MessageDigest digest, @Nullable String part) {
        byte[] bytes = part == null ? new byte[0] : part.getBytes(StandardCharsets.UTF_8);
        digest.update(
                ByteBuffer.allocate(4).putInt(part == null ? -1 : bytes.length).flip());
        digest.update(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
