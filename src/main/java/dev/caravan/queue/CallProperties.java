package dev.caravan.queue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.DeadReason;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls as the properties of their messages, which {@link CallReader} reads back. */
public final class CallProperties {

    private static final ObjectMapper JSON = MessageJson.mapper();
    private static final ObjectWriter HEADERS = JSON.writerFor(new TypeReference<Map<String, List<String>>>() {});

    private CallProperties() {}

    /**
     * The properties and JMS headers of a call's message, under their JMS names.
     *
     * @param bodyFile where its body stands; null when the message carries it
     */
    public static Map<String, Object> of(Call call, @Nullable String bodyFile) {
        var properties = new LinkedHashMap<String, Object>(32);
        properties.put("JMSCorrelationID", call.id().text());
        properties.put("JMSType", MessageProperties.TYPE);
        properties.put(MessageProperties.PRIORITY, call.priority());
        properties.put(MessageProperties.VERSION, MessageProperties.LAYOUT);
        properties.put(MessageProperties.FUNCTION, call.function().name());
        properties.put(MessageProperties.NAMESPACE, call.function().namespace());
        properties.put(MessageProperties.CALLED_AS, call.calledAs());
        properties.put(MessageProperties.PATH, call.path());
        putPresent(properties, MessageProperties.QUERY, call.query());
        properties.put(MessageProperties.HEADERS, json(HEADERS, call.headers()));
        putPresent(properties, MessageProperties.HOST, call.host());
        putPresent(properties, MessageProperties.CALLBACK_URL, call.callbackUrl());
        if (call.parentCallId() != null) {
            properties.put(MessageProperties.PARENT_CALL_ID, call.parentCallId().text());
        }
        if (call.orderKey() != null) {
            properties.put(MessageProperties.ORDER_KEY, call.orderKey().text());
        }
        properties.put(MessageProperties.GENERATION, call.generation());
        properties.put(MessageProperties.ATTEMPT, call.attempt());
        properties.put(MessageProperties.SUBMITTED_AT, call.submittedAt().toEpochMilli());
        properties.put(MessageProperties.EXPIRES_AT, call.expiresAt().toEpochMilli());
        if (!call.history().isEmpty()) {
            properties.put(MessageProperties.HISTORY, History.json(call.history()));
        }
        putPresent(properties, MessageProperties.BODY_FILE, bodyFile);
        return properties;
    }

    /** What a dead letter carries besides its call. */
    public static Map<String, Object> ofDeadLetter(
            DeadReason reason, Attempt last, String fingerprint, Instant deadAt) {
        return ofDeadLetter(reason, last.statusCode(), last.error(), fingerprint, deadAt);
    }

    /** The same, when the attempt itself is no longer there. */
    public static Map<String, Object> ofDeadLetter(
            DeadReason reason, int statusCode, @Nullable String error, String fingerprint, Instant deadAt) {
        var properties = new LinkedHashMap<String, Object>();
        properties.put(MessageProperties.REASON, reason.code());
        properties.put(MessageProperties.STATUS_CODE, statusCode);
        putPresent(properties, MessageProperties.ERROR, error);
        properties.put(MessageProperties.FINGERPRINT, fingerprint);
        properties.put(MessageProperties.DEAD_AT, deadAt.toEpochMilli());
        return properties;
    }

    /** The same as JSON, for the ledger's copy of a dead letter; {@link CallMessages#restored} reads it. */
    public static String json(Call call, @Nullable String bodyFile) {
        return json(JSON.writer(), of(call, bodyFile));
    }

    private static void putPresent(Map<String, Object> properties, String name, @Nullable Object value) {
        if (value != null) {
            properties.put(name, value);
        }
    }

    private static String json(ObjectWriter writer, Object value) {
        try {
            return writer.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("strings always become JSON", e);
        }
    }
}
