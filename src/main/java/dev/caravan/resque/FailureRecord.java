package dev.caravan.resque;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/**
 * Writes what the list {@code failed} holds, with the keys in Ruby's order. resque-web shows none of its records when one
 * has no {@code failed_at}, no {@code worker} or a backtrace that is no list.
 */
final class FailureRecord {

    private static final ObjectMapper JSON = new ObjectMapper();

    private FailureRecord() {}

    /** Of a job whose payload is a JSON object; it goes in as it is. */
    static byte[] of(Failure failure, byte[] payload, String queue, String worker, Instant now) {
        var record = new ByteArrayOutputStream(payload.length + 512);
        write(record, "{\"failed_at\":" + json(ResqueTime.failedAt(now)) + ",\"payload\":");
        record.writeBytes(payload);
        var rest = new StringBuilder()
                .append(",\"exception\":")
                .append(json(failure.exception()))
                .append(",\"error\":")
                .append(json(failure.error()))
                .append(",\"backtrace\":")
                .append(json(failure.backtrace()))
                .append(",\"worker\":")
                .append(json(worker))
                .append(",\"queue\":")
                .append(json(queue));
        failure.more()
                .forEach((key, value) ->
                        rest.append(',').append(json(key)).append(':').append(json(value)));
        write(record, rest.append('}').toString());
        return record.toByteArray();
    }

    /** Of what is no job: its text is the one argument of a class that says so. */
    static byte[] ofInvalid(String reason, byte[] raw, String queue, String worker, Instant now) {
        String text = new String(raw, StandardCharsets.UTF_8);
        String payload = "{\"class\":\"(invalid payload)\",\"args\":" + json(List.of(text)) + "}";
        return of(new Failure("InvalidPayload", reason), payload.getBytes(StandardCharsets.UTF_8), queue, worker, now);
    }

    private static void write(ByteArrayOutputStream to, String text) {
        to.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts, numbers and lists of texts are JSON", e);
        }
    }
}
