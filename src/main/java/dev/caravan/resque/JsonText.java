package dev.caravan.resque;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** JSON as text, written as Ruby writes it: no spaces, nothing escaped that need not be, numbers digit for digit. */
final class JsonText {

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private JsonText() {}

    static JsonFactory factory() {
        return JSON;
    }

    /** @throws CharacterCodingException when it is not UTF-8 */
    static String decoded(byte[] raw) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).toString();
    }

    /** Strict; for text of any size, since numbers are only copied. */
    static JsonParser parser(String text) throws IOException {
        return JSON.createParser(text);
    }

    /** @throws IllegalArgumentException with one line when it is not the text of one array */
    static String array(String text) {
        var compact = new StringWriter(text.length());
        try (JsonParser from = parser(text);
                JsonGenerator to = JSON.createGenerator(compact)) {
            if (from.nextToken() != JsonToken.START_ARRAY) {
                throw new IllegalArgumentException("the arguments of a job are a JSON array");
            }
            int depth = 0;
            do {
                copy(from, to);
                JsonToken token = from.currentToken();
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            } while (depth > 0 && from.nextToken() != null);
            if (from.nextToken() != null) {
                throw new IllegalArgumentException("there is more behind the array of a job's arguments");
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the arguments of a job are not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalStateException("texts were read and written", e);
        }
        return compact.toString();
    }

    /** Where a member of an object stands in its text. */
    record Span(int begin, int end) {
        String of(String text) {
            return text.substring(begin, end).strip();
        }
    }

    /** Where a member's value begins and ends; null when the text is no object, or has none of that name. */
    static @Nullable Span member(String text, String name) throws IOException {
        try (JsonParser json = parser(text)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            Span found = null;
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                boolean wanted = json.currentName().equals(name);
                Span value = value(json);
                found = wanted ? value : found;
            }
            return found;
        }
    }

    /** Goes to the end of the value that comes next. */
    static Span value(JsonParser json) throws IOException {
        JsonToken value = json.nextToken();
        int begin = (int) json.currentTokenLocation().getCharOffset();
        if (value.isScalarValue()) {
            // Read to its end: a text would otherwise be left half read.
            json.getText();
        } else {
            json.skipChildren();
        }
        return new Span(begin, (int) json.currentLocation().getCharOffset());
    }

    private static void copy(JsonParser from, JsonGenerator to) throws IOException {
        if (from.currentToken().isNumeric()) {
            // Digit for digit.
            to.writeNumber(from.getText());
        } else {
            to.copyCurrentEvent(from);
        }
    }
}
