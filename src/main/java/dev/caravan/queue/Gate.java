package dev.caravan.queue;

import dev.caravan.function.CallId;
import dev.caravan.function.FunctionName;
import dev.caravan.queue.Admission.Reason;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the workers of one function's queues wait until it may be given a call. Each {@link #enter} that was true is
 * followed by one {@link #leave}; in between the call may be told to have {@link #worked}, {@link #failed} or been
 * {@link #pushedBack}. One of which nothing is told was not given to the function, and costs neither rate nor probe.
 */
final class Gate {

    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

    /** How soon those who wait heed changed annotations. */
    private static final long LOOK = Duration.ofSeconds(1).toNanos();

    private record Objection(Reason reason, long pause) {}

    private final FunctionName function;
    private final Supplier<Limits> policy;
    private final LongSupplier nanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Limits limits = Limits.NONE;
    private @Nullable TokenBucket bucket;
    private @Nullable AdaptiveLimit adaptive;
    private @Nullable Breaker breaker;
    private int inFlight;

    /** Calls in flight that the function has answered or failed; only their number matters, not which they are. */
    private int told;

    private int waiting;
    private @Nullable Reason heldBy;

    Gate(FunctionName function, Supplier<Limits> policy, LongSupplier nanos) {
        this.function = function;
        this.policy = policy;
        this.nanos = nanos;
    }

    /**
     * Waits until the function may be given a call.
     *
     * @param mayTake whether to go on waiting, asked each time that {@link #wake} is called
     * @return false when it is not to wait any more
     */
    boolean enter(BooleanSupplier mayTake) {
        lock.lock();
        waiting++;
        try {
            while (mayTake.getAsBoolean()) {
                Objection objection = objection();
                if (objection == null) {
                    inFlight++;
                    return true;
                }
                heldBy = objection.reason();
                changed.awaitNanos(Math.min(objection.pause(), LOOK));
            }
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            waiting--;
            if (waiting == 0) {
                heldBy = null;
            } else {
                changed.signal(); // one place may have become several
            }
            lock.unlock();
        }
    }

    /** What speaks against a call now; if nothing does, its token and the breaker's permission are taken. */
    private @Nullable Objection objection() {
        adopt(policy.get());
        long now = nanos.getAsLong();
        if (inFlight >= limits.concurrency().orElse(Integer.MAX_VALUE)) {
            return new Objection(Reason.CONCURRENCY, LOOK);
        }
        if (adaptive != null) {
            long pause = adaptive.pause(now);
            if (pause > 0 || inFlight >= adaptive.limit()) {
                return new Objection(Reason.ADAPTIVE, pause > 0 ? pause : LOOK);
            }
        }
        long early = bucket == null ? 0 : bucket.early(now);
        if (early > 0) {
            return new Objection(Reason.RATE, early);
        }
        long open = breaker == null ? 0 : breaker.acquire();
        if (open > 0) {
            return new Objection(Reason.BREAKER, open);
        }
        if (bucket != null) {
            bucket.take();
        }
        return null;
    }

    private void adopt(Limits now) {
        if (now.equals(limits)) {
            return;
        }
        if (!now.rate().equals(limits.rate()) || now.burst() != limits.burst()) {
            bucket = now.rate()
                    .<@Nullable TokenBucket>map(rate -> new TokenBucket(rate, now.burst(), nanos.getAsLong()))
                    .orElse(null);
        }
        if (now.adaptive() != limits.adaptive()) {
            adaptive = now.adaptive() ? new AdaptiveLimit(nanos.getAsLong()) : null;
        }
        if (!now.breaker().equals(limits.breaker())) {
            breaker = now.breaker()
                    .<@Nullable Breaker>map(rule -> new Breaker(function, rule, nanos))
                    .orElse(null);
        }
        limits = now;
    }

    /** Lets the next one in. */
    void leave() {
        lock.lock();
        try {
            inFlight--;
            if (told > 0) {
                told--;
            } else {
                if (bucket != null) {
                    bucket.giveBack();
                }
                if (breaker != null) {
                    breaker.release();
                }
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The function did what it is there for, even if its answer is no. */
    void worked(CallId call) {
        lock.lock();
        try {
            tell();
            if (adaptive != null) {
                adaptive.succeeded(call, inFlight);
            }
            if (breaker != null) {
                breaker.succeeded();
            }
        } finally {
            lock.unlock();
        }
    }

    /** It broke, or the way to it did. */
    void failed(CallId call) {
        lock.lock();
        try {
            tell();
            if (adaptive != null) {
                adaptive.failed(call);
            }
            if (breaker != null) {
                breaker.failed();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * The function answered 429 or 503.
     *
     * @param took since the call was given to it
     * @return whether the call is to wait; otherwise it has simply failed
     */
    boolean pushedBack(CallId call, Duration took, Optional<Duration> retryAfter) {
        lock.lock();
        try {
            long now = nanos.getAsLong();
            Duration wish = retryAfter.filter(wait -> !wait.isNegative()).orElse(Duration.ZERO);
            if (adaptive == null || !adaptive.pushedBack(call, inFlight, now - took.toNanos(), now, wish)) {
                return false;
            }
            tell();
            if (breaker != null) {
                breaker.release();
            }
            LOG.debug("pushed back, fewer calls at once function={} limit={}", function, adaptive.limit());
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** A call that came by another way than this gate is not counted. */
    private void tell() {
        told = Math.min(told + 1, inFlight);
    }

    /** Makes those who wait ask again whether they shall. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** How many calls it is given at once now; {@link Integer#MAX_VALUE} when nothing here limits that. */
    int limit() {
        lock.lock();
        try {
            int most = limits.concurrency().orElse(Integer.MAX_VALUE);
            int adapted = adaptive == null ? Integer.MAX_VALUE : adaptive.limit();
            int probing = breaker == null || breaker.closed() ? Integer.MAX_VALUE : 1;
            return Math.min(most, Math.min(adapted, probing));
        } finally {
            lock.unlock();
        }
    }

    /** Why a worker waits here now; null when none does. */
    @Nullable
    Reason heldBy() {
        lock.lock();
        try {
            return heldBy;
        } finally {
            lock.unlock();
        }
    }
}
