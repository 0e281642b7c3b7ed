package dev.caravan.component.calls;

import dev.caravan.function.CallId;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerException;
import dev.caravan.queue.BodyFiles;
import dev.caravan.queue.BodyReference;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes body files that nobody needs: those that a kill left behind, between the write of a body and the send of its
 * message, or between the end of a call and the deletion of its body.
 *
 * <p>A file goes when no dead letter refers to it and
 *
 * <ul>
 *   <li>its call is over, and it is an hour old; or
 *   <li>nothing is known of it (no row of its call, or it is an answer on its way to a callback URL) and it is older than
 *       any call gets: the longest delay and {@code CARAVAN_MAX_AGE}.
 * </ul>
 *
 * A replay makes a file as good as new ({@link BodyFiles#renew}) before it sends the message.
 */
public final class SweepBodies {

    private static final Logger LOG = LoggerFactory.getLogger(SweepBodies.class);

    private static final Duration YOUNG = Duration.ofHours(1);
    private static final Duration LONGEST_DELAY = Duration.ofDays(30);

    private final BodyFiles bodyFiles;
    private final Ledger ledger;
    private final Duration oldest;
    private final InstantSource clock;

    /** @param maxAge how long a call or callback is tried */
    public SweepBodies(BodyFiles bodyFiles, Ledger ledger, Duration maxAge, InstantSource clock) {
        this.bodyFiles = bodyFiles;
        this.ledger = ledger;
        this.oldest = LONGEST_DELAY.plus(maxAge);
        this.clock = clock;
    }

    /** Looks once; blocks for the disk and the database. A failure is said in the log: there is a next time. */
    public void sweep() {
        try {
            int deleted = deleteUnneeded();
            if (deleted > 0) {
                LOG.info("body files left behind by a crash deleted count={}", deleted);
            }
        } catch (LedgerException | UncheckedIOException e) {
            LOG.warn("body files left behind cannot be looked for now error={}", e.toString());
        }
    }

    private int deleteUnneeded() {
        Instant now = clock.instant();
        List<BodyReference> over = new ArrayList<>();
        bodyFiles.forEach((reference, written) -> {
            if (written.isBefore(now.minus(YOUNG)) && isOver(reference, written, now)) {
                over.add(reference);
            }
        });
        if (over.isEmpty()) {
            return 0;
        }
        // After the calls were looked at: a call and its letter end up in the ledger at the same moment.
        Set<String> referred = ledger.bodyReferences();
        int deleted = 0;
        for (BodyReference reference : over) {
            if (!referred.contains(reference.text()) && bodyFiles.deleteOlder(reference, now.minus(YOUNG))) {
                deleted++;
            }
        }
        return deleted;
    }

    private boolean isOver(BodyReference reference, Instant written, Instant now) {
        boolean ancient = written.isBefore(now.minus(oldest));
        return reference.ofAnswer() ? ancient : isOver(reference.callId(), ancient);
    }

    private boolean isOver(CallId call, boolean ancient) {
        return ledger.call(call).map(status -> status.state().terminal()).orElse(ancient);
    }
}
