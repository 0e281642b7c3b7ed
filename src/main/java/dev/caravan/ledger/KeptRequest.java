package dev.caravan.ledger;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a call was sent with, as it is kept.
 *
 * @param headers its message's properties as JSON, which belong to who wrote them
 * @param body null when a file has it, or it was too large to be kept
 * @param bodyReference where a large body stands; null when {@code body} is whole
 * @param place where it was found
 */
public record KeptRequest(
        String headers, @Nullable ByteBuffer body, @Nullable String bodyReference, Place place) {

    /** Where a call's request stands. */
    public enum Place {
        /** In its dead letter. */
        LETTER("dead-letter"),
        /** In the line of its order key, where it waits for its turn. */
        LINE("line"),
        /** Beside its result, as long as that is kept. */
        RESULT("result");

        private final String word;

        Place(String word) {
            this.word = word;
        }

        /** As the API says it. */
        public String word() {
            return word;
        }
    }

    public KeptRequest {
        body = body == null ? null : body.asReadOnlyBuffer();
    }

    /** Of a call that is over, whole. */
    public static KeptRequest ofResult(String headers, ByteBuffer body) {
        return new KeptRequest(headers, body, null, Place.RESULT);
    }

    /** A view of its own, so that reading it moves nobody else's position. */
    @Override
    public @Nullable ByteBuffer body() {
        return body == null ? null : body.duplicate();
    }
}
