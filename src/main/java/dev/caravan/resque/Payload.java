package dev.caravan.resque;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
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

    /** What ActiveJob pushes in the place of its jobs' classes. */
    private static final String WRAPPER = "ActiveJob::QueueAdapters::ResqueAdapter::JobWrapper";

    /** @throws InvalidPayload when it is not the UTF-8 text of one JSON object with a class */
    public static Payload read(byte[] raw) throws InvalidPayload {
        String text;
        try {
            text = JsonText.decoded(raw);
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
            JsonText.Span value = JsonText.value(json);
            if (key.equals("class")) {
                className = json.currentToken() == JsonToken.VALUE_STRING ? json.getText() : null;
            } else if (key.equals("args")) {
                args = value.of(text);
            }
        }
        if (className == null || className.isBlank()) {
            throw new InvalidPayload("it names no class");
        }
        return new Payload(className, args);
    }

    /** The class, or the one of the job that ActiveJob has wrapped. */
    public String jobClass() {
        if (!className.equals(WRAPPER)) {
            return className;
        }
        try (JsonParser json = JsonText.parser(args)) {
            if (json.nextToken() == JsonToken.START_ARRAY && json.nextToken() == JsonToken.START_OBJECT) {
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    boolean wanted = json.currentName().equals("job_class");
                    if (wanted
                            && json.nextToken() == JsonToken.VALUE_STRING
                            && !json.getText().isBlank()) {
                        return json.getText();
                    } else if (!wanted) {
                        JsonText.value(json);
                    }
                }
            }
            return className;
        } catch (IOException e) {
            throw new IllegalStateException("a text was read that had been read before", e);
        }
    }

    private static String shown(@Nullable String message) {
        String text = String.valueOf(message).replaceAll("\\s+", " ");
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
