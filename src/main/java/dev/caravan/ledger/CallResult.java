package dev.caravan.ledger;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a function answered in the end, besides its status.
 *
 * @param headers those that may be passed on, names as sent
 * @param size of the whole body, in bytes
 * @param body null when it was too large to be kept; not to be changed
 * @param request what was answered, to be kept as long; null when it is not kept, and in what is read
 */
public record CallResult(
        Map<String, List<String>> headers,
        long size,
        @Nullable ByteBuffer body,
        @Nullable KeptRequest request) {

    /** The largest body that a row can hold, 1 MiB: what H2 takes in one value. */
    public static final int MAX_BODY = 1 << 20;

    /** No headers and no body: what is said of a call that never got an answer. */
    public static final CallResult EMPTY = new CallResult(Map.of(), 0, ByteBuffer.allocate(0));

    public CallResult {
        headers = Map.copyOf(headers);
        body = body == null ? null : body.asReadOnlyBuffer();
    }

    /** One whose request is not kept. */
    public CallResult(Map<String, List<String>> headers, long size, @Nullable ByteBuffer body) {
        this(headers, size, body, null);
    }

    /** The same, to be kept with its request. */
    public CallResult with(KeptRequest asked) {
        return new CallResult(headers, size, body, asked);
    }

    /** Whether there is more to it than a status, which stands in the call's own row. */
    boolean saysMore() {
        return size > 0 || !headers.isEmpty() || request != null;
    }
}
