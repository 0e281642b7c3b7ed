package dev.caravan.letters;

import dev.caravan.function.Call;
import dev.caravan.function.CallEvents;
import dev.caravan.ledger.CallEdit;
import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.DeadLetterContent;
import dev.caravan.ledger.Fingerprint;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerException;
import dev.caravan.queue.BodyFiles;
import dev.caravan.queue.CallMessages;
import dev.caravan.queue.CallProperties;
import dev.caravan.queue.DeadLetterQueues;
import dev.caravan.queue.QueueNames;
import dev.caravan.queue.Replacement;
import dev.caravan.queue.SearchText;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the call of a dead letter round again, as it was or edited: under its id, as its next generation. The letter
 * leaves its queue in the transaction that sends the call, so a second replay of it finds nothing.
 */
public final class LetterReplay {

    private static final Logger LOG = LoggerFactory.getLogger(LetterReplay.class);

    private static final byte[] NOTHING = {};

    private final Ledger ledger;
    private final DeadLetterQueues queues;
    private final CallMessages messages;
    private final BodyFiles bodyFiles;
    private final CallEvents events;
    private final Duration maxAge;
    private final InstantSource clock;

    /** @param maxAge how old a replayed call may get, counted anew */
    public LetterReplay(
            Ledger ledger,
            DeadLetterQueues queues,
            CallMessages messages,
            BodyFiles bodyFiles,
            CallEvents events,
            Duration maxAge,
            InstantSource clock) {
        this.ledger = ledger;
        this.queues = queues;
        this.messages = messages;
        this.bodyFiles = bodyFiles;
        this.events = events;
        this.maxAge = maxAge;
        this.clock = clock;
    }

    /** The call as it stands in the letter. */
    public Call call(DeadLetter letter) {
        return messages.restored(
                letter.callId(), letter.queue(), LetterBody.content(letter).headers());
    }

    public static boolean ofCallback(DeadLetter letter) {
        return letter.queue().equals(QueueNames.CALLBACK_QUEUE);
    }

    /** False when the letter is not in its queue: somebody else has replayed or taken it. */
    public boolean replay(DeadLetter letter, Edits edits) {
        Call call = next(letter, edits);
        byte[] body = edits.body();
        byte[] bodyBefore = edits.any() ? new LetterBody(bodyFiles).of(LetterBody.content(letter)) : NOTHING;
        String file = body != null && bodyFiles.isLarge(body) ? bodyFiles.write(letter.callId(), body) : null;
        boolean sent = false;
        try {
            sent = queues.replace(
                    letter.physicalQueue(), letter.callId(), letter.generation(), sent(letter, call, body, file));
        } finally {
            if (!sent && file != null) {
                bodyFiles.delete(file);
            }
        }
        if (sent) {
            committed(letter, call);
            if (edits.any()) {
                keep(letter, bodyBefore, call, body == null ? bodyBefore : body);
            }
            String before = LetterBody.content(letter).bodyReference();
            if (body != null && before != null) {
                bodyFiles.delete(before);
            }
            LOG.info("dead letter replayed id={} function={} edited={}", letter.id(), call.function(), edits.any());
        }
        return sent;
    }

    /** What was different this time. The call is out: it does not depend on this. */
    private void keep(DeadLetter letter, byte[] bodyBefore, Call call, byte[] body) {
        var edit = new CallEdit(
                call.generation(),
                clock.instant(),
                RequestPicture.of(call(letter), bodyBefore),
                RequestPicture.of(call, body));
        try {
            ledger.edits().keep(call.id(), edit);
        } catch (LedgerException e) {
            LOG.warn("what was edited is not kept id={} error={}", letter.id(), e.getMessage());
        }
    }

    /** The call's next generation; a callback is only sent once more. */
    Call next(DeadLetter letter, Edits edits) {
        Call call = call(letter);
        Call again = ofCallback(letter)
                ? call.again(clock.instant().plus(maxAge))
                : call.replayed(clock.instant().plus(maxAge));
        return edits.any()
                ? again.redirected(
                        edits.applied(again.headers()),
                        edits.function() == null ? again.function() : edits.function(),
                        edits.queue() == null ? again.queue() : edits.queue())
                : again;
    }

    /** What takes the place of a letter that is replayed as it was. */
    Replacement unchanged(DeadLetter letter, Call call) {
        return sent(letter, call, null, null);
    }

    private Replacement sent(DeadLetter letter, Call call, byte @Nullable [] body, @Nullable String file) {
        DeadLetterContent content = LetterBody.content(letter);
        String target = QueueNames.physical(call.queue(), call.function());
        if (body != null) {
            return new Replacement(target, CallProperties.of(call, file), file == null ? body : NOTHING);
        }
        if (content.bodyReference() != null) {
            bodyFiles.renew(content.bodyReference(), clock.instant());
        }
        byte[] own = content.bodyReference() != null ? NOTHING : ownBody(letter, content);
        return new Replacement(target, CallProperties.of(call, content.bodyReference()), own);
    }

    /** Null when only the letter's message has it: another client's, too large for the ledger. */
    private byte @Nullable [] ownBody(DeadLetter letter, DeadLetterContent content) {
        return content.body() == null && letter.size() > 0 ? null : new LetterBody(bodyFiles).of(content);
    }

    /** The message is out: the ledger follows. */
    void committed(DeadLetter letter, Call call) {
        ledger.reopen(letter.id(), call);
        events.replayed(call);
    }

    /**
     * Lets a dead call be another function's: its letter stands among that function's from now on, and is replayed to
     * it. When a crash left it half-way, doing it again ends it.
     *
     * @param queue the logical queue of that function
     * @return false when the letter is in neither queue
     */
    public boolean move(DeadLetter letter, Edits to) {
        Call before = call(letter);
        Call call = before.redirected(
                before.headers(),
                to.function() == null ? before.function() : to.function(),
                to.queue() == null ? before.queue() : to.queue());
        DeadLetterContent content = LetterBody.content(letter);
        String target = QueueNames.deadLetters(call.queue(), call.function());
        String fingerprint = Fingerprint.of(call.function(), letter.reason(), letter.statusCode(), letter.error());
        Map<String, Object> properties = CallProperties.of(call, content.bodyReference());
        properties.putAll(CallProperties.ofDeadLetter(
                letter.reason(), letter.statusCode(), letter.error(), fingerprint, letter.deadAt()));
        byte[] own = content.bodyReference() != null ? NOTHING : ownBody(letter, content);
        var replacement = new Replacement(target, properties, own);
        boolean there = queues.replace(letter.physicalQueue(), letter.callId(), letter.generation(), replacement)
                || queues.replace(target, letter.callId(), letter.generation(), replacement);
        if (there) {
            byte[] body = new LetterBody(bodyFiles).of(content);
            ledger.letters()
                    .replace(letter.movedTo(
                            call.queue(),
                            target,
                            call.function(),
                            fingerprint,
                            new DeadLetterContent(
                                    CallProperties.json(call, content.bodyReference()),
                                    content.history(),
                                    content.body(),
                                    content.bodyReference(),
                                    SearchText.of(call, letter.error(), body))));
            LOG.info("dead letter moved id={} from={} to={}", letter.id(), letter.function(), call.function());
        }
        return there;
    }

    /** Puts a letter that was deleted back; empty when none of that id is deleted. */
    public Optional<DeadLetter> restore(String id) {
        Optional<DeadLetter> letter = ledger.letters().deleted(id);
        if (letter.isEmpty() || !ledger.letters().restore(id)) {
            return Optional.empty();
        }
        LOG.info("dead letter restored id={} function={}", id, letter.get().function());
        return letter;
    }
}
