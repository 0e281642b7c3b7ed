package dev.caravan.resque;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.List;

/**
 * Writes what the list {@code failed} holds, with the keys in Ruby's order. resque-web shows none of its records when one
 * has no {@code failed_at}, no {@code worker} or a backtrace that is no list.
 */
final class FailureRecord {

    /** As Ruby and JavaScript write it: tools remove a record by its bytes. */
    private static final ObjectMapper JSON = new ObjectMapper(
            JsonFactory.builder().disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE).build());

    /** The exception of what never was a job. */
    static final String INVALID_PAYLOAD = "InvalidPayload";

    private FailureRecord() {}

    /**
     * In three lines: what stands before the payload; behind it; and behind worker and queue. The script puts in what it
     * keeps of the job, whose payload is a JSON object, as it is.
     */
    static byte[] around(Failure failure, Instant now) {
        var lines = new StringBuilder("{\"failed_at\":")
                .append(json(ResqueTime.failedAt(now)))
                .append(",\"payload\":\n")
                .append(reason(failure))
                .append('\n');
        failure.more()
                .forEach((key, value) ->
                        lines.append(',').append(json(key)).append(':').append(json(value)));
        return lines.append('}').toString().getBytes(UTF_8);
    }

    /** The whole record of what is no job: its text is the one argument of a class that says so. */
    static byte[] ofInvalid(String reason, byte[] raw, String queue, String worker, Instant now) {
        String text = new String(raw, UTF_8);
        return ("{\"failed_at\":" + json(ResqueTime.failedAt(now))
                        + ",\"payload\":{\"class\":\"(invalid payload)\",\"args\":"
                        + json(List.of(text)) + "}" + reason(new Failure(INVALID_PAYLOAD, reason)) + ",\"worker\":"
                        + json(worker) + ",\"queue\":" + json(queue) + "}")
                .getBytes(UTF_8);
    }

    private static String reason(Failure failure) {
        return ",\"exception\":" + json(failure.exception()) + ",\"error\":" + json(failure.error()) + ",\"backtrace\":"
                + json(failure.backtrace());
    }

    /** On one line. */
    static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts, numbers and lists of texts are JSON", e);
        }
    }
}
