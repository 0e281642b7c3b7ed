package dev.caravan.ledger;

import dev.caravan.function.CallId;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A call (or a callback) that will not be tried again, kept so that it can be found, shown and replayed.
 *
 * @param id {@link #idOf} or {@link #callbackIdOf}
 * @param queue the logical queue it died in
 * @param physicalQueue the broker's queue that holds the message
 * @param error one line, at most 1,000 characters
 * @param fingerprint {@link Fingerprint}
 * @param size of the body, in bytes
 * @param replays how often the call had been replayed when it died
 * @param messageId the dead letter's own JMS message id
 * @param content headers, body and history; null in lists
 */
public record DeadLetter(
        String id,
        CallId callId,
        int generation,
        String queue,
        String physicalQueue,
        FunctionName function,
        DeadReason reason,
        int statusCode,
        @Nullable String error,
        String fingerprint,
        int attempts,
        Instant submittedAt,
        Instant deadAt,
        long size,
        @Nullable String contentType,
        int replays,
        @Nullable String messageId,
        @Nullable DeadLetterContent content) {

    public static String idOf(CallId callId, int generation) {
        return new LetterId(callId, generation, false).toString();
    }

    public static String callbackIdOf(CallId callId, int generation) {
        return new LetterId(callId, generation, true).toString();
    }

    /** The same letter with, or without, what is heavy about it. */
    public DeadLetter with(@Nullable DeadLetterContent other) {
        return new DeadLetter(
                id,
                callId,
                generation,
                queue,
                physicalQueue,
                function,
                reason,
                statusCode,
                error,
                fingerprint,
                attempts,
                submittedAt,
                deadAt,
                size,
                contentType,
                replays,
                messageId,
                other);
    }

    /** The same letter as another function's. */
    public DeadLetter movedTo(
            String otherQueue,
            String otherPhysicalQueue,
            FunctionName otherFunction,
            String otherFingerprint,
            DeadLetterContent otherContent) {
        return new DeadLetter(
                id,
                callId,
                generation,
                otherQueue,
                otherPhysicalQueue,
                otherFunction,
                reason,
                statusCode,
                error,
                otherFingerprint,
                attempts,
                submittedAt,
                deadAt,
                size,
                contentType,
                replays,
                messageId,
                otherContent);
    }
}
