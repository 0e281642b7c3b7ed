package dev.caravan.queue;

import dev.caravan.function.Attempt;
import dev.caravan.function.DeadReason;
import java.time.Instant;

/**
 * A dead letter as it stands on its queue.
 *
 * @param message the call; its physical queue is the one it died in
 * @param last the attempt that ended it
 */
public record BuriedCall(CallMessage message, DeadReason reason, Attempt last, Instant deadAt) {}
