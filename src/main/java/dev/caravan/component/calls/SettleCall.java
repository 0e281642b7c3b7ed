package dev.caravan.component.calls;

import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallEvents;
import dev.caravan.function.DeadReason;
import dev.caravan.ledger.CallResult;
import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.DeadLetterContent;
import dev.caravan.ledger.Fingerprint;
import dev.caravan.ledger.KeptRequest;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Settlement;
import dev.caravan.order.CallOrder;
import dev.caravan.queue.BodyFiles;
import dev.caravan.queue.CallMessage;
import dev.caravan.queue.CallMessages;
import dev.caravan.queue.CallProperties;
import dev.caravan.queue.History;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.SearchText;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * {@code settleCall}: writes what became of the attempt into the ledger, synced to disk, and tells whoever listens; then
 * the next call of its order key is sent. It
 * is the last step of a route: the message is acknowledged when it returns, and not when it throws.
 */
public final class SettleCall implements Processor {

    private final Ledger ledger;
    private final CallOrder order;
    private final CallMessages messages;
    private final BodyFiles bodyFiles;
    private final CallEvents events;
    private final Limits limits;
    private final InstantSource clock;

    /**
     * Up to how many bytes a body is kept of a call that has succeeded.
     *
     * @param request 0 when no request is kept
     */
    public record Limits(long result, long request) {}

    public SettleCall(
            Ledger ledger,
            CallOrder order,
            CallMessages messages,
            BodyFiles bodyFiles,
            CallEvents events,
            Limits limits,
            InstantSource clock) {
        this.ledger = ledger;
        this.order = order;
        this.messages = messages;
        this.bodyFiles = bodyFiles;
        this.events = events;
        this.limits = limits;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        Work work = Work.of(exchange);
        boolean callback = work.call().queue().equals(QueueNames.CALLBACK_QUEUE);
        work.judged()
                .<@Nullable Void>fold(
                        done -> succeeded(exchange, work, done, callback),
                        (done, delay) -> retrying(work, done, delay, callback),
                        (early, delay) -> putOff(work, delay),
                        (done, reason) -> dead(exchange, work, done, reason, callback),
                        done -> cancelled(work));
        if (work.judged().state().terminal()) {
            order.leave(work.call());
        }
    }

    private @Nullable Void succeeded(Exchange exchange, Work work, Attempt done, boolean callback) {
        if (callback) {
            events.callbackDelivered(work.call(), done.statusCode());
        } else if (ledger.settle(Settlement.succeeded(work.call(), done).with(answered(exchange, work)))) {
            events.succeeded(work.call(), done);
        }
        String file = work.message().bodyFile();
        if (file != null) {
            bodyFiles.delete(file);
        }
        return null;
    }

    /** A dead call's request stands in its letter; that of one that succeeded goes with its message. */
    private @Nullable CallResult answered(Exchange exchange, Work work) {
        CallResult result = Answered.result(exchange, work, limits.result());
        byte[] body = work.message().body();
        return result == null || limits.request() == 0 || body.length > limits.request()
                ? result
                : result.with(KeptRequest.ofResult(CallProperties.json(work.call(), null), ByteBuffer.wrap(body)));
    }

    private @Nullable Void retrying(Work work, Attempt done, Duration delay, boolean callback) {
        if (callback
                || ledger.settle(
                        Settlement.retrying(work.call(), done, clock.instant().plus(delay)))) {
            events.retried(work.call(), done, delay);
        }
        return null;
    }

    private @Nullable Void putOff(Work work, Duration delay) {
        ledger.putOff(work.call(), clock.instant().plus(delay));
        events.putOff(work.call(), delay);
        return null;
    }

    private @Nullable Void dead(Exchange exchange, Work work, Attempt done, DeadReason reason, boolean callback) {
        DeadLetter letter = letter(work, reference(work.call(), work.message()), done, reason, clock.instant());
        if (callback) {
            ledger.bury(letter);
            events.died(work.call(), reason, done);
        } else if (ledger.settle(
                Settlement.dead(work.call(), done, letter).with(Answered.result(exchange, work, limits.result())))) {
            events.died(work.call(), reason, done);
        }
        return null;
    }

    /** On disk already as a rule; but a message is acknowledged on nobody's word. */
    private @Nullable Void cancelled(Work work) {
        ledger.cancel(work.call().id());
        messages.discard(work.message());
        events.cancelledDropped(work.call());
        return null;
    }

    /** A body that the broker still held, but the ledger does not: of another client, or below a higher threshold. */
    private @Nullable String reference(Call call, CallMessage message) {
        boolean tooLarge = message.bodyFile() == null && message.body().length > DeadLetterContent.MAX_BODY;
        return tooLarge ? bodyFiles.write(call.id(), message.body()) : message.bodyFile();
    }

    /**
     * What the ledger keeps of a call that is dead.
     *
     * @param file where its body stands when neither the message nor the ledger holds it; null for none
     */
    static DeadLetter letter(Work work, @Nullable String file, Attempt done, DeadReason reason, Instant deadAt) {
        Call call = work.call();
        CallMessage message = work.message();
        boolean callback = call.queue().equals(QueueNames.CALLBACK_QUEUE);
        boolean inline = file == null && message.body().length <= DeadLetterContent.MAX_BODY;
        return new DeadLetter(
                callback
                        ? DeadLetter.callbackIdOf(call.id(), call.generation())
                        : DeadLetter.idOf(call.id(), call.generation()),
                call.id(),
                call.generation(),
                call.queue(),
                QueueNames.deadLetters(message.physicalQueue()),
                call.function(),
                reason,
                done.statusCode(),
                done.error(),
                Fingerprint.of(call.function(), reason, done.statusCode(), done.error()),
                call.attempt(),
                call.submittedAt(),
                deadAt,
                message.body().length,
                JudgeCall.first(call.headers(), "Content-Type"),
                call.generation() - 1,
                null,
                new DeadLetterContent(
                        CallProperties.json(call, file),
                        History.json(call.history()),
                        inline ? ByteBuffer.wrap(message.body()) : null,
                        file,
                        SearchText.of(call, done.error(), message.body())));
    }
}
