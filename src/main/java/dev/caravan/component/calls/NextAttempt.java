package dev.caravan.component.calls;

import dev.caravan.function.Call;
import dev.caravan.queue.CallProperties;
import dev.caravan.queue.MessageProperties;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.Verdict;
import java.time.Duration;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * {@code nextAttempt}: makes the message of the call's next attempt, or again that of one that was put off, with its
 * original bytes, for the queue it came from; the broker keeps it back until it is due.
 */
public final class NextAttempt implements Processor {

    @Override
    public void process(Exchange exchange) {
        Work work = Work.of(exchange);
        Call taken = work.call();
        Duration delay = work.judged()
                .fold(
                        done -> Duration.ZERO,
                        (done, wait) -> wait,
                        (early, wait) -> wait,
                        (done, reason) -> Duration.ZERO,
                        done -> Duration.ZERO);
        Call call = work.judged() instanceof Verdict.PutOff ? taken : taken.asAttempt(taken.attempt() + 1);
        Map<String, Object> properties = CallProperties.of(call, work.message().bodyFile());
        properties.put(MessageProperties.SCHEDULED_DELAY, Math.max(1, delay.toMillis()));
        Outgoing.prepare(
                exchange,
                QueueNames.physical(call.queue(), call.function()),
                properties,
                work.message().carried());
    }
}
