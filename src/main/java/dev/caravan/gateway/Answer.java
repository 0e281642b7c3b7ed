package dev.caravan.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.provider.ProviderException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/** What the OpenFaaS part of the API answers: JSON, nothing, or one plain-text line that {@code faas-cli} prints. */
record Answer(int status, @Nullable String contentType, String body) {

    static final Answer ACCEPTED = new Answer(202, null, "");
    static final Answer CREATED = new Answer(201, null, "");
    static final Answer EMPTY_OK = new Answer(200, null, "");

    static Answer json(JsonNode json) {
        return new Answer(200, "application/json", json.toString());
    }

    static Answer text(int status, String line) {
        return new Answer(status, "text/plain; charset=utf-8", line.replaceAll("\\R", " ") + "\n");
    }

    /** Answers with what {@code action} returns, or with the line of what it throws. */
    static void to(Exchange exchange, Function<Message, Answer> action) {
        Answer answer;
        try {
            answer = action.apply(exchange.getMessage());
        } catch (ProviderException e) {
            answer = text(e.code().status(), String.valueOf(e.getMessage()));
        }
        answer.writeTo(exchange.getMessage());
    }

    /** A parameter of the request's path or query; empty when it is absent or says nothing. */
    static Optional<String> parameter(Message request, String name) {
        return Optional.ofNullable(request.getHeader(name, String.class)).filter(text -> !text.isEmpty());
    }

    static byte @Nullable [] body(Message request) {
        return request.getBody(byte[].class);
    }

    private void writeTo(Message message) {
        // The request's own type must not describe the answer.
        message.removeHeader(Exchange.CONTENT_TYPE);
        if (contentType != null) {
            message.setHeader(Exchange.CONTENT_TYPE, contentType);
            message.setHeader("X-Content-Type-Options", "nosniff");
        }
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        message.setBody(body.getBytes(StandardCharsets.UTF_8));
    }
}
