package dev.caravan.order;

import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.FunctionName;
import dev.caravan.function.OrderKey;
import dev.caravan.ledger.CallLines;
import dev.caravan.ledger.CallLines.Place;
import dev.caravan.ledger.CallStatus;
import dev.caravan.ledger.DeadLetterContent;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerException;
import dev.caravan.ledger.LinedCall;
import dev.caravan.queue.BodyFiles;
import dev.caravan.queue.BrokerException;
import dev.caravan.queue.CallMessage;
import dev.caravan.queue.CallMessages;
import dev.caravan.queue.CallProperties;
import dev.caravan.queue.CallSender;
import dev.caravan.queue.QueueNames;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has calls of one function and order key run one at a time, in the order in which they were accepted. A call stands in
 * its line from its acceptance to its end; only the first of a line has a message in a queue, and when it is over the
 * next is sent. So no worker ever holds a call that waits for another, and whatever becomes of the first (retries, a
 * crash, a pause) the others are not there to overtake it.
 *
 * <p>The door lets calls join before they are sent. What comes another way (another JMS client's call, one that was
 * delayed, a replay) joins at the end when a worker takes it. Calls without a key are never looked at. For any thread.
 */
public final class CallOrder {

    private static final Logger LOG = LoggerFactory.getLogger(CallOrder.class);

    private final Ledger ledger;
    private final CallLines lines;
    private final CallMessages messages;
    private final CallSender sender;
    private final BodyFiles bodyFiles;

    public CallOrder(Ledger ledger, CallMessages messages, CallSender sender, BodyFiles bodyFiles) {
        this.ledger = ledger;
        this.lines = ledger.lines();
        this.messages = messages;
        this.sender = sender;
        this.bodyFiles = bodyFiles;
    }

    /**
     * A call is to be accepted now. Durable when it returns.
     *
     * @param bodyFile where its body stands; null when {@code body} is whole
     * @return true when it is its turn: it is to be sent, and then is {@link #sent}, or {@linkplain #leave leaves}
     * @throws LedgerException when its line cannot be written; it may stand there all the same
     */
    public boolean join(Call call, byte[] body, @Nullable String bodyFile) {
        OrderKey key = call.orderKey();
        return key == null || lines.join(lined(call, key, body, bodyFile), false) == Place.FIRST;
    }

    /** The broker has its message. */
    public void sent(Call call) {
        if (call.orderKey() != null) {
            lines.sent(call.id(), call.generation());
        }
    }

    /**
     * Whether a call that was taken from a queue, and is not over, may run. If not, it is safe in its line, and its
     * message is to be dropped.
     *
     * @throws LedgerException when that cannot be told now
     */
    public boolean admits(CallMessage message) {
        Call call = message.call();
        OrderKey key = key(call);
        if (key == null) {
            return true;
        }
        Optional<Place> known = lines.place(call.id(), call.generation());
        return known.orElseGet(() -> lines.join(lined(call, key, message.body(), message.bodyFile()), true))
                == Place.FIRST;
    }

    /**
     * A call is over, or not accepted after all: the next of its line is sent. What cannot be sent now is when lines are
     * {@linkplain #tend() looked after}.
     *
     * @throws LedgerException when its line cannot be written
     */
    public void leave(Call call) {
        OrderKey key = key(call);
        if (key != null) {
            lines.leave(call.function(), key, call.id(), call.generation()).ifPresent(this::send);
        }
    }

    /** The same after a call was cancelled that may have waited, or may still run: then its worker lets it leave. */
    public void cancelled(CallStatus call) {
        if (call.orderKey() != null) {
            settle(lines.tend(call.function(), call.orderKey()));
        }
    }

    /** The same when it is known by its id alone whether, and how, the call is over. */
    public void leaveIfOver(Call call) {
        if (key(call) != null && isOver(call.id(), call.generation())) {
            leave(call);
        }
    }

    /**
     * Looks after all lines: calls that were cancelled leave, and what a crash or a broker that was away left undone is
     * done. To be called now and then, and after a purge.
     */
    public void tend() {
        settle(lines.tend());
    }

    /** What the process before accepted and did not enter is entered. */
    public void recover() {
        lines.unknown().forEach(lined -> ledger.accepted(call(lined), null));
        tend();
    }

    private boolean isOver(CallId id, int generation) {
        return ledger.call(id)
                .filter(status -> status.generation() > generation
                        || status.generation() == generation && status.state().terminal())
                .isPresent();
    }

    private void settle(CallLines.Tended tended) {
        tended.bodies().forEach(bodyFiles::delete);
        boolean reached = true;
        for (LinedCall next : tended.due()) {
            if (reached) {
                reached = send(next);
            } else {
                // Each try waits for seconds while the broker is away.
                lines.unsent(next.id(), next.generation());
            }
        }
    }

    private boolean send(LinedCall next) {
        try {
            ByteBuffer body = next.body();
            var bytes = new byte[body == null ? 0 : body.remaining()];
            if (body != null) {
                body.duplicate().get(bytes);
            }
            sender.send(call(next), next.bodyReference(), bytes);
            lines.sent(next.id(), next.generation());
            return true;
        } catch (BrokerException e) {
            LOG.warn(
                    "the next call of its order key cannot be sent, trying again function={} call={} error={}",
                    next.function(),
                    next.id(),
                    e.getMessage());
            lines.unsent(next.id(), next.generation());
            return false;
        }
    }

    private Call call(LinedCall lined) {
        return messages.restored(lined.id(), lined.queue(), lined.headers());
    }

    private LinedCall lined(Call call, OrderKey key, byte[] body, @Nullable String bodyFile) {
        FunctionName function = call.function();
        boolean tooLarge = bodyFile == null && body.length > DeadLetterContent.MAX_BODY;
        String file = tooLarge ? bodyFiles.write(call.id(), body) : bodyFile;
        return new LinedCall(
                call.id(),
                call.generation(),
                call.queue(),
                function,
                key,
                CallProperties.json(call, file),
                file == null ? ByteBuffer.wrap(body) : null,
                file);
    }

    /** A result on its way to its callback URL waits for nobody. */
    private static @Nullable OrderKey key(Call call) {
        return call.queue().equals(QueueNames.CALLBACK_QUEUE) ? null : call.orderKey();
    }
}
