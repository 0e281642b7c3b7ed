package dev.caravan.resque;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What stands in a job: its class, and its arguments as the text they came in. Nothing is made numbers of, so none changes
 * on the way.
 *
 * @param args JSON as it stood there; {@code []} when there was none
 */
public record Payload(String className, String args) {

    /** What is no job of any class. The message says why, in one line. */
    public static final class InvalidPayload extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidPayload(String message) {
            super(message, null, false, false);
        }
    }

    private static final int SHOWN = 200;

    /** @throws InvalidPayload when it is not the UTF-8 text of one JSON object with a class */
    public static Payload read(byte[] raw) throws InvalidPayload {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(raw))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new InvalidPayload("it is not UTF-8");
        }
        try (JsonParser json = JsonText.parser(text)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new InvalidPayload("it is not a JSON object");
            }
            Payload read = object(json, text);
            if (json.nextToken() != null) {
                throw new InvalidPayload("there is more behind the JSON object");
            }
            return read;
        } catch (JsonProcessingException e) {
            throw new InvalidPayload("it is not JSON: " + shown(e.getOriginalMessage()));
        } catch (IOException e) {
            throw new IllegalStateException("a text was read", e);
        }
    }

    private static Payload object(JsonParser json, String text) throws IOException, InvalidPayload {
        String className = null;
        String args = "[]";
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            JsonToken value = json.nextToken();
            int begin = (int) json.currentTokenLocation().getCharOffset();
            if (value.isScalarValue()) {
                // Read to its end: a text would otherwise be left half read.
                json.getText();
            } else {
                json.skipChildren();
            }
            if (key.equals("class")) {
                className = value == JsonToken.VALUE_STRING ? json.getText() : null;
            } else if (key.equals("args")) {
                args = text.substring(begin, (int) json.currentLocation().getCharOffset())
                        .strip();
            }
        }
        if (className == null || className.isBlank()) {
            throw new InvalidPayload("it names no class");
        }
        return new Payload(className, args);
    }

    private static String shown(@Nullable String message) {
        String text = String.valueOf(message).replaceAll("\\s+", " ");
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
