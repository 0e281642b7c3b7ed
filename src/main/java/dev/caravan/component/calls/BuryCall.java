package dev.caravan.component.calls;

import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallState;
import dev.caravan.function.DeadReason;
import dev.caravan.ledger.Fingerprint;
import dev.caravan.queue.CallProperties;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.Verdict;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * {@code buryCall}: makes the call's dead letter, with its reason, the answer that caused it and its history, for the
 * dead-letter queue of the queue it came from. A call that nobody judged is dead because the route threw.
 */
public final class BuryCall implements Processor {

    private final InstantSource clock;

    public BuryCall(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        Work work = Work.of(exchange);
        if (work.verdict() == null || work.verdict().state() != CallState.DEAD) {
            work = platformError(exchange, work);
            work.to(exchange, CallState.DEAD.word());
        }
        Call call = work.call();
        Attempt last = work.lastAttempt();
        Map<String, Object> properties = CallProperties.of(call, work.message().bodyFile());
        String fingerprint = Fingerprint.of(call.function(), reason(work), last.statusCode(), last.error());
        properties.putAll(CallProperties.ofDeadLetter(reason(work), last, fingerprint, clock.instant()));
        Outgoing.prepare(
                exchange,
                QueueNames.deadLetters(work.message().physicalQueue()),
                properties,
                work.message().carried());
    }

    static DeadReason reason(Work work) {
        return work.judged()
                .fold(
                        done -> DeadReason.PLATFORM_ERROR,
                        (done, delay) -> DeadReason.PLATFORM_ERROR,
                        (early, delay) -> DeadReason.PLATFORM_ERROR,
                        (done, reason) -> reason,
                        done -> DeadReason.PLATFORM_ERROR);
    }

    private Work platformError(Exchange exchange, Work work) {
        Exception caught = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        var attempt = new Attempt(
                work.call().attempt(),
                work.startedAt(),
                Duration.between(work.startedAt(), clock.instant()),
                0,
                "the route failed: " + caught,
                null);
        return work.judgedAs(new Verdict.Dead(attempt, DeadReason.PLATFORM_ERROR));
    }
}
