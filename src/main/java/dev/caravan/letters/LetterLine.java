package dev.caravan.letters;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.DeadReason;
import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.DeadLetterContent;
import dev.caravan.queue.CallMessages;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.SearchText;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter as one line of JSON, whole: with its call as its message has it, every header and all of its body, so
 * that it can be put back and replayed. What is exported holds the keys that callers sent.
 */
public final class LetterLine {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final CallMessages messages;
    private final LetterBody bodies;

    public LetterLine(CallMessages messages, LetterBody bodies) {
        this.messages = messages;
        this.bodies = bodies;
    }

    /** A letter that was read from a line; not yet in any queue. */
    @SuppressWarnings("ArrayRecordComponent") // a body is bytes; nobody compares these
    record Parsed(
            Call call,
            DeadReason reason,
            int statusCode,
            @Nullable String error,
            Instant deadAt,
            int attempts,
            String history,
            byte[] body) {

        String id() {
            return call.queue().equals(QueueNames.CALLBACK_QUEUE)
                    ? DeadLetter.callbackIdOf(call.id(), call.generation())
                    : DeadLetter.idOf(call.id(), call.generation());
        }
    }

    /** With the end of the line. */
    public String write(DeadLetter letter) {
        DeadLetterContent content = LetterBody.content(letter);
        ObjectNode json = JSON.createObjectNode()
                .put("id", letter.id())
                .put("callId", letter.callId().text())
                .put("queue", letter.queue())
                .put("function", letter.function().name())
                .put("namespace", letter.function().namespace())
                .put("reason", letter.reason().code())
                .put("statusCode", letter.statusCode());
        if (letter.error() != null) {
            json.put("error", letter.error());
        }
        json.put("fingerprint", letter.fingerprint())
                .put("attempts", letter.attempts())
                .put("submittedAt", letter.submittedAt().toString())
                .put("deadAt", letter.deadAt().toString())
                .put("replays", letter.replays());
        json.set("call", tree(content.headers()));
        json.set("history", tree(content.history()));
        byte[] body = bodies.of(content);
        SearchText.text(body)
                .ifPresentOrElse(
                        text -> json.put("body", text),
                        () -> json.put("bodyBase64", Base64.getEncoder().encodeToString(body)));
        return json + "\n";
    }

    /** @throws IllegalArgumentException with what is wrong, in words for the one who sent it */
    Parsed read(String line) {
        JsonNode json = parsed(line);
        if (json.path("masked").asBoolean()) {
            throw new IllegalArgumentException(
                    "it was exported with values masked: let somebody export it who sees them");
        }
        CallId id = CallId.parse(text(json, "callId"))
                .orElseThrow(() -> new IllegalArgumentException("\"callId\" is no call id"));
        String queue = text(json, "queue");
        if (!QueueNames.isLogical(queue)) {
            throw new IllegalArgumentException("\"queue\" is no queue's name");
        }
        if (!json.path("call").isObject() || !json.path("history").isArray()) {
            throw new IllegalArgumentException("\"call\" must be an object and \"history\" an array");
        }
        return new Parsed(
                call(id, queue, json.get("call")),
                reason(text(json, "reason")),
                json.path("statusCode").asInt(),
                error(json),
                instant(text(json, "deadAt")),
                json.path("attempts").asInt(1),
                json.get("history").toString(),
                body(json));
    }

    private static JsonNode parsed(String line) {
        try {
            JsonNode json = JSON.readTree(line);
            if (json.isObject()) {
                return json;
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("it is not JSON", e);
        }
        throw new IllegalArgumentException("it must be a JSON object");
    }

    private Call call(CallId id, String queue, JsonNode json) {
        try {
            return messages.restored(id, queue, json.toString());
        } catch (IllegalStateException | IllegalArgumentException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IllegalArgumentException("\"call\" cannot be read: " + cause.getMessage(), e);
        }
    }

    private static String text(JsonNode json, String field) {
        if (!json.path(field).isTextual()) {
            throw new IllegalArgumentException("\"" + field + "\" must be a text");
        }
        return json.get(field).textValue();
    }

    private static DeadReason reason(String code) {
        try {
            return DeadReason.ofCode(code);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"reason\" is none that a call dies of", e);
        }
    }

    private static @Nullable String error(JsonNode json) {
        String error = json.path("error").asText("");
        return Optional.of(error.substring(0, Math.min(error.length(), Attempt.MAX_ERROR)))
                .filter(text -> !text.isEmpty())
                .orElse(null);
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("\"deadAt\" must be a time as 2026-01-31T12:00:00Z", e);
        }
    }

    private static byte[] body(JsonNode json) {
        if (json.path("body").isTextual()) {
            return json.get("body").textValue().getBytes(StandardCharsets.UTF_8);
        }
        try {
            return Base64.getDecoder().decode(text(json, "bodyBase64"));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"body\" must be a text, or \"bodyBase64\" base64", e);
        }
    }

    private static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the ledger's JSON cannot be read", e);
        }
    }
}
