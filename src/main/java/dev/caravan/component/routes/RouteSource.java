package dev.caravan.component.routes;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The text of the file that holds a route, as it stands on disk, be it the one that runs or one that was refused.
 *
 * @param file path below the routes folder, with slashes
 */
public record RouteSource(String file, String text) {

    /** The same for the same text, and for no other. */
    public String tag() {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash).substring(0, 22);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
