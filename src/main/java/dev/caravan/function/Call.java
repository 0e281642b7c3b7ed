package dev.caravan.function;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An asynchronous call: what was asked, of which function, and which try of it this is. Its identity is
 * (id, generation, attempt).
 *
 * @param calledAs the function's name as the caller wrote it, with or without its namespace
 * @param queue the logical queue, e.g. {@code faas-request}
 * @param path raw, percent-encoded, starting with {@code /}; what stood after the function's name
 * @param query raw, without the question mark; null when there was none
 * @param headers the caller's, names as sent
 * @param host the caller's {@code Host}, given to the function as {@code X-Forwarded-Host}
 * @param callbackUrl where the result is posted; null for nowhere
 * @param parentCallId the id the caller sent, when that had been used before; null otherwise
 * @param orderKey calls of the same function and key run one after the other; null for a call that waits for no other
 * @param generation 1, and one more for each replay
 * @param attempt 1, and one more for each retry within the generation
 * @param priority JMS priority, 0–9, 4 by default
 * @param submittedAt when it was accepted; never changed
 * @param expiresAt when it is too old to be tried
 * @param history the latest attempts of this and earlier generations, oldest first
 */
public record Call(
        CallId id,
        FunctionName function,
        String calledAs,
        String queue,
        String path,
        @Nullable String query,
        Map<String, List<String>> headers,
        @Nullable String host,
        @Nullable String callbackUrl,
        @Nullable CallId parentCallId,
        @Nullable OrderKey orderKey,
        int generation,
        int attempt,
        int priority,
        Instant submittedAt,
        Instant expiresAt,
        List<Attempt> history) {

    /** How many attempts a message carries; the ledger keeps the rest. */
    public static final int MAX_HISTORY = 10;

    public Call {
        headers = Map.copyOf(headers);
        history = List.copyOf(
                history.size() <= MAX_HISTORY
                        ? history
                        : history.subList(history.size() - MAX_HISTORY, history.size()));
    }

    /** The same call with what became of this attempt added to its history. */
    public Call with(Attempt done) {
        var longer = new ArrayList<>(history);
        longer.add(done);
        return copy(generation, attempt, expiresAt, longer);
    }

    /** The same call under another id. */
    public Call as(CallId other) {
        return copy(other, generation, attempt, expiresAt, history);
    }

    /** The same call as its {@code number}th attempt. */
    public Call asAttempt(int number) {
        return copy(generation, number, expiresAt, history);
    }

    /** The same call as its next generation: first attempt, new deadline. */
    public Call replayed(Instant newDeadline) {
        return copy(generation + 1, 1, newDeadline, history);
    }

    /** The same call and generation from its first attempt on, with a new deadline. */
    public Call again(Instant newDeadline) {
        return copy(generation, 1, newDeadline, history);
    }

    /** The same call with other headers, as another function's, in another queue. */
    public Call redirected(Map<String, List<String>> otherHeaders, FunctionName other, String otherQueue) {
        return new Call(
                id,
                other,
                other.equals(function) ? calledAs : other.qualified(),
                otherQueue,
                path,
                query,
                otherHeaders,
                host,
                callbackUrl,
                parentCallId,
                orderKey,
                generation,
                attempt,
                priority,
                submittedAt,
                expiresAt,
                history);
    }

    private Call copy(int newGeneration, int newAttempt, Instant newDeadline, List<Attempt> newHistory) {
        return copy(id, newGeneration, newAttempt, newDeadline, newHistory);
    }

    private Call copy(CallId newId, int newGeneration, int newAttempt, Instant newDeadline, List<Attempt> newHistory) {
        return new Call(
                newId,
                function,
                calledAs,
                queue,
                path,
                query,
                headers,
                host,
                callbackUrl,
                parentCallId,
                orderKey,
                newGeneration,
                newAttempt,
                priority,
                submittedAt,
                newDeadline,
                newHistory);
    }
}
