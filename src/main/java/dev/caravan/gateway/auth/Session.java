package dev.caravan.gateway.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;

/**
 * A browser that is signed in.
 *
 * @param secret what its cookie says; whoever knows it is signed in
 * @param token what its requests must say besides, which a page of another site cannot know
 * @param until when it is over, however busy it is
 */
public record Session(String secret, String token, Instant until) {

    /** Whether a request said the session's token. */
    public boolean hasToken(String said) {
        return MessageDigest.isEqual(token.getBytes(StandardCharsets.UTF_8), said.getBytes(StandardCharsets.UTF_8));
    }

    /** Without its secrets. */
    @Override
    public String toString() {
        return "Session[until=" + until + "]";
    }
}
