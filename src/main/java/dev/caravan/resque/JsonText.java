package dev.caravan.resque;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.StringWriter;

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

    private static void copy(JsonParser from, JsonGenerator to) throws IOException {
        if (from.currentToken().isNumeric()) {
            // Digit for digit.
            to.writeNumber(from.getText());
        } else {
            to.copyCurrentEvent(from);
        }
    }
}
