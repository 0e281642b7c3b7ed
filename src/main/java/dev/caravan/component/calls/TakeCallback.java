package dev.caravan.component.calls;

import dev.caravan.component.CaravanHeaders;
import dev.caravan.function.Attempt;
import dev.caravan.function.CallState;
import dev.caravan.function.DeadReason;
import dev.caravan.queue.BodyGoneException;
import dev.caravan.queue.CallMessage;
import dev.caravan.queue.CallMessages;
import dev.caravan.queue.Judge;
import dev.caravan.queue.MalformedMessageException;
import dev.caravan.queue.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * {@code takeCallback}: reads a result that came off the callback queue. Sets {@code CaravanState} to {@code running},
 * or to {@code dead} when it is malformed or too old. A callback that a crash left twice is posted twice: its receiver
 * knows it by its call id.
 */
public final class TakeCallback implements Processor {

    private final CallMessages messages;
    private final Judge judge;
    private final InstantSource clock;

    public TakeCallback(CallMessages messages, Judge judge, InstantSource clock) {
        this.messages = messages;
        this.judge = judge;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        Object taken = exchange.getMessage().getBody();
        Instant now = clock.instant();
        try {
            CallMessage message = messages.read(taken);
            if (message.call().callbackUrl() == null) {
                die(exchange, message, now, DeadReason.MALFORMED, "the callback has no URL");
            } else if (judge.expired(message.call())) {
                die(exchange, message, now, DeadReason.EXPIRED, "not delivered before its deadline");
            } else {
                Message out = exchange.getMessage();
                out.removeHeaders("*");
                out.setBody(message.body());
                exchange.setProperty(
                        CaravanHeaders.REQUEST_HEADERS, message.call().headers());
                new Work(message, message.call(), now, null).to(exchange, CallState.RUNNING.word());
            }
        } catch (BodyGoneException e) {
            boolean expired = judge.expired(e.rest().call());
            DeadReason reason = expired ? DeadReason.EXPIRED : DeadReason.MALFORMED;
            die(exchange, e.rest(), now, reason, String.valueOf(e.getMessage()));
        } catch (MalformedMessageException e) {
            die(exchange, messages.unreadable(taken), now, DeadReason.MALFORMED, String.valueOf(e.getMessage()));
        }
    }

    private static void die(Exchange exchange, CallMessage message, Instant now, DeadReason reason, String error) {
        var failed = new Attempt(message.call().attempt(), now, Duration.ZERO, 0, error, null);
        new Work(message, message.call(), now, null)
                .judgedAs(new Verdict.Dead(failed, reason))
                .to(exchange, CallState.DEAD.word());
    }
}
