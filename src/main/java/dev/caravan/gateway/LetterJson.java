package dev.caravan.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.function.Call;
import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.DeadLetterContent;
import dev.caravan.ledger.DeadLetterGroup;

/** Dead letters as {@code /system/dead-letters} shows them. */
final class LetterJson {

    private LetterJson() {}

    /** In a list. */
    static ObjectNode summary(DeadLetter letter) {
        ObjectNode json = JsonAnswer.object()
                .put("id", letter.id())
                .put("callId", letter.callId().text())
                .put("queue", letter.queue())
                .put("function", letter.function().name())
                .put("namespace", letter.function().namespace())
                .put("reason", letter.reason().code())
                .put("statusCode", letter.statusCode());
        if (letter.error() != null) {
            json.put("error", letter.error());
        }
        json.put("fingerprint", letter.fingerprint())
                .put("attempts", letter.attempts())
                .put("submittedAt", letter.submittedAt().toString())
                .put("deadAt", letter.deadAt().toString())
                .put("size", letter.size());
        if (letter.contentType() != null) {
            json.put("contentType", letter.contentType());
        }
        return json.put("replays", letter.replays());
    }

    /** With headers, body and history; keys that callers sent are not shown. */
    static ObjectNode whole(DeadLetter letter, DeadLetterContent content, Call call, byte[] body, Masks.Sight sight) {
        ObjectNode json = summary(letter);
        RequestJson.add(json, call, body, sight);
        JsonNode history = JsonAnswer.tree(content.history());
        json.set("history", sight.mayViewBodies() ? history : Masks.withoutExcerpts(history));
        return json;
    }

    static ObjectNode group(DeadLetterGroup group) {
        ObjectNode json = JsonAnswer.object()
                .put("fingerprint", group.fingerprint())
                .put("function", group.function().name())
                .put("namespace", group.function().namespace())
                .put("reason", group.reason().code())
                .put("statusCode", group.statusCode());
        if (group.error() != null) {
            json.put("error", group.error());
        }
        json.put("count", group.count())
                .put("firstAt", group.firstAt().toString())
                .put("lastAt", group.lastAt().toString());
        ArrayNode hourly = json.putArray("hourly");
        group.hourly().forEach(hourly::add);
        return json;
    }
}
