package dev.caravan.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a search asks of a request's bytes, for the embedded database, which runs Java; {@code postgres-functions.sql} has
 * the same for PostgreSQL. What cannot be read is null: it is not found.
 */
public final class SearchFunctions {

    private static final ObjectMapper JSON = new ObjectMapper();

    private SearchFunctions() {}

    /** The values of a header, each on a line. @param name in lower case */
    public static @Nullable String header(@Nullable String properties, String name) {
        JsonNode headers = read(text(read(properties), "CaravanHeaders"));
        if (headers == null) {
            return null;
        }
        var values = new StringBuilder();
        for (Iterator<Map.Entry<String, JsonNode>> each = headers.fields(); each.hasNext(); ) {
            Map.Entry<String, JsonNode> header = each.next();
            if (header.getKey().toLowerCase(Locale.ROOT).equals(name)) {
                header.getValue().forEach(value -> values.append(value.asText()).append('\n'));
            }
        }
        return values.isEmpty() ? null : values.toString();
    }

    /** A body that is UTF-8. */
    public static @Nullable String bodyText(byte @Nullable [] body) {
        if (body == null) {
            return null;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** The text, number or truth at a path of a body that is JSON. @param path names and indexes with dots between */
    public static @Nullable String bodyAt(byte @Nullable [] body, String path) {
        JsonNode node = read(bodyText(body));
        for (String part : path.split("\\.")) {
            if (node == null) {
                return null;
            }
            node = node.isArray() && part.matches("[0-9]{1,6}") ? node.get(Integer.parseInt(part)) : node.get(part);
        }
        return node == null || node.isNull() || node.isContainerNode() ? null : node.asText();
    }

    /** The same when it is a number, or a text that is one. */
    public static @Nullable Double bodyNumber(byte @Nullable [] body, String path) {
        String text = bodyAt(body, path);
        try {
            return text == null ? null : Double.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** The errors and answers of a letter's attempts, each on a line. */
    public static @Nullable String answers(@Nullable String history) {
        JsonNode attempts = read(history);
        if (attempts == null) {
            return null;
        }
        var lines = new StringBuilder();
        for (JsonNode attempt : attempts) {
            lines.append(attempt.path("error").asText()).append('\n');
            lines.append(attempt.path("responseExcerpt").asText()).append('\n');
        }
        return lines.toString();
    }

    private static @Nullable JsonNode read(@Nullable String json) {
        if (json == null || json.isEmpty()) {
            return null;
        }
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            return null;
        }
    }

    private static @Nullable String text(@Nullable JsonNode object, String field) {
        return object == null ? null : object.path(field).textValue();
    }
}
