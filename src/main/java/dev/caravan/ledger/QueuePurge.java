package dev.caravan.ledger;

import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import dev.caravan.function.FunctionName;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Cancels what waits in a queue: queued, scheduled and retrying calls. It is on disk when a method returns, so their
 * messages may go; those that are met later, such as a retry that falls due, are recognised as over.
 */
public final class QueuePurge {

    private static final int BATCH = 2_000;

    private final Database database;
    private final Overlay overlay;
    private final InstantSource clock;

    QueuePurge(Database database, Overlay overlay, InstantSource clock) {
        this.database = database;
        this.overlay = overlay;
        this.clock = clock;
    }

    /**
     * Cancels all calls of a logical queue that wait now. Those that run are not touched, and what is accepted meanwhile
     * may or may not be among them.
     *
     * @param function null for those of every function
     * @return how many
     * @throws LedgerException when the database failed; some are cancelled then, and asking again takes the rest
     */
    public int cancelWaiting(String queue, @Nullable FunctionName function) {
        List<CallId> unwritten = overlay.matching(row -> row.waits()
                && row.queue().equals(queue)
                && (function == null || row.function().equals(function)));
        int cancelled = 0;
        for (int from = 0; from < unwritten.size(); from += BATCH) {
            cancelled += cancel(unwritten.subList(from, Math.min(from + BATCH, unwritten.size())));
        }
        long last = 0;
        Map<Long, CallId> page;
        do {
            page = stored(queue, function, last);
            for (long no : page.keySet()) {
                last = no;
            }
            cancelled += cancel(page.values());
        } while (page.size() == BATCH);
        return cancelled;
    }

    private Map<Long, CallId> stored(String queue, @Nullable FunctionName function, long after) {
        try (Connection connection = database.connection()) {
            return CallTable.waiting(connection, queue, function, after, BATCH);
        } catch (SQLException e) {
            throw new LedgerException("cannot read the ledger: " + Database.oneLine(e), e);
        }
    }

    private int cancel(Collection<CallId> calls) {
        var decisions = new HashMap<CallId, Overlay.Decision>();
        calls.forEach(id -> decisions.put(
                id, row -> row != null && row.waits() ? Change.durably(row.purged(clock.instant())) : null));
        return overlay.applyAll(decisions);
    }

    /**
     * Cancels calls whose messages were found in a queue, those among them too that were never seen before: another JMS
     * client made them, and they are accepted and cancelled at once.
     *
     * @return those whose message must stay: they run, or are just being replayed
     */
    public Set<CallId> cancelFound(Collection<Call> found) {
        var calls = new HashMap<CallId, Call>();
        found.forEach(call -> calls.merge(call.id(), call, QueuePurge::newer));
        var kept = new HashSet<CallId>();
        var decisions = new HashMap<CallId, Overlay.Decision>();
        calls.forEach((id, call) -> decisions.put(id, row -> decide(row, call, kept)));
        overlay.applyAll(decisions);
        return kept;
    }

    private static Call newer(Call one, Call other) {
        return one.generation() >= other.generation() ? one : other;
    }

    private @Nullable Change decide(@Nullable Row row, Call call, Set<CallId> kept) {
        kept.remove(call.id());
        if (row == null) {
            return Change.durably(Row.accepted(call, null).purged(clock.instant()));
        }
        if (row.state() == CallState.RUNNING || row.generation() < call.generation()) {
            kept.add(call.id());
            return null;
        }
        return row.waits() && !row.isPast(call) ? Change.durably(row.purged(clock.instant())) : null;
    }
}
