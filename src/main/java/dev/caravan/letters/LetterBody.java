package dev.caravan.letters;

import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.DeadLetterContent;
import dev.caravan.queue.BodyFiles;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The bytes of a dead letter's call, wherever they stand. */
public record LetterBody(BodyFiles files) {

    private static final byte[] NOTHING = {};

    /** Empty when only the message has them (another client's, too large for the ledger), or when their file is gone. */
    public byte[] of(DeadLetterContent content) {
        return of(content.body(), content.bodyReference());
    }

    /** Likewise, of whatever has its body in a row or in a file. */
    public byte[] of(@Nullable ByteBuffer body, @Nullable String reference) {
        if (reference != null) {
            return files.find(reference).orElse(NOTHING);
        }
        if (body == null) {
            return NOTHING;
        }
        var bytes = new byte[body.remaining()];
        body.duplicate().get(bytes);
        return bytes;
    }

    /** Of a letter that was looked up by its id. */
    public static DeadLetterContent content(DeadLetter letter) {
        DeadLetterContent content = letter.content();
        if (content == null) {
            throw new IllegalStateException("a letter looked up by id comes with its content: " + letter.id());
        }
        return content;
    }
}
