package dev.caravan.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.function.Attempt;
import dev.caravan.ledger.CallStatus;
import dev.caravan.ledger.PastAttempt;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Calls as the API shows them: the same fields wherever one is shown. */
final class CallJson {

    private CallJson() {}

    static ObjectNode status(CallStatus call) {
        ObjectNode json = JsonAnswer.object()
                .put("callId", call.callId().text())
                .put("function", call.function().name())
                .put("namespace", call.function().namespace())
                .put("queue", call.queue())
                .put("status", call.state().word());
        if (call.reason() != null) {
            json.put("reason", call.reason().code());
        }
        if (call.orderKey() != null) {
            json.put("orderKey", call.orderKey().text());
        }
        json.put("attempts", call.attempts()).put("generation", call.generation());
        if (call.statusCode() != 0) {
            json.put("statusCode", call.statusCode());
        }
        json.put("submittedAt", call.submittedAt().toString());
        put(json, "startedAt", call.startedAt());
        put(json, "finishedAt", call.finishedAt());
        put(json, "nextAttemptAt", call.nextAttemptAt());
        Instant started = call.startedAt();
        Instant finished = call.finishedAt();
        if (started != null && finished != null) {
            json.put("durationSeconds", seconds(Duration.between(started, finished)));
        }
        return json;
    }

    /** @param excerpts whether what the function answered is shown */
    static ObjectNode withAttempts(CallStatus call, List<PastAttempt> attempts, boolean excerpts) {
        ObjectNode json = status(call);
        ArrayNode array = json.putArray("attempts");
        attempts.forEach(past -> array.add(attempt(past, excerpts)));
        return json;
    }

    private static ObjectNode attempt(PastAttempt past, boolean excerpts) {
        Attempt attempt = past.attempt();
        ObjectNode json = JsonAnswer.object()
                .put("generation", past.generation())
                .put("attempt", attempt.number())
                .put("startedAt", attempt.startedAt().toString())
                .put("durationSeconds", seconds(attempt.took()))
                .put("statusCode", attempt.statusCode());
        if (past.worker() != null) {
            json.put("worker", past.worker());
        }
        if (attempt.error() != null) {
            json.put("error", attempt.error());
        }
        if (excerpts && attempt.responseExcerpt() != null) {
            json.put("responseExcerpt", attempt.responseExcerpt());
        }
        return json;
    }

    private static void put(ObjectNode json, String field, @Nullable Instant instant) {
        if (instant != null) {
            json.put(field, instant.toString());
        }
    }

    /** To the microsecond. A clock that was set back in between took no time. */
    static BigDecimal seconds(Duration duration) {
        return BigDecimal.valueOf(Math.max(0, duration.toNanos() / 1_000), 6).stripTrailingZeros();
    }
}
