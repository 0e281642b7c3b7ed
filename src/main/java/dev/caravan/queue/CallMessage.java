package dev.caravan.queue;

import dev.caravan.function.Call;
import org.jspecify.annotations.Nullable;

/**
 * A call together with its body, as a message carries it.
 *
 * @param physicalQueue where it was taken from
 * @param body the request's bytes as they came; shared, never changed
 * @param bodyFile where a large body stands; null when the message itself carries it
 * @param redelivered whether the broker says that somebody had this message before
 */
@SuppressWarnings("ArrayRecordComponent") // a body is bytes; nobody compares messages
public record CallMessage(
        Call call,
        String physicalQueue,
        byte[] body,
        @Nullable String bodyFile,
        boolean redelivered) {

    private static final byte[] NOTHING = {};

    /** What the next message of this call has as its own body: nothing when a file has it. */
    public byte[] carried() {
        return bodyFile == null ? body : NOTHING;
    }
}
