package dev.caravan.queue;

import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.FunctionName;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Whether functions may be given a call now: how many at once, how often, and not while they fail or push back. Workers
 * ask before they offer a message, so that what is held stays in the broker, without a thread, without a place among
 * the calls that run, and without spending an attempt.
 */
public final class Admission {

    /** Why a function is given nothing; the words are labels of metrics and never renamed. */
    public enum Reason {
        CONCURRENCY,
        RATE,
        ADAPTIVE,
        BREAKER;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Function<FunctionName, Limits> limits;
    private final LongSupplier nanos;
    private final ConcurrentMap<FunctionName, Gate> gates = new ConcurrentHashMap<>();

    /**
     * @param limits of each function, now; must not block
     * @param nanos time that passes evenly, as {@link System#nanoTime}
     */
    public Admission(Function<FunctionName, Limits> limits, LongSupplier nanos) {
        this.limits = limits;
        this.nanos = nanos;
    }

    /** One that holds nothing. */
    public static Admission unlimited() {
        return new Admission(function -> Limits.NONE, System::nanoTime);
    }

    /** Results on their way to a callback URL are no calls of the function, so nothing holds them. */
    Gate gate(String physicalQueue) {
        return QueueNames.function(physicalQueue)
                .filter(function -> !QueueNames.logical(physicalQueue).equals(QueueNames.CALLBACK_QUEUE))
                .map(this::gate)
                .orElseGet(() -> new Gate(new FunctionName("none", "none"), () -> Limits.NONE, nanos));
    }

    private Gate gate(FunctionName function) {
        Gate known = gates.get(function);
        return known != null
                ? known
                : gates.computeIfAbsent(function, name -> new Gate(name, () -> limits.apply(name), nanos));
    }

    /** The function answered, if only to reject the call. */
    void worked(Call call) {
        gate(call.function()).worked(call.id());
    }

    /** It failed, or could not be reached. */
    void failed(Call call) {
        gate(call.function()).failed(call.id());
    }

    /**
     * It answered 429 or 503.
     *
     * @param retryAfter how long it asks to wait
     * @return whether the call is to wait in its queue; otherwise it has failed
     */
    boolean pushedBack(Call call, Attempt attempt, Optional<Duration> retryAfter) {
        return gate(call.function()).pushedBack(call.id(), attempt.took(), retryAfter);
    }

    /** How many calls each function is given at once now; those that nothing limits are missing. */
    public Map<FunctionName, Integer> limits() {
        var now = new HashMap<FunctionName, Integer>();
        gates.forEach((function, gate) -> {
            int limit = gate.limit();
            if (limit < Integer.MAX_VALUE) {
                now.put(function, limit);
            }
        });
        return now;
    }

    /** The functions whose calls are held now, and why. */
    public Map<FunctionName, Reason> held() {
        var now = new HashMap<FunctionName, Reason>();
        gates.forEach((function, gate) -> {
            Reason reason = gate.heldBy();
            if (reason != null) {
                now.put(function, reason);
            }
        });
        return now;
    }
}
