package dev.caravan.component.calls;

import dev.caravan.component.CaravanHeaders;
import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallEvents;
import dev.caravan.function.CallState;
import dev.caravan.function.DeadReason;
import dev.caravan.ledger.CallStatus;
import dev.caravan.ledger.Ledger;
import dev.caravan.order.CallOrder;
import dev.caravan.queue.BodyGoneException;
import dev.caravan.queue.CallHeldException;
import dev.caravan.queue.CallMessage;
import dev.caravan.queue.CallMessages;
import dev.caravan.queue.Judge;
import dev.caravan.queue.MalformedMessageException;
import dev.caravan.queue.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * {@code takeCall}: reads the message that came off the queue and leaves on the exchange what the function is to be
 * sent. Sets {@code CaravanState}: {@code running}; {@code dead} when it is malformed or too old; {@value #DUPLICATE}
 * when this attempt was settled, or the call cancelled, before; {@code queued} when others of its order key are before it
 * and it waits in its line.
 */
public final class TakeCall implements Processor {

    /** The state of a message that is to be dropped: what a crash left twice. */
    public static final String DUPLICATE = "duplicate";

    private final CallMessages messages;
    private final Ledger ledger;
    private final CallOrder order;
    private final RunningCalls running;
    private final Judge judge;
    private final CallEvents events;
    private final InstantSource clock;
    private final long resultLimit;
    private final Instant upSince;

    /** @param resultLimit how many bytes of an answer are kept when nobody is called back with it */
    public TakeCall(
            CallMessages messages,
            Ledger ledger,
            CallOrder order,
            RunningCalls running,
            Judge judge,
            CallEvents events,
            long resultLimit,
            InstantSource clock) {
        this.messages = messages;
        this.ledger = ledger;
        this.order = order;
        this.running = running;
        this.judge = judge;
        this.events = events;
        this.resultLimit = resultLimit;
        this.clock = clock;
        this.upSince = clock.instant();
    }

    @Override
    public void process(Exchange exchange) {
        Object taken = exchange.getMessage().getBody();
        Instant now = clock.instant();
        try {
            take(exchange, messages.read(taken), now);
        } catch (BodyGoneException e) {
            boolean expired = judge.expired(e.rest().call());
            die(exchange, e.rest(), now, expired ? DeadReason.EXPIRED : DeadReason.MALFORMED, e.getMessage());
        } catch (MalformedMessageException e) {
            CallMessage unreadable = messages.unreadable(taken);
            die(exchange, unreadable, now, DeadReason.MALFORMED, e.getMessage());
        }
        if (messages.arrives(taken)) {
            events.accepted(Work.of(exchange).call());
        }
    }

    private void take(Exchange exchange, CallMessage message, Instant now) {
        if (judge.expired(message.call())) {
            die(exchange, message, now, DeadReason.EXPIRED, "not finished before its deadline");
            return;
        }
        Work work = begin(exchange, message, now);
        if (work == null) {
            drop(exchange, message, now);
        } else if (!admitted(work)) {
            work.to(exchange, CallState.QUEUED.word());
        } else if (judge.neverEnds(work.call())) {
            die(exchange, work, DeadReason.ATTEMPTS_EXHAUSTED, "begun again and again, it never ended");
        } else {
            run(exchange, work);
        }
    }

    /** @return null when this attempt was settled, or the call cancelled, before */
    private @Nullable Work begin(Exchange exchange, CallMessage message, Instant now) {
        Call call = message.call();
        // Before the ledger is asked: who cancels from now on finds it here, who did before is found there.
        if (!running.begin(call, exchange)) {
            throw new CallHeldException("another message of this attempt runs");
        }
        // The broker forgets a delivery when it stops; whatever was there before this process may have been run by the
        // one before, and is counted on disk before it runs again.
        boolean perhapsBegun = message.redelivered() || call.submittedAt().isBefore(upSince);
        return ledger.begin(call, perhapsBegun)
                .<@Nullable Work>fold(attempt -> new Work(message, call.asAttempt(attempt), now, null), () -> null);
    }

    /** When others of its order key are before it, it goes back untried: to its line, from where it is sent again. */
    private boolean admitted(Work work) {
        if (work.call().orderKey() == null) {
            return true;
        }
        boolean admitted = false;
        try {
            admitted = order.admits(work.message());
        } finally {
            if (!admitted) {
                ledger.release(work.call());
            }
        }
        return admitted;
    }

    private void run(Exchange exchange, Work work) {
        Call call = work.call();
        events.taken(call);
        Message out = exchange.getMessage();
        out.removeHeaders("*");
        out.setBody(work.message().body());
        out.setHeader(CaravanHeaders.FUNCTION, call.function().name());
        out.setHeader(CaravanHeaders.NAMESPACE, call.function().namespace());
        out.setHeader(CaravanHeaders.PATH, call.path());
        out.setHeader(CaravanHeaders.QUERY, call.query());
        out.setHeader(CaravanHeaders.CALL_ID, call.id().text());
        out.setHeader(Exchange.HTTP_METHOD, "POST");
        if (call.callbackUrl() == null) {
            exchange.setProperty(CaravanHeaders.MAX_ANSWER, Math.max(resultLimit, Attempt.MAX_EXCERPT));
        }
        exchange.setProperty(CaravanHeaders.REQUEST_HEADERS, requestHeaders(call, work.startedAt()));
        work.to(exchange, CallState.RUNNING.word());
    }

    /** The caller's headers, and what a function called through a queue sees besides (contract sections 2.1, 2.2). */
    private static Map<String, List<String>> requestHeaders(Call call, Instant takenAt) {
        var headers = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
        headers.putAll(call.headers());
        headers.put("X-Call-Id", List.of(call.id().text()));
        var startTimes = new ArrayList<>(headers.getOrDefault("X-Start-Time", List.of()));
        startTimes.add(Long.toString(takenAt.getEpochSecond() * 1_000_000_000L + takenAt.getNano()));
        headers.put("X-Start-Time", startTimes);
        if (call.host() != null) {
            headers.putIfAbsent("X-Forwarded-Host", List.of(call.host()));
        }
        return headers;
    }

    private void drop(Exchange exchange, CallMessage message, Instant now) {
        Call call = message.call();
        CallState state = ledger.call(call.id()).map(CallStatus::state).orElse(CallState.RUNNING);
        // A letter needs the body of a call that is dead; that of one that succeeded may be left from before a crash.
        if (state == CallState.CANCELLED || state == CallState.SUCCEEDED) {
            messages.discard(message);
        }
        if (state == CallState.CANCELLED) {
            events.cancelledDropped(call);
        } else {
            events.duplicateDropped(call);
        }
        order.leaveIfOver(call);
        new Work(message, message.call(), now, null).to(exchange, DUPLICATE);
    }

    /** A message that is dead before it ran is made known to the ledger first, so that it is settled only once. */
    private void die(Exchange exchange, CallMessage message, Instant now, DeadReason reason, @Nullable String error) {
        Work work = begin(exchange, message, now);
        if (work == null) {
            drop(exchange, message, now);
            return;
        }
        die(exchange, work, reason, error);
    }

    private static void die(Exchange exchange, Work work, DeadReason reason, @Nullable String error) {
        var failed = new Attempt(work.call().attempt(), work.startedAt(), Duration.ZERO, 0, error, null);
        Verdict verdict = Run.of(exchange).judge() ? new Verdict.Dead(failed, reason) : new Verdict.Cancelled(failed);
        work.judgedAs(verdict).to(exchange, verdict.state().word());
    }
}
