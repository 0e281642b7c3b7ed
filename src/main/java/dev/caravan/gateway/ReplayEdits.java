package dev.caravan.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.component.HeaderRules;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionScope;
import dev.caravan.letters.Edits;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.queue.QueueNames;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads what shall be different about a replay: {@code {body?, bodyBase64?, headers?, function?}}. */
final class ReplayEdits {

    private static final List<String> FIELDS = List.of("body", "bodyBase64", "headers", "function");

    private final FunctionProvider provider;
    private final String defaultNamespace;

    ReplayEdits(FunctionProvider provider, String defaultNamespace) {
        this.provider = provider;
        this.defaultNamespace = defaultNamespace;
    }

    /**
     * @param among the functions that are there for whoever asks
     * @throws HttpFailure 400 when it makes no sense
     */
    Edits read(byte @Nullable [] request, boolean ofCallback, FunctionScope among) {
        if (request == null || request.length == 0) {
            return Edits.NONE;
        }
        JsonRequest json = JsonRequest.read(request);
        json.only(FIELDS);
        if (ofCallback && json.optionalText("function").isPresent()) {
            throw new HttpFailure(400, "a callback goes to its URL, not to a function: leave \"function\" out");
        }
        Optional<FunctionName> function = json.optionalText("function").map(this::function);
        return new Edits(
                body(json),
                headers(json),
                function.orElse(null),
                function.map(to -> queue(to, among)).orElse(null));
    }

    /** Where a letter is moved to: {@code {function}}. */
    Edits target(byte @Nullable [] request, FunctionScope among) {
        JsonRequest json = JsonRequest.read(request);
        json.only(List.of("function"));
        FunctionName function = function(json.text("function"));
        return new Edits(null, Map.of(), function, queue(function, among));
    }

    private FunctionName function(String text) {
        return FunctionName.parse(text, defaultNamespace)
                .orElseThrow(
                        () -> new HttpFailure(400, "field \"function\" must name a function (NAME or NAME.NAMESPACE)"));
    }

    private String queue(FunctionName function, FunctionScope among) {
        return provider.status(function)
                .filter(status -> among.has(function))
                .orElseThrow(() -> new HttpFailure(400, "function \"" + function + "\" is not deployed"))
                .deployment()
                .annotation("com.openfaas.queue")
                .filter(QueueNames::isLogical)
                .orElse(QueueNames.DEFAULT_QUEUE);
    }

    private static byte @Nullable [] body(JsonRequest json) {
        Optional<JsonNode> text = json.node("body");
        Optional<String> base64 = json.optionalText("bodyBase64");
        if (text.isPresent() && base64.isPresent()) {
            throw new HttpFailure(400, "give \"body\" or \"bodyBase64\", not both");
        }
        if (text.isPresent() && !text.get().isTextual()) {
            throw new HttpFailure(400, "field \"body\" must be a text in quotes; write JSON as such a text");
        }
        try {
            return text.isPresent()
                    ? text.get().textValue().getBytes(StandardCharsets.UTF_8)
                    : base64.map(Base64.getDecoder()::decode).orElse(null);
        } catch (IllegalArgumentException e) {
            throw new HttpFailure(400, "field \"bodyBase64\" is not base64");
        }
    }

    /** A text or an array of texts each; {@code null} removes the header. */
    private static Map<String, List<String>> headers(JsonRequest json) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        Optional<JsonNode> given = json.node("headers");
        if (given.isPresent() && !given.get().isObject()) {
            throw new HttpFailure(400, "field \"headers\" must be an object");
        }
        given.ifPresent(object -> object.properties().forEach(each -> headers.put(each.getKey(), values(each))));
        return headers;
    }

    private static List<String> values(Map.Entry<String, JsonNode> header) {
        String name = header.getKey();
        List<String> values = new ArrayList<>();
        JsonNode value = header.getValue();
        for (JsonNode each : value.isArray() ? value : List.of(value)) {
            if (each.isTextual() && HeaderRules.isValue(each.textValue())) {
                values.add(each.textValue());
            } else if (!each.isNull()) {
                throw new HttpFailure(
                        400, "field \"headers\" must have texts or arrays of texts, without control characters");
            }
        }
        if (!HeaderRules.leavesMessages(name) || name.equalsIgnoreCase("Host")) {
            throw new HttpFailure(400, "field \"headers\" has a name that no call can have");
        }
        return values;
    }
}
