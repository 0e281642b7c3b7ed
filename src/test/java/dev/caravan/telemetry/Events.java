package dev.caravan.telemetry;

import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallEvents;
import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import dev.caravan.function.TargetLoad;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls and events for the tests of this room. */
final class Events {

    static final FunctionName FIGLET = new FunctionName("figlet", "openfaas-fn");

    static final Levels LEVELS = new Levels() {
        @Override
        public Map<FunctionName, Replicas> replicas() {
            return Map.of(FIGLET, new Replicas(3, 2, 1));
        }

        @Override
        public Map<FunctionName, TargetLoad> targets() {
            return Map.of(FIGLET, new TargetLoad("capacity", 5));
        }

        @Override
        public Map<QueueFunction, Long> pending() {
            return Map.of(new QueueFunction("faas-request", FIGLET), 7L);
        }

        @Override
        public Map<QueueFunction, Long> running() {
            return Map.of(new QueueFunction("faas-request", FIGLET), 4L);
        }

        @Override
        public Map<String, Double> oldestAges() {
            return Map.of("faas-request", 1.5);
        }

        @Override
        public Map<QueueState, Long> calls() {
            return Map.of(
                    new QueueState("faas-request", CallState.QUEUED), 7L,
                    new QueueState("faas-request", CallState.DEAD), 2L);
        }

        @Override
        public Map<String, Long> deadLetters() {
            return Map.of("faas-request", 2L);
        }

        @Override
        public Map<FunctionName, Integer> limits() {
            return Map.of(FIGLET, 5);
        }

        @Override
        public Map<Held, Integer> held() {
            return Map.of(new Held(FIGLET, "breaker"), 1);
        }
    };

    private Events() {}

    static Call call(FunctionName function) {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        return new Call(
                new CallId("11111111-2222-3333-4444-555555555555"),
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
                1,
                1,
                4,
                now,
                now.plusSeconds(60),
                List.of());
    }

    static Attempt attempt(@Nullable String error) {
        return new Attempt(1, Instant.parse("2026-01-01T00:00:00Z"), Duration.ofMillis(3), 503, error, null);
    }

    /** Each event once. */
    static void publishAll(Telemetry events) {
        publishCalls(events);
        events.answered("GET", "/system/functions", 200, Duration.ofMillis(2));
    }

    /** Each event of a call once. */
    static void publishCalls(CallEvents events) {
        Call call = call(FIGLET);
        events.invocationStarted(FIGLET);
        events.invocationFinished(FIGLET, 200, Duration.ofMillis(30));
        events.coldStarted(FIGLET, Duration.ofMillis(300));
        events.accepted(call);
        events.refused(503);
        events.taken(call);
        events.duplicateDropped(call);
        events.cancelled(call.id(), FIGLET, call.queue(), 1, 1);
        events.cancelledDropped(call);
        events.retried(call, attempt("busy"), Duration.ofSeconds(1));
        events.succeeded(call, attempt("busy"));
        events.died(call, DeadReason.REJECTED, attempt("no"));
        events.replayed(call);
        events.callbackDelivered(call, 204);
        events.reported(FIGLET, 200, Duration.ofMillis(30));
    }
}
