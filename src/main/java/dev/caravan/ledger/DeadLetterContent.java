package dev.caravan.ledger;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What is heavy about a dead letter. The two JSON texts belong to who wrote them; the ledger does not read them.
 *
 * @param headers JSON: what is needed to send the call again
 * @param history JSON: its latest attempts
 * @param body the request's bytes, at most {@value #MAX_BODY}; null when it is larger
 * @param bodyReference where a larger body stands; null otherwise
 * @param searchText what a search looks through, in lower case; null when it was not read or nothing is known
 */
public record DeadLetterContent(
        String headers,
        String history,
        @Nullable ByteBuffer body,
        @Nullable String bodyReference,
        @Nullable String searchText) {

    /** The largest body kept in the database, in bytes. */
    public static final int MAX_BODY = 64 * 1024;

    /** @throws IllegalArgumentException when the body is too large */
    public DeadLetterContent {
        if (body != null) {
            if (body.remaining() > MAX_BODY) {
                throw new IllegalArgumentException("a body above " + MAX_BODY + " bytes is kept by reference");
            }
            body = body.asReadOnlyBuffer();
        }
    }

    /** One that is not found by its text. */
    public DeadLetterContent(
            String headers, String history, @Nullable ByteBuffer body, @Nullable String bodyReference) {
        this(headers, history, body, bodyReference, null);
    }

    /** A view of its own, so that reading it moves nobody else's position. */
    @Override
    public @Nullable ByteBuffer body() {
        return body == null ? null : body.duplicate();
    }
}
