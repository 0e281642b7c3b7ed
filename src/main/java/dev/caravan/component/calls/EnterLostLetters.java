package dev.caravan.component.calls;

import dev.caravan.function.Call;
import dev.caravan.ledger.DeadLetter;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerException;
import dev.caravan.ledger.Settlement;
import dev.caravan.queue.BrokerException;
import dev.caravan.queue.BuriedCall;
import dev.caravan.queue.DeadLetterReader;
import dev.caravan.queue.QueueNames;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Enters dead letters that stand on their queues into a ledger that has lost them, or was lost: so that they are found
 * and can be replayed. Calls that wait in queues need nothing: they are entered when they are taken.
 *
 * <p>Only calls that the ledger does not know at all are entered. One that it knows was replayed or removed, or is just
 * being settled.
 */
public final class EnterLostLetters implements Runnable, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EnterLostLetters.class);

    private final DeadLetterReader reader;
    private final Ledger ledger;
    private int entered;
    private volatile boolean stopping;

    public EnterLostLetters(DeadLetterReader reader, Ledger ledger) {
        this.reader = reader;
        this.ledger = ledger;
    }

    /** To be run once, beside everything else, when the broker is up; what it could not do is done at the next start. */
    @Override
    public void run() {
        try {
            reader.read(this::enter);
        } catch (BrokerException | LedgerException e) {
            if (!stopping) {
                log.warn(
                        "dead letters that the ledger has lost may be missing until the next start: {}",
                        e.getMessage());
            }
        }
        if (entered > 0) {
            log.info("{} dead letters that the ledger had lost were found on their queues and entered again", entered);
        }
    }

    /** From now on the broker may leave in the middle of it: that is no news. */
    @Override
    public void close() {
        stopping = true;
    }

    private boolean enter(BuriedCall buried) {
        Call call = buried.message().call();
        if (ledger.known(call.id())) {
            return false;
        }
        var work = new Work(buried.message(), call, buried.last().startedAt(), null);
        DeadLetter letter =
                SettleCall.letter(work, buried.message().bodyFile(), buried.last(), buried.reason(), buried.deadAt());
        // A callback's letter makes no call known, and a letter may outlive its call's row.
        if (ledger.deadLetter(letter.id()).isPresent()) {
            return false;
        }
        if (call.queue().equals(QueueNames.CALLBACK_QUEUE)) {
            ledger.bury(letter);
        } else if (!ledger.settle(Settlement.dead(call, buried.last(), letter))) {
            return false;
        }
        entered++;
        return true;
    }
}
