package dev.caravan.queue;

import dev.caravan.function.Call;
import org.jspecify.annotations.Nullable;

/**
 * A call together with its body, as a message carries it.
 *
 * @param body the request's bytes as they came; shared, never changed
 * @param bodyFile where a large body stands; null when the message itself carries it
 * @param redelivered whether the broker says that somebody had this message before
 */
public record CallMessage(Call call, byte[] body, @Nullable String bodyFile, boolean redelivered) {}
