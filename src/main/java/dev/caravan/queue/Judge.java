package dev.caravan.queue;

import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FailureCode;
import dev.caravan.function.FunctionName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Decides what follows from an attempt: succeeded, tried again, or dead and why. */
public final class Judge {

    /** How often any call may be begun before it is suspected. */
    private static final int FORGIVEN = 3;

    /** A retry that is due too early is not looked at again before: each look is a way through the broker. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** RFC 5842 section 7.2. */
    private static final int LOOP_DETECTED = 508;

    private final Function<FunctionName, RetryPolicy> policies;
    private final RetryBudgets budgets;
    private final Admission admission;
    private final InstantSource clock;
    private final DoubleSupplier random;

    /**
     * @param policies the policy of each function
     * @param budgets how many retries it may have
     * @param admission is told how calls went
     * @param random uniform in [0, 1), for jitter
     */
    public Judge(
            Function<FunctionName, RetryPolicy> policies,
            RetryBudgets budgets,
            Admission admission,
            InstantSource clock,
            DoubleSupplier random) {
        this.policies = policies;
        this.budgets = budgets;
        this.admission = admission;
        this.clock = clock;
        this.random = random;
    }

    /**
     * The function answered. 200–399 is success: a redirect is reported, never followed.
     *
     * @param platformMade whether the answer carries {@code X-OpenFaaS-Internal}: then no function saw the call
     * @param retryAfter the answer's {@code Retry-After}; null when it gave none
     * @throws CallHeldException when it is no attempt: the function has too much to do and its policy says to wait
     */
    public Verdict answered(Call call, Attempt attempt, boolean platformMade, @Nullable String retryAfter) {
        int status = attempt.statusCode();
        if (status >= 200 && status < 400) {
            tell(call, false);
            return new Verdict.Succeeded(attempt);
        }
        if ((status == 429 || status == 503)
                && admission.pushedBack(call, attempt, RetryPolicy.retryAfter(retryAfter, clock.instant()))) {
            untried(call);
            throw new CallHeldException("the function answered " + status, Duration.ZERO);
        }
        RetryPolicy policy = policies.apply(call.function());
        boolean failed = platformMade || policy.retries(status);
        tell(call, failed);
        return failed
                ? spread(call, retryOrDie(call, attempt, policy, retryAfter))
                : new Verdict.Dead(attempt, DeadReason.REJECTED);
    }

    /** A call that is rejected is no failure of the function: it works, and says no. */
    private void tell(Call call, boolean failed) {
        if (failed) {
            admission.failed(call);
        } else {
            admission.worked(call);
        }
        if (call.attempt() == 1) {
            budgets.fresh(call.function());
        }
    }

    /**
     * How long a retry that has fallen due is to wait because its function has had as many as it may. Zero for any other
     * call: it may run now, and counts. One that still finds no room at the end of its time waits until it is too old.
     */
    public Duration early(Call call) {
        Duration wait = call.attempt() == 1 ? Duration.ZERO : budgets.early(call.function());
        if (wait.isZero()) {
            return wait;
        }
        Duration left = Duration.between(clock.instant(), call.expiresAt());
        Duration latest = left.minus(left.dividedBy(10));
        Duration wanted = wait.plus(LOOK);
        if (wanted.compareTo(latest) <= 0) {
            return wanted;
        }
        return latest.compareTo(LOOK) >= 0 ? latest : left.plusMillis(1);
    }

    private void untried(Call call) {
        if (call.attempt() > 1) {
            budgets.giveBack(call.function());
        }
    }

    /** A retry that the budget has no room for waits longer, but not so long that it would die of it. */
    private Verdict spread(Call call, Verdict verdict) {
        if (!(verdict instanceof Verdict.Retry retry)) {
            return verdict;
        }
        Duration extra = budgets.extra(call.function());
        Duration left = Duration.between(clock.instant(), call.expiresAt());
        Duration latest = left.minus(left.dividedBy(10));
        Duration wanted = retry.delay().plus(extra);
        Duration delay = wanted.compareTo(latest) <= 0 ? wanted : latest;
        return delay.compareTo(retry.delay()) <= 0 ? retry : new Verdict.Retry(retry.attempt(), delay);
    }

    /**
     * No answer came.
     *
     * @throws CallHeldException when that is no attempt
     */
    public Verdict failed(Call call, Attempt attempt, FailureCode code) {
        if (code == FailureCode.UNKNOWN_FUNCTION) {
            return new Verdict.Dead(attempt, DeadReason.UNKNOWN_FUNCTION);
        }
        if (code.held()) {
            untried(call);
            throw new CallHeldException(String.valueOf(attempt.error()));
        }
        tell(call, true);
        return spread(call, retryOrDie(call, attempt, policies.apply(call.function()), null));
    }

    /**
     * A callback's receiver answered, or did not: status 0. Anything but 2xx failed; only some failures are retried, and
     * never 508, by which a gateway ends a chain of calls: it would be as long the next time.
     */
    public Verdict delivered(Call callback, Attempt attempt, @Nullable String retryAfter) {
        int status = attempt.statusCode();
        if (status >= 200 && status < 300) {
            return new Verdict.Succeeded(attempt);
        }
        RetryPolicy policy = policies.apply(callback.function());
        boolean worthwhile = status != LOOP_DETECTED && (status >= 500 || policy.retries(status));
        return status == 0 || worthwhile
                ? retryOrDie(callback, attempt, policy, retryAfter)
                : new Verdict.Dead(attempt, DeadReason.REJECTED);
    }

    /** Whether a call is too old to be tried. */
    public boolean expired(Call call) {
        return !clock.instant().isBefore(call.expiresAt());
    }

    /**
     * Whether a call was begun more often than its policy allows although none of its attempts ended badly: each time
     * the process ended with it, so it may well be the call that ends the process. A few crashes are forgiven.
     */
    public boolean neverEnds(Call call) {
        return call.attempt() > Math.max(policies.apply(call.function()).attempts() + 1, FORGIVEN);
    }

    private Verdict retryOrDie(Call call, Attempt attempt, RetryPolicy policy, @Nullable String retryAfter) {
        if (call.attempt() > policy.attempts()) {
            return new Verdict.Dead(attempt, DeadReason.ATTEMPTS_EXHAUSTED);
        }
        Instant now = clock.instant();
        Duration delay = policy.delay(call.attempt(), attempt.statusCode(), retryAfter, now, random);
        return now.plus(delay).isBefore(call.expiresAt())
                ? new Verdict.Retry(attempt, delay)
                : new Verdict.Dead(attempt, DeadReason.EXPIRED);
    }
}
