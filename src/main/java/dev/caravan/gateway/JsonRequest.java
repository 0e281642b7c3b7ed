package dev.caravan.gateway;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.provider.ProviderException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The JSON object that a client of {@code /system} sent, read field by field so that an error can say which one.
 *
 * <p>As lenient as the clients need: {@code null} stands for "not given" and unknown fields are skipped. All methods
 * throw {@link ProviderException} {@code INVALID} with one line that names the field, what was found and what to write.
 */
final class JsonRequest {

    private static final ObjectReader READER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .readerFor(JsonNode.class);

    private final ObjectNode fields;
    private final String path;

    private JsonRequest(ObjectNode fields, String path) {
        this.fields = fields;
        this.path = path;
    }

    static JsonRequest read(byte @Nullable [] body) {
        if (body == null || body.length == 0) {
            throw invalid("the body is empty, expected a JSON object");
        }
        JsonNode root = parsed(body);
        if (!(root instanceof ObjectNode object)) {
            throw invalid("the body must be a JSON object, got " + kind(root));
        }
        return new JsonRequest(object, "");
    }

    static ProviderException invalid(String message) {
        return new ProviderException(ProviderException.Code.INVALID, message);
    }

    /** A text that must be there and not be empty. */
    String text(String field) {
        return optionalText(field).orElseThrow(() -> invalid(at(field) + " is missing"));
    }

    /** Empty when it is absent, {@code null} or {@code ""}. */
    Optional<String> optionalText(String field) {
        return given(field, fields).map(value -> textOf(value, at(field))).filter(text -> !text.isEmpty());
    }

    boolean flag(String field) {
        Optional<JsonNode> value = given(field, fields);
        if (value.isPresent() && !value.get().isBoolean()) {
            throw invalid(at(field) + " must be true or false, got " + kind(value.get()));
        }
        return value.isPresent() && value.get().booleanValue();
    }

    /** A number that must be there: nobody shall scale to 0 by leaving a field out. */
    int wholeNumber(String field, int min, int max) {
        String expected = at(field) + " must be a whole number from " + min + " to " + max;
        JsonNode value = given(field, fields).orElseThrow(() -> invalid(expected + ", it is missing"));
        if (!value.isIntegralNumber()) {
            throw invalid(expected + ", got " + kind(value));
        }
        if (!value.canConvertToInt() || value.intValue() < min || value.intValue() > max) {
            throw invalid(expected);
        }
        return value.intValue();
    }

    /** As it came, whatever it is; empty when it is absent or {@code null}. */
    Optional<JsonNode> node(String field) {
        return given(field, fields);
    }

    /** Empty when it is absent or {@code null}. */
    OptionalDouble number(String field, double min, double max) {
        Optional<JsonNode> value = given(field, fields);
        if (value.isEmpty()) {
            return OptionalDouble.empty();
        }
        double number = value.get().asDouble();
        if (!value.get().isNumber() || number < min || number > max) {
            throw invalid(at(field) + " must be a number from " + min + " to " + max);
        }
        return OptionalDouble.of(number);
    }

    /** Refuses fields of other names. */
    void only(List<String> names) {
        fields.fieldNames().forEachRemaining(name -> {
            if (!names.contains(name)) {
                throw invalid(at(name) + " is none of " + String.join(", ", names));
            }
        });
    }

    List<String> texts(String field) {
        Optional<JsonNode> value = given(field, fields);
        if (value.isEmpty()) {
            return List.of();
        }
        if (!value.get().isArray()) {
            throw invalid(at(field) + " must be an array of texts, got " + kind(value.get()));
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode item : value.get()) {
            texts.add(textOf(item, "field \"" + path + field + "[" + texts.size() + "]\""));
        }
        return texts;
    }

    /** The objects of an array; none when it is not given. */
    List<JsonRequest> objects(String field) {
        Optional<JsonNode> value = given(field, fields);
        if (value.isEmpty()) {
            return List.of();
        }
        if (!value.get().isArray()) {
            throw invalid(at(field) + " must be an array of objects, got " + kind(value.get()));
        }
        List<JsonRequest> objects = new ArrayList<>();
        for (JsonNode item : value.get()) {
            String place = path + field + "[" + objects.size() + "]";
            if (!(item instanceof ObjectNode inner)) {
                throw invalid("field \"" + place + "\" must be an object, got " + kind(item));
            }
            objects.add(new JsonRequest(inner, place + "."));
        }
        return objects;
    }

    Map<String, String> textMap(String field) {
        Map<String, String> texts = new LinkedHashMap<>();
        object(field)
                .ifPresent(inner -> inner.fields.properties().forEach(entry -> {
                    // The clients' own language reads null as "" here.
                    String text = entry.getValue().isNull() ? "" : textOf(entry.getValue(), inner.at(entry.getKey()));
                    texts.put(entry.getKey(), text);
                }));
        return texts;
    }

    Optional<JsonRequest> object(String field) {
        return given(field, fields).map(value -> {
            if (!(value instanceof ObjectNode inner)) {
                throw invalid(at(field) + " must be an object, got " + kind(value));
            }
            return new JsonRequest(inner, path + field + ".");
        });
    }

    private static JsonNode parsed(byte[] body) {
        try {
            return READER.readValue(body);
        } catch (JsonProcessingException e) {
            // The library's own words name its classes; a client gets the place and what to look for.
            String problem = e instanceof JsonEOFException ? "it ends too early" : "unexpected text";
            throw invalid("the body is not JSON: " + problem + place(e.getLocation()));
        } catch (IOException e) {
            throw invalid("the body is not JSON: it is not UTF-8 text");
        }
    }

    /** Near, since the parser stands behind the word that it could not read. */
    private static String place(@Nullable JsonLocation location) {
        return location == null || location.getLineNr() < 1
                ? ""
                : " near line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    private static Optional<JsonNode> given(String field, ObjectNode fields) {
        return Optional.ofNullable(fields.get(field)).filter(value -> !value.isNull());
    }

    private static String textOf(JsonNode value, String where) {
        if (!value.isTextual()) {
            throw invalid(where + " must be a text in quotes, got " + kind(value));
        }
        return value.textValue();
    }

    private String at(String field) {
        String name = path + field;
        return "field \"" + (name.length() <= 100 ? name : name.substring(0, 100) + "…") + "\"";
    }

    private static String kind(JsonNode value) {
        JsonNodeType type = value.getNodeType();
        return switch (type) {
            case ARRAY -> "an array";
            case OBJECT, POJO -> "an object";
            case BOOLEAN -> "true or false";
            case NUMBER -> "a number";
            case STRING, BINARY -> "a text";
            case NULL, MISSING -> "null";
        };
    }
}
