package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.function.Call;
import dev.caravan.queue.SearchText;
import java.util.Base64;

/** What a call was sent with, as the API shows it: keys that callers sent are not shown, nor what is masked. */
final class RequestJson {

    private RequestJson() {}

    /** Adds path, query, callback URL, headers and body; in place of a body that is hidden, {@code bodyHidden}. */
    static ObjectNode add(ObjectNode json, Call call, byte[] whole, Masks.Sight sight) {
        json.put("path", call.path());
        json.put("query", call.query());
        json.put("callbackUrl", call.callbackUrl());
        ObjectNode headers = json.putObject("headers");
        call.headers().forEach((name, values) -> {
            ArrayNode array = headers.putArray(name);
            values.forEach(value -> array.add(sight.sees(name) ? value : Masks.HIDDEN));
        });
        if (!sight.mayViewBodies()) {
            Masks.withoutBody(json);
            return json;
        }
        byte[] body = sight.body(whole);
        // As text when it is text, so that a person can read it.
        SearchText.text(body)
                .ifPresentOrElse(
                        text -> json.put("body", text),
                        () -> json.put("bodyBase64", Base64.getEncoder().encodeToString(body)));
        return json;
    }
}
