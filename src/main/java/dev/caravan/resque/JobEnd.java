package dev.caravan.resque;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;

/**
 * What is told to Redis of a job that no worker has any more.
 *
 * @param what the script's word
 * @param worker whose record goes; empty for none
 * @param record what goes to {@code failed}, or the call that it is now
 */
record JobEnd(String what, String token, String worker, byte[] record) {

    private static final byte[] NOTHING = {};

    static JobEnd done(String token, String worker) {
        return new JobEnd("done", token, worker, NOTHING);
    }

    static JobEnd failed(String token, String worker, Failure failure, Instant now) {
        return new JobEnd("failed", token, worker, FailureRecord.around(failure, now));
    }

    /** It never was a job. */
    static JobEnd refused(String token, String worker, byte[] record) {
        return new JobEnd("refused", token, worker, record);
    }

    /** The call that it went on as is over. */
    static JobEnd ofCall(String call, JobCalls.Ended end, Instant now) {
        return end.failure().map(failure -> failed(call, "", failure, now)).orElseGet(() -> done(call, ""));
    }

    /** Back to the head of its queue. */
    static JobEnd returned(String token, String worker) {
        return new JobEnd("returned", token, worker, NOTHING);
    }

    static JobEnd handed(String token, String worker, String call) {
        return new JobEnd("handed", token, worker, call.getBytes(UTF_8));
    }
}
