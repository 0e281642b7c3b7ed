package dev.caravan.resque;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A job as it is kept while somebody has it; the scripts write it (shared.lua). */
record KeptJob(String queue, String worker, byte[] raw) {

    /** {@code QUEUE-LENGTH:WORKER-LENGTH:QUEUE WORKER BYTES}, lengths in bytes. */
    static KeptJob read(byte[] kept) {
        int first = indexOf(kept, 0);
        int second = indexOf(kept, first + 1);
        int queue = Integer.parseInt(new String(kept, 0, first, UTF_8));
        int worker = Integer.parseInt(new String(kept, first + 1, second - first - 1, UTF_8));
        int begin = second + 1;
        return new KeptJob(
                new String(kept, begin, queue, UTF_8),
                new String(kept, begin + queue, worker, UTF_8),
                Arrays.copyOfRange(kept, begin + queue + worker, kept.length));
    }

    private static int indexOf(byte[] kept, int from) {
        for (int i = from; i < kept.length; i++) {
            if (kept[i] == ':') {
                return i;
            }
        }
        throw new IllegalArgumentException("this is no job that is kept");
    }

    /**
     * It is over.
     *
     * @param shown the worker whose record goes; empty for none
     */
    JobEnd ended(String token, String shown, @Nullable Failure failure, Instant now) {
        return failure == null
                ? JobEnd.done(token, shown)
                : JobEnd.failed(token, shown, FailureRecord.of(failure, raw, queue, worker, now));
    }
}
