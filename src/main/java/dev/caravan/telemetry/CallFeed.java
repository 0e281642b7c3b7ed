package dev.caravan.telemetry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallEvents;
import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;

/** Passes on what happens to asynchronous calls, and tells it on the feed while somebody watches. */
public final class CallFeed implements CallEvents {

    /** The logical queue of results that are posted to callback URLs. */
    private final String callbackQueue;

    private final CallEvents next;
    private final EventFeed feed;
    private final InstantSource clock;

    /**
     * @param next told of everything, first
     * @param callbackQueue what happens to its messages is no news of the calls
     */
    public CallFeed(CallEvents next, EventFeed feed, String callbackQueue, InstantSource clock) {
        this.next = next;
        this.feed = feed;
        this.callbackQueue = callbackQueue;
        this.clock = clock;
    }

    @Override
    public void invocationStarted(FunctionName function) {
        next.invocationStarted(function);
    }

    @Override
    public void invocationFinished(FunctionName function, int status, Duration took) {
        next.invocationFinished(function, status, took);
    }

    @Override
    public void coldStarted(FunctionName function, Duration waited) {
        next.coldStarted(function, waited);
    }

    @Override
    public void accepted(Call call) {
        next.accepted(call);
        if (feed.watched()) {
            tell(call, call.attempt(), CallState.QUEUED.word(), json -> {});
        }
    }

    @Override
    public void refused(int status) {
        next.refused(status);
    }

    @Override
    public void taken(Call call) {
        next.taken(call);
        if (feed.watched()) {
            tell(call, call.attempt(), CallState.RUNNING.word(), json -> {});
        }
    }

    @Override
    public void duplicateDropped(Call call) {
        next.duplicateDropped(call);
    }

    @Override
    public void cancelled(CallId call, FunctionName function, String queue, int generation, int attempt) {
        next.cancelled(call, function, queue, generation, attempt);
        if (feed.watched()) {
            tell(call, function, queue, generation, attempt, CallState.CANCELLED.word(), json -> {});
        }
    }

    @Override
    public void cancelledDropped(Call call) {
        next.cancelledDropped(call);
    }

    @Override
    public void retried(Call call, Attempt failed, Duration delay) {
        next.retried(call, failed, delay);
        if (feed.watched()) {
            int status = failed.statusCode();
            Duration took = failed.took();
            Instant due = clock.instant().plus(delay);
            tell(
                    call,
                    failed.number(),
                    CallState.RETRYING.word(),
                    json -> done(json, status, took).put("nextAttemptAt", due.toString()));
        }
    }

    @Override
    public void putOff(Call call, Duration delay) {
        next.putOff(call, delay);
        if (feed.watched()) {
            Instant due = clock.instant().plus(delay);
            tell(
                    call,
                    call.attempt() - 1,
                    CallState.RETRYING.word(),
                    json -> json.put("nextAttemptAt", due.toString()));
        }
    }

    @Override
    public void succeeded(Call call, Attempt last) {
        next.succeeded(call, last);
        if (feed.watched()) {
            int status = last.statusCode();
            Duration took = last.took();
            tell(call, last.number(), CallState.SUCCEEDED.word(), json -> done(json, status, took));
        }
    }

    @Override
    public void died(Call call, DeadReason reason, Attempt last) {
        next.died(call, reason, last);
        if (feed.watched()) {
            int status = last.statusCode();
            Duration took = last.took();
            tell(
                    call,
                    last.number(),
                    CallState.DEAD.word(),
                    json -> done(json, status, took).put("reason", reason.code()));
        }
    }

    @Override
    public void replayed(Call call) {
        next.replayed(call);
        if (feed.watched()) {
            tell(call, call.attempt(), CallState.QUEUED.word(), json -> {});
        }
    }

    @Override
    public void callbackDelivered(Call call, int status) {
        next.callbackDelivered(call, status);
        if (feed.watched()) {
            tell(call, call.attempt(), CallState.SUCCEEDED.word(), json -> json.put("statusCode", status));
        }
    }

    @Override
    public void reported(FunctionName function, int status, Duration took) {
        next.reported(function, status, took);
    }

    /** What is told must not hold on to the call: its headers may be large. */
    private void tell(Call call, int attempt, String status, Consumer<ObjectNode> more) {
        tell(call.id(), call.function(), call.queue(), call.generation(), attempt, status, more);
    }

    private void tell(
            CallId id,
            FunctionName function,
            String queue,
            int generation,
            int attempt,
            String status,
            Consumer<ObjectNode> more) {
        Event.Type type = queue.equals(callbackQueue) ? Event.Type.CALLBACK : Event.Type.CALL;
        feed.publish(new Event(type, function, clock.instant(), json -> {
            json.put("callId", id.text())
                    .put("queue", queue)
                    .put("generation", generation)
                    .put("attempt", attempt)
                    .put("status", status);
            more.accept(json);
        }));
    }

    private static ObjectNode done(ObjectNode json, int status, Duration took) {
        if (status > 0) {
            json.put("statusCode", status);
        }
        return json.put("durationSeconds", took.toNanos() / 1e9);
    }
}
