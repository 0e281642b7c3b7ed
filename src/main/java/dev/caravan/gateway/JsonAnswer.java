package dev.caravan.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.ledger.SearchTooLongException;
import dev.caravan.provider.ProviderException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * An answer of Caravan's own API. Failures become problem details (RFC 9457) with the same one line as elsewhere.
 *
 * @param headers besides its type
 */
record JsonAnswer(int status, JsonNode body, Map<String, List<String>> headers) {

    private static final ObjectMapper JSON = new ObjectMapper();

    JsonAnswer(int status, JsonNode body) {
        this(status, body, Map.of());
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** Parses JSON that we wrote ourselves. */
    static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("stored JSON cannot be read", e);
        }
    }

    /** Answers with what {@code handler} returns, or with the problem it throws. */
    static void to(Exchange exchange, Supplier<JsonAnswer> handler) {
        orProblem(exchange, () -> handler.get().writeTo(exchange.getMessage()));
    }

    /** Does what leaves an answer of its own, or answers with the problem it throws. */
    static void orProblem(Exchange exchange, Runnable action) {
        try {
            action.run();
        } catch (ProviderException e) {
            problem(exchange, new HttpFailure(e.code().status(), String.valueOf(e.getMessage())));
        } catch (SearchTooLongException e) {
            problem(exchange, new HttpFailure(400, String.valueOf(e.getMessage())));
        } catch (HttpFailure failure) {
            problem(exchange, failure);
        }
    }

    /** The same with one header more. */
    JsonAnswer with(String header, List<String> values) {
        return new JsonAnswer(status, body, Map.of(header, values));
    }

    void writeTo(Message message) {
        write(message, this, "application/json");
    }

    /** Answers with a problem. */
    static void problem(Exchange exchange, HttpFailure failure) {
        problem(exchange, failure, Map.of());
    }

    /** The same with more members, which RFC 9457 calls extensions. */
    static void problem(Exchange exchange, HttpFailure failure, Map<String, JsonNode> more) {
        ObjectNode problem = object().put("type", "about:blank")
                .put("status", failure.status())
                .put("detail", failure.getMessage())
                .setAll(more);
        write(exchange.getMessage(), new JsonAnswer(failure.status(), problem), "application/problem+json");
    }

    private static void write(Message message, JsonAnswer answer, String contentType) {
        message.removeHeaders("*");
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, answer.status());
        message.setHeader(Exchange.CONTENT_TYPE, contentType);
        answer.headers().forEach(message::setHeader);
        message.setBody(answer.body().toString() + "\n");
    }
}
