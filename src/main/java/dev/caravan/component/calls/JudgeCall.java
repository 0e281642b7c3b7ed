package dev.caravan.component.calls;

import dev.caravan.component.CaravanHeaders;
import dev.caravan.component.FunctionAnswer;
import dev.caravan.function.Attempt;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionCallException;
import dev.caravan.ledger.Ledger;
import dev.caravan.queue.CallHeldException;
import dev.caravan.queue.Judge;
import dev.caravan.queue.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * {@code judgeCall}: decides what follows from the attempt that has just ended, by the function's answer or by the
 * exception that was caught. Sets {@code CaravanState}: {@code succeeded}, {@code retrying} or {@code dead}.
 */
public final class JudgeCall implements Processor {

    private final Judge judge;
    private final Ledger ledger;
    private final InstantSource clock;

    public JudgeCall(Judge judge, Ledger ledger, InstantSource clock) {
        this.judge = judge;
        this.ledger = ledger;
        this.clock = clock;
    }

    /** @throws CallHeldException when the call could not run and stays on its queue */
    @Override
    public void process(Exchange exchange) {
        Work work = Work.of(exchange);
        try {
            Verdict verdict = verdict(exchange, work);
            work.judgedAs(verdict).to(exchange, verdict.state().word());
        } catch (CallHeldException held) {
            ledger.release(work.call());
            throw held;
        }
    }

    private Verdict verdict(Exchange exchange, Work work) {
        Exception caught = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        FunctionAnswer answer = exchange.getProperty(CaravanHeaders.FUNCTION_ANSWER, FunctionAnswer.class);
        if (caught instanceof FunctionCallException failure) {
            return judge.failed(work.call(), attempt(work, 0, failure.getMessage(), null), failure.code());
        }
        if (caught != null || answer == null) {
            String error = caught == null ? "the route did not call a function" : "the route failed: " + caught;
            return new Verdict.Dead(attempt(work, 0, error, null), DeadReason.PLATFORM_ERROR);
        }
        return judge.answered(
                work.call(),
                attempt(work, answer.status(), null, excerpt(answer)),
                first(answer.headers(), "X-OpenFaaS-Internal") != null,
                first(answer.headers(), "Retry-After"));
    }

    private Attempt attempt(Work work, int status, @Nullable String error, @Nullable String excerpt) {
        Duration took = Duration.between(work.startedAt(), clock.instant());
        return new Attempt(work.call().attempt(), work.startedAt(), took, status, error, excerpt);
    }

    private static @Nullable String excerpt(FunctionAnswer answer) {
        byte[] body = answer.body();
        return body.length == 0
                ? null
                : new String(body, 0, Math.min(body.length, Attempt.MAX_EXCERPT), StandardCharsets.UTF_8);
    }

    static @Nullable String first(Map<String, List<String>> headers, String name) {
        for (Map.Entry<String, List<String>> header : headers.entrySet()) {
            if (header.getKey().equalsIgnoreCase(name) && !header.getValue().isEmpty()) {
                return header.getValue().get(0);
            }
        }
        return null;
    }
}
