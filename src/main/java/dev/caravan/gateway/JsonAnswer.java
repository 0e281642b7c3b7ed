package dev.caravan.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** An answer of Caravan's own API. Failures become problem details (RFC 9457) with the same one line as elsewhere. */
record JsonAnswer(int status, JsonNode body) {

    private static final ObjectMapper JSON = new ObjectMapper();

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
        try {
            JsonAnswer answer = handler.get();
            answer.writeTo(exchange.getMessage());
        } catch (HttpFailure failure) {
            ObjectNode problem = object().put("type", "about:blank")
                    .put("status", failure.status())
                    .put("detail", failure.getMessage());
            write(exchange.getMessage(), new JsonAnswer(failure.status(), problem), "application/problem+json");
        }
    }

    void writeTo(Message message) {
        write(message, this, "application/json");
    }

    private static void write(Message message, JsonAnswer answer, String contentType) {
        message.removeHeaders("*");
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, answer.status());
        message.setHeader(Exchange.CONTENT_TYPE, contentType);
        message.setBody(answer.body().toString() + "\n");
    }
}
