package dev.caravan.queue;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.function.Attempt;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The attempts of a call as JSON, in the form the API shows them. */
public final class History {

    private static final ObjectMapper JSON =
            MessageJson.mapper().setSerializationInclusion(JsonInclude.Include.NON_NULL);
    private static final TypeReference<List<Entry>> ENTRIES = new TypeReference<>() {};

    /** One attempt on the wire; times in RFC 3339, the duration in seconds. */
    public record Entry(
            int attempt,
            String startedAt,
            double durationSeconds,
            int statusCode,
            @Nullable String error,
            @Nullable String responseExcerpt) {

        static Entry of(Attempt attempt) {
            return new Entry(
                    attempt.number(),
                    attempt.startedAt().toString(),
                    attempt.took().toNanos() / 1e9,
                    attempt.statusCode(),
                    attempt.error(),
                    attempt.responseExcerpt());
        }

        Attempt toAttempt() {
            return new Attempt(
                    attempt,
                    Instant.parse(startedAt),
                    Duration.ofNanos((long) (durationSeconds * 1e9)),
                    statusCode,
                    error,
                    responseExcerpt);
        }
    }

    private History() {}

    /** For answers of the API. */
    public static List<Entry> entries(List<Attempt> attempts) {
        return attempts.stream().map(Entry::of).toList();
    }

    /** The same as JSON text. */
    public static String json(List<Attempt> attempts) {
        try {
            return JSON.writeValueAsString(entries(attempts));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("attempts always become JSON", e);
        }
    }

    static List<Attempt> read(@Nullable String json) throws MalformedMessageException {
        if (json == null) {
            return List.of();
        }
        try {
            return JSON.readValue(json, ENTRIES).stream().map(Entry::toAttempt).toList();
        } catch (JsonProcessingException | RuntimeException e) {
            throw new MalformedMessageException(
                    "the property " + MessageProperties.HISTORY + " must be a JSON array of attempts");
        }
    }
}
