package dev.caravan.letters;

import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.DeadLetterContent;
import dev.caravan.queue.BodyFiles;
import java.nio.ByteBuffer;

/** The bytes of a dead letter's call, wherever they stand. */
public record LetterBody(BodyFiles files) {

    private static final byte[] NOTHING = {};

    /** Empty when only the message has them (another client's, too large for the ledger), or when their file is gone. */
    public byte[] of(DeadLetterContent content) {
        if (content.bodyReference() != null) {
            return files.find(content.bodyReference()).orElse(NOTHING);
        }
        ByteBuffer buffer = content.body();
        if (buffer == null) {
            return NOTHING;
        }
        var body = new byte[buffer.remaining()];
        buffer.get(body);
        return body;
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
