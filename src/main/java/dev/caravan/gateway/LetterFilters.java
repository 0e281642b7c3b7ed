package dev.caravan.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionScope;
import dev.caravan.ledger.DeadLetterFilter;
import dev.caravan.search.Subject;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Which dead letters a request means: the same words in a query and in a job's {@code filter}. */
final class LetterFilters {

    static final List<String> NAMES =
            List.of("queue", "function", "namespace", "reason", "status", "fingerprint", "since", "until", "q");

    /** In a job's filter: the functions that whoever made it saw. */
    private static final String AMONG = "among";

    private LetterFilters() {}

    /**
     * @param box reads its {@code q}
     * @throws HttpFailure 400 when a value makes no sense
     */
    static DeadLetterFilter of(QueryParameters query, SearchBox box) {
        return of(query::text, box);
    }

    /** @throws HttpFailure 400 when a value makes no sense or a name is none of these: a slip would mean them all */
    static DeadLetterFilter of(JsonRequest filter, SearchBox box) {
        filter.only(NAMES);
        return of(
                name -> name.equals("status") ? filter.node(name).map(JsonNode::asText) : filter.optionalText(name),
                box);
    }

    private static DeadLetterFilter of(Function<String, Optional<String>> value, SearchBox box) {
        return new DeadLetterFilter(
                value.apply("queue").orElse(null),
                value.apply("function").orElse(null),
                value.apply("namespace").orElse(null),
                value.apply("reason").map(LetterFilters::reason).orElse(null),
                value.apply("status").map(LetterFilters::status).orElse(null),
                value.apply("fingerprint").orElse(null),
                value.apply("since").map(text -> time("since", text)).orElse(null),
                value.apply("until").map(text -> time("until", text)).orElse(null),
                value.apply("q")
                        .flatMap(text -> box.query(text, Subject.DEAD_LETTERS))
                        .orElse(null),
                box.sight().functions());
    }

    /** As it is kept with a job and shown. */
    static ObjectNode json(DeadLetterFilter filter) {
        ObjectNode json = JsonAnswer.object();
        put(json, "queue", filter.queue());
        put(json, "function", filter.function());
        put(json, "namespace", filter.namespace());
        put(json, "reason", filter.reason() == null ? null : filter.reason().code());
        put(json, "status", filter.statusCode());
        put(json, "fingerprint", filter.fingerprint());
        put(json, "since", filter.since());
        put(json, "until", filter.until());
        put(json, "q", filter.query() == null ? null : filter.query().text());
        if (!filter.among().isAll()) {
            ArrayNode among = json.putArray(AMONG);
            filter.among().words().forEach(among::add);
        }
        return json;
    }

    /** Of a job that was made with this filter: which functions its letters can be of. */
    static FunctionScope reach(JsonNode filter, String defaultNamespace) {
        if (filter.path(AMONG).isArray()) {
            List<String> words = new ArrayList<>();
            filter.get(AMONG).forEach(word -> words.add(word.asText()));
            return FunctionScope.of(words, defaultNamespace);
        }
        return filter.path("function").isTextual() && filter.path("namespace").isTextual()
                ? FunctionScope.of(
                        List.of(filter.get("function").asText() + "."
                                + filter.get("namespace").asText()),
                        defaultNamespace)
                : FunctionScope.ALL;
    }

    private static void put(ObjectNode json, String name, @Nullable Object value) {
        if (value != null) {
            json.put(name, value.toString());
        }
    }

    private static DeadReason reason(String code) {
        try {
            return DeadReason.ofCode(code);
        } catch (IllegalArgumentException e) {
            throw new HttpFailure(
                    400,
                    "reason must be one of attempts-exhausted, rejected, expired, unknown-function,"
                            + " malformed, platform-error");
        }
    }

    private static int status(String text) {
        if (!text.matches("[0-9]{1,3}")) {
            throw new HttpFailure(400, "status must be a number from 0 to 999");
        }
        return Integer.parseInt(text);
    }

    private static Instant time(String name, String text) {
        try {
            // A plus sign that was not encoded has become a space.
            return OffsetDateTime.parse(text.replace(' ', '+')).toInstant();
        } catch (DateTimeException e) {
            throw new HttpFailure(400, name + " must be a time as of RFC 3339, e.g. 2026-01-31T12:00:00Z");
        }
    }
}
