package dev.caravan.queue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.CallbackUrl;
import dev.caravan.function.FunctionName;
import dev.caravan.function.OrderKey;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads calls from the properties of messages: ours, as {@link CallProperties} wrote them, and those of any JMS client,
 * which may leave out all but {@link MessageProperties#FUNCTION}.
 *
 * @param defaultNamespace of those that name none
 * @param maxAge of those that say no deadline
 */
record CallReader(String defaultNamespace, Duration maxAge) {

    private static final ObjectMapper JSON = MessageJson.mapper();
    private static final TypeReference<Map<String, List<String>>> HEADERS = new TypeReference<>() {};

    /** What would end a request line early, and start another header of the sender's choice. */
    private static final Pattern BREAKS_HTTP = Pattern.compile("[\\x00-\\x20\\x7f]");

    /** The same in a header's value, which may have spaces and tabs. */
    private static final Pattern BREAKS_A_HEADER = Pattern.compile("[\\x00-\\x08\\x0a-\\x1f\\x7f]");

    /**
     * Longest text of a property, in characters: what the HTTP edge lets in, written as JSON, is shorter. The properties
     * of a call stand in one field of the ledger, which takes a million.
     */
    private static final int LONGEST_JSON = 192 << 10;

    private static final int LONGEST_TEXT = 16 << 10;

    /** The end of the year 9999, in milliseconds: beyond it are times that no database has and no sum survives. */
    private static final long LATEST = 253_402_300_799_999L;

    /**
     * @param sentAt when it was submitted, unless it says so itself
     * @throws MalformedMessageException naming the property that is missing or wrong
     */
    Call call(CallId id, String queue, int priority, Map<String, Object> properties, Instant sentAt)
            throws MalformedMessageException {
        String function = text(properties, MessageProperties.FUNCTION);
        if (function == null) {
            throw new MalformedMessageException("the property " + MessageProperties.FUNCTION + " is missing");
        }
        var name = new FunctionName(
                function, Objects.requireNonNullElse(text(properties, MessageProperties.NAMESPACE), defaultNamespace));
        String path = Objects.requireNonNullElse(text(properties, MessageProperties.PATH), "/");
        if (!path.startsWith("/")) {
            throw new MalformedMessageException("the property " + MessageProperties.PATH + " must start with /");
        }
        String query = text(properties, MessageProperties.QUERY);
        mustNotBreakHttp(MessageProperties.PATH, path, MessageProperties.QUERY, query);
        String host = text(properties, MessageProperties.HOST);
        String calledAs = Objects.requireNonNullElse(text(properties, MessageProperties.CALLED_AS), function);
        mustNotBreakHttp(MessageProperties.CALLED_AS, calledAs, MessageProperties.HOST, host);
        Instant submitted = instant(properties, MessageProperties.SUBMITTED_AT, sentAt);
        return new Call(
                id,
                name,
                calledAs,
                queue,
                path,
                query,
                headers(text(properties, MessageProperties.HEADERS, LONGEST_JSON)),
                host,
                callbackUrl(text(properties, MessageProperties.CALLBACK_URL)),
                CallId.parse(text(properties, MessageProperties.PARENT_CALL_ID)).orElse(null),
                orderKey(text(properties, MessageProperties.ORDER_KEY)),
                count(properties, MessageProperties.GENERATION),
                count(properties, MessageProperties.ATTEMPT),
                priority,
                submitted,
                instant(properties, MessageProperties.EXPIRES_AT, submitted.plus(maxAge)),
                History.read(text(properties, MessageProperties.HISTORY, LONGEST_JSON)));
    }

    private static void mustNotBreakHttp(String name, String value, String otherName, @Nullable String other)
            throws MalformedMessageException {
        if (BREAKS_HTTP.matcher(value).find()
                || other != null && BREAKS_HTTP.matcher(other).find()) {
            throw new MalformedMessageException(
                    "the properties " + name + " and " + otherName + " must not contain spaces or control characters");
        }
    }

    private static @Nullable String callbackUrl(@Nullable String text) throws MalformedMessageException {
        try {
            return text == null ? null : CallbackUrl.parse(text).uri().toString();
        } catch (IllegalArgumentException e) {
            throw new MalformedMessageException(
                    "the property " + MessageProperties.CALLBACK_URL + " " + e.getMessage());
        }
    }

    private static @Nullable OrderKey orderKey(@Nullable String text) throws MalformedMessageException {
        try {
            return text == null ? null : new OrderKey(text);
        } catch (IllegalArgumentException e) {
            throw new MalformedMessageException("the property " + MessageProperties.ORDER_KEY + " " + e.getMessage());
        }
    }

    private static Map<String, List<String>> headers(@Nullable String json) throws MalformedMessageException {
        if (json == null) {
            return Map.of();
        }
        try {
            Map<String, List<String>> headers = JSON.readValue(json, HEADERS);
            var copy = new LinkedHashMap<String, List<String>>();
            headers.forEach((name, values) -> copy.put(name, List.copyOf(values)));
            if (copy.entrySet().stream().anyMatch(CallReader::breaksHttp)) {
                throw new MalformedMessageException("the property " + MessageProperties.HEADERS
                        + " must hold headers: no name with spaces, no value with control characters");
            }
            return copy;
        } catch (JsonProcessingException | NullPointerException e) {
            // a JSON null in place of the object, an array or a string
            throw new MalformedMessageException(
                    "the property " + MessageProperties.HEADERS + " must be a JSON object of arrays of strings");
        }
    }

    private static boolean breaksHttp(Map.Entry<String, List<String>> header) {
        return header.getKey().isEmpty()
                || BREAKS_HTTP.matcher(header.getKey()).find()
                || header.getKey().indexOf(':') >= 0
                || header.getValue().stream()
                        .anyMatch(value -> BREAKS_A_HEADER.matcher(value).find());
    }

    private static @Nullable String text(Map<String, Object> properties, String name) throws MalformedMessageException {
        return text(properties, name, LONGEST_TEXT);
    }

    private static @Nullable String text(Map<String, Object> properties, String name, int longest)
            throws MalformedMessageException {
        Object value = properties.get(name);
        String text = value == null ? null : value.toString();
        if (text != null && text.length() > longest) {
            throw new MalformedMessageException(
                    "the property " + name + " must have at most " + longest + " characters, not " + text.length());
        }
        return text;
    }

    private static int count(Map<String, Object> properties, String name) throws MalformedMessageException {
        long value = number(properties, name, 1);
        if (value < 1 || value > Integer.MAX_VALUE) {
            throw new MalformedMessageException("the property " + name + " must be 1 or more, got: " + value);
        }
        return (int) value;
    }

    private static Instant instant(Map<String, Object> properties, String name, Instant otherwise)
            throws MalformedMessageException {
        long millis = number(properties, name, otherwise.toEpochMilli());
        if (millis < 0 || millis > LATEST) {
            throw new MalformedMessageException(
                    "the property " + name + " must be milliseconds since 1970, before the year 10000");
        }
        return Instant.ofEpochMilli(millis);
    }

    static long number(Map<String, Object> properties, String name, long otherwise) throws MalformedMessageException {
        Object value = properties.get(name);
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        }
        if (value == null) {
            return otherwise;
        }
        try {
            return Long.parseLong(value.toString());
        } catch (NumberFormatException e) {
            throw new MalformedMessageException("the property " + name + " must be a whole number");
        }
    }
}
