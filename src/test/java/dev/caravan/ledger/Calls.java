package dev.caravan.ledger;

import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Calls and what becomes of them, for tests. */
final class Calls {

    static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
    static final FunctionName THUMBNAIL = new FunctionName("thumbnail", "openfaas-fn");

    private Calls() {}

    static Call call() {
        return call(CallId.random(), 1, 1);
    }

    static Call call(CallId id, int generation, int attempt) {
        return call(id, THUMBNAIL, generation, attempt);
    }

    static Call call(CallId id, FunctionName function, int generation, int attempt) {
        return call(id, function, generation, attempt, NOW);
    }

    static Call submitted(CallId id, FunctionName function, Instant at) {
        return call(id, function, 1, 1, at);
    }

    private static Call call(CallId id, FunctionName function, int generation, int attempt, Instant submittedAt) {
        return new Call(
                id,
                function,
                function.name(),
                "faas-request",
                "/",
                null,
                Map.of(),
                null,
                null,
                null,
                null,
                generation,
                attempt,
                4,
                submittedAt,
                submittedAt.plus(Duration.ofHours(24)),
                List.of());
    }

    static Attempt attempt(Call call, int status) {
        return new Attempt(
                call.attempt(), NOW, Duration.ofMillis(12), status, status < 400 ? null : "it broke", "an excerpt");
    }

    static Settlement success(Call call) {
        return Settlement.succeeded(call, attempt(call, 200));
    }

    static Settlement retry(Call call) {
        return Settlement.retrying(call, attempt(call, 500), NOW.plusSeconds(5));
    }

    static Settlement death(Call call) {
        return Settlement.dead(call, attempt(call, 500), letter(call, NOW));
    }

    static DeadLetter letter(Call call, Instant deadAt) {
        String error = "it broke";
        byte[] body = "the body".getBytes(StandardCharsets.UTF_8);
        return new DeadLetter(
                DeadLetter.idOf(call.id(), call.generation()),
                call.id(),
                call.generation(),
                call.queue(),
                "DLQ.faas-request.openfaas-fn.thumbnail",
                call.function(),
                DeadReason.ATTEMPTS_EXHAUSTED,
                500,
                error,
                Fingerprint.of(call.function(), DeadReason.ATTEMPTS_EXHAUSTED, 500, error),
                call.attempt(),
                call.submittedAt(),
                deadAt,
                body.length,
                "text/plain",
                call.generation() - 1,
                "ID:1",
                new DeadLetterContent("{\"X-A\":[\"1\"]}", "[]", ByteBuffer.wrap(body), null));
    }
}
