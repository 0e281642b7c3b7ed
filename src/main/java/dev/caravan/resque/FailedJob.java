package dev.caravan.resque;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.caravan.resque.Payload.InvalidPayload;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A record of the list {@code failed}, by whomever it was written: read as far as it can be.
 *
 * @param id finds it again for as long as its text stays as it is
 * @param position from the head of the list, where the oldest is
 * @param raw its bytes
 * @param record what it says; a missing node when it is no JSON object
 * @param payload the job's text in it, digit for digit; empty when there is none
 * @param problem why resque-web cannot show it, in one line; empty when it can
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares records
public record FailedJob(String id, long position, byte[] raw, JsonNode record, String payload, String problem) {

    private static final ObjectMapper JSON = new ObjectMapper(JsonText.factory());
    private static final String RETRIED_AT = "retried_at";
    private static final int DIGEST_BYTES = 8;

    static FailedJob read(long position, byte[] raw) {
        String id = position + "-" + digest(raw);
        try {
            String text = JsonText.decoded(raw);
            JsonNode record = JSON.readTree(text);
            if (!record.isObject()) {
                return malformed(id, position, raw, "it is not a JSON object");
            }
            JsonText.Span payload = JsonText.member(text, "payload");
            return new FailedJob(id, position, raw, record, payload == null ? "" : payload.of(text), problem(record));
        } catch (CharacterCodingException e) {
            return malformed(id, position, raw, "it is not UTF-8");
        } catch (IOException e) {
            return malformed(id, position, raw, "it is not JSON");
        }
    }

    private static FailedJob malformed(String id, long position, byte[] raw, String problem) {
        return new FailedJob(id, position, raw, MissingNode.getInstance(), "", problem);
    }

    /** What turns resque-web's whole page into an error. */
    private static String problem(JsonNode record) {
        if (!record.path("failed_at").isTextual()) {
            return "it does not say when, as text in failed_at";
        }
        if (!record.path("worker").isTextual()) {
            return "it does not say which worker, as text";
        }
        JsonNode backtrace = record.path("backtrace");
        if (!backtrace.isMissingNode() && !backtrace.isNull() && !backtrace.isArray()) {
            return "its backtrace is no list";
        }
        return record.path("payload").isObject() ? "" : "it has no payload";
    }

    private static String digest(byte[] raw) {
        try {
            byte[] sha1 = MessageDigest.getInstance("SHA-1").digest(raw);
            return HexFormat.of().formatHex(sha1, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    /** Whether this is the record that an id was given to, wherever it stands now. */
    boolean isOf(String id) {
        return id.substring(id.indexOf('-') + 1).equals(this.id.substring(this.id.indexOf('-') + 1));
    }

    /** A text in it; empty when there is none of that name. */
    public String text(String name) {
        JsonNode value = record.path(name);
        return value.isTextual() ? value.textValue() : "";
    }

    /** Empty when nobody has tried it again. */
    public String retriedAt() {
        return text(RETRIED_AT);
    }

    /** The call that the job was here; empty when it was none. */
    public String call() {
        return text("callId");
    }

    /** Which time round of that call this tells of. */
    int generation() {
        return record.path("generation").asInt(1);
    }

    /** What job it was; empty when there is none in it that could be tried again. */
    public Optional<Payload> job() {
        try {
            return payload.isEmpty() || text("exception").equals(FailureRecord.INVALID_PAYLOAD)
                    ? Optional.empty()
                    : Optional.of(Payload.read(payload.getBytes(StandardCharsets.UTF_8)));
        } catch (InvalidPayload e) {
            return Optional.empty();
        }
    }

    /** Whether there is a job in it that nobody has tried again. */
    public boolean canRetry() {
        return retriedAt().isEmpty() && job().isPresent() && !text("queue").isEmpty();
    }

    /** The same bytes, and when it was tried again. */
    byte[] retried(String at) {
        try {
            String text = JsonText.decoded(raw);
            JsonText.Span before = JsonText.member(text, RETRIED_AT);
            String when = FailureRecord.json(at);
            int end = text.lastIndexOf('}');
            String marked = before == null
                    ? text.substring(0, end) + (record.isEmpty() ? "" : ",") + "\"" + RETRIED_AT + "\":" + when
                            + text.substring(end)
                    : text.substring(0, before.begin()) + when + text.substring(before.end());
            return marked.getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("only what could be read is tried again", e);
        }
    }

    @Override
    public String toString() {
        return "failure " + id + " of " + Arrays.hashCode(raw);
    }
}
