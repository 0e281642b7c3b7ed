package dev.caravan.queue;

import dev.caravan.config.BreakerRule;
import dev.caravan.function.FunctionName;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.resilience4j.circuitbreaker.event.CircuitBreakerOnStateTransitionEvent;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens when too many calls of a function fail, and after a pause lets one through to see whether they still do. */
final class Breaker {

    private static final Logger LOG = LoggerFactory.getLogger(Breaker.class);

    /** How a failed call is told to the library, which wants something thrown. */
    private static final IllegalStateException FAILURE = new IllegalStateException("the call failed");

    /** While one call probes, the others wait for its end, which wakes them. */
    private static final long PROBING = Duration.ofSeconds(1).toNanos();

    private static final long MOMENT = Duration.ofMillis(1).toNanos();

    private final FunctionName function;
    private final BreakerRule rule;
    private final LongSupplier nanos;
    private final CircuitBreaker breaker;
    private volatile long openUntil;

    Breaker(FunctionName function, BreakerRule rule, LongSupplier nanos) {
        this.function = function;
        this.rule = rule;
        this.nanos = nanos;
        this.breaker = CircuitBreaker.of(
                function.qualified(),
                CircuitBreakerConfig.custom()
                        .slidingWindowType(SlidingWindowType.COUNT_BASED)
                        .slidingWindowSize(rule.window())
                        .minimumNumberOfCalls(rule.window())
                        .failureRateThreshold(rule.failurePercent())
                        .waitDurationInOpenState(rule.open())
                        .permittedNumberOfCallsInHalfOpenState(1)
                        .clock(new Elapsed(nanos))
                        .build());
        breaker.getEventPublisher().onStateTransition(this::turned);
    }

    /** Lets a call through, whose end must then be told; otherwise says after how long to ask again. */
    long acquire() {
        if (breaker.tryAcquirePermission()) {
            return 0;
        }
        return breaker.getState() == State.OPEN ? Math.max(MOMENT, openUntil - nanos.getAsLong()) : PROBING;
    }

    boolean closed() {
        return breaker.getState() == State.CLOSED;
    }

    void succeeded() {
        breaker.onSuccess(0, TimeUnit.NANOSECONDS);
    }

    void failed() {
        breaker.onError(0, TimeUnit.NANOSECONDS, FAILURE);
    }

    /** The call that was let through says nothing about the function. */
    void release() {
        breaker.releasePermission();
    }

    private void turned(CircuitBreakerOnStateTransitionEvent event) {
        switch (event.getStateTransition().getToState()) {
            case OPEN -> {
                openUntil = nanos.getAsLong() + rule.open().toNanos() + MOMENT;
                boolean probed = event.getStateTransition().getFromState() == State.HALF_OPEN;
                LOG.warn(
                        "breaker opened, calls wait in their queue function={} because=\"{}\" pause={}ms",
                        function,
                        probed ? "the probe failed" : rule.failurePercent() + "% of the last calls failed",
                        rule.open().toMillis());
            }
            case HALF_OPEN -> LOG.info("breaker lets one call through to probe function={}", function);
            case CLOSED -> LOG.info("breaker closed, calls flow again function={}", function);
            default -> throw new IllegalStateException("nobody asks for " + event.getStateTransition());
        }
    }

    /** Time that passes evenly, whatever is done to the system's clock. */
    private static final class Elapsed extends Clock {

        private final LongSupplier nanos;

        Elapsed(LongSupplier nanos) {
            this.nanos = nanos;
        }

        @Override
        public Instant instant() {
            return Instant.EPOCH.plusNanos(nanos.getAsLong());
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
