package dev.caravan.letters;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.function.Call;
import dev.caravan.ledger.DeadLetterContent;
import dev.caravan.queue.SearchText;
import java.util.Base64;
import java.util.TreeMap;

/** A call's request as JSON to look at: without the keys that its caller sent, and without a body that is large. */
final class RequestPicture {

    private static final ObjectMapper JSON = new ObjectMapper();

    private RequestPicture() {}

    static String of(Call call, byte[] body) {
        ObjectNode json = JSON.createObjectNode()
                .put("function", call.function().name())
                .put("namespace", call.function().namespace())
                .put("path", call.path())
                .put("query", call.query());
        ObjectNode headers = json.putObject("headers");
        new TreeMap<>(call.headers()).forEach((name, values) -> {
            ArrayNode array = headers.putArray(name);
            values.forEach(value -> array.add(SearchText.isSecret(name) ? "(hidden)" : value));
        });
        json.put("size", body.length);
        if (body.length <= DeadLetterContent.MAX_BODY) {
            SearchText.text(body)
                    .ifPresentOrElse(
                            text -> json.put("body", text),
                            () -> json.put("bodyBase64", Base64.getEncoder().encodeToString(body)));
        }
        return json.toString();
    }
}
