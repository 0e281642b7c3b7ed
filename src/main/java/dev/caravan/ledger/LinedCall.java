package dev.caravan.ledger;

import dev.caravan.function.CallId;
import dev.caravan.function.FunctionName;
import dev.caravan.function.OrderKey;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A call in its line, with all that its message needs.
 *
 * @param queue the logical queue
 * @param headers its message's properties as JSON
 * @param body its message's body, at most {@link DeadLetterContent#MAX_BODY} bytes; null when a file has it
 * @param bodyReference where a large body stands; null when {@code body} is whole
 */
public record LinedCall(
        CallId id,
        int generation,
        String queue,
        FunctionName function,
        OrderKey key,
        String headers,
        @Nullable ByteBuffer body,
        @Nullable String bodyReference) {

    public LinedCall {
        if (body != null && body.remaining() > DeadLetterContent.MAX_BODY) {
            throw new IllegalArgumentException("a body of " + body.remaining() + " bytes belongs in a file");
        }
    }
}
