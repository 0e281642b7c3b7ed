package dev.caravan.ledger;

import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What this node knows better than the database: calls with changes that are not written yet, and calls that run here.
 * Everything about one call happens under its key's lock, so that two messages, a settle and a flush of it never
 * overlap.
 */
final class Overlay {

    /** What an operation does, given the call's row (null: no such call); null for nothing. */
    interface Decision {
        @Nullable
        Change decide(@Nullable Row row) throws SQLException;
    }

    /** How long a change waits for others of its call: most calls are over by then and cost one insert. */
    private static final Duration LINGER = Duration.ofMillis(200);

    /** How late {@code accepted} may come after the call was begun, and even settled. */
    private static final Duration ANNOUNCEMENT = Duration.ofSeconds(5);

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Database database;
    private final Counts counts;
    private final CallWatch watch;
    private final ConcurrentMap<CallId, Entry> entries = new ConcurrentHashMap<>();
    private final WriteSchedule schedule = new WriteSchedule();
    private final Queue<WriteSchedule.Due> retained = new ConcurrentLinkedQueue<>();
    private final Room room = new Room();
    private volatile boolean abandoned;

    Overlay(Database database, Counts counts, CallWatch watch) {
        this.database = database;
        this.counts = counts;
        this.watch = watch;
    }

    /** The call as everybody may see it. */
    Optional<Row> find(CallId id) throws SQLException {
        Row row = shown(id);
        if (row == null) {
            Optional<Row> stored = stored(id).map(CallTable.Stored::row);
            // Begun and settled while we asked, it may be committed and not on disk yet: then nobody is to see it.
            row = shown(id);
            if (row == null) {
                return stored;
            }
        }
        return Optional.of(database.shared() ? latest(row) : row);
    }

    private @Nullable Row shown(CallId id) {
        Entry entry = entries.get(id);
        return entry == null ? null : entry.row;
    }

    /** Ours, or what another process has made of it since. */
    private Row latest(Row ours) {
        try {
            return stored(ours.id())
                    .map(CallTable.Stored::row)
                    .filter(theirs -> !ours.isAheadOf(theirs))
                    .orElse(ours);
        } catch (SQLException e) {
            return ours; // while the database is away, what we know is the best there is
        }
    }

    /**
     * A call was announced: true when it was not known here. The database is not asked, which would cost more than all
     * the rest; a row that is there after all is found when this one is inserted.
     */
    boolean announce(CallId id, Row row) {
        room.take();
        boolean[] added = new boolean[1];
        entries.compute(id, (key, known) -> {
            if (known != null) {
                known.unannounced = false;
                if (known.row != null || known.pending != null) {
                    return keepOrDrop(key, known);
                }
            }
            Entry entry = known == null ? new Entry() : known;
            show(entry, row);
            added[0] = true;
            return entry;
        });
        if (!added[0]) {
            room.release();
        }
        return added[0];
    }

    /**
     * Decides and applies a change; waits for one that is under way for the same call, and for its own when it must be
     * durable.
     *
     * @return what was decided
     * @throws LedgerException when the database failed; nothing has changed then
     */
    @Nullable
    Change apply(CallId id, Decision decision) {
        room.take();
        var step = new Step(decision);
        try {
            while (true) {
                entries.compute(id, step::take);
                if (step.waitFor == null) {
                    return step.decided;
                }
                boolean ours = step.submitted;
                if (ours) {
                    schedule.now(id);
                }
                if (abandoned) {
                    // It came after abandon() had looked: nobody else would ever tell us.
                    abandon();
                }
                boolean done = await(step.waitFor, ours);
                if (ours && done) {
                    return step.decided;
                }
            }
        } finally {
            if (!step.tookRoom) {
                room.release();
            }
        }
    }

    /**
     * As {@link #apply} for many calls, of which each is decided by itself and all share groups: so it costs a few syncs,
     * not one each.
     *
     * @return how many were changed
     * @throws LedgerException when the database failed; some may have been changed then
     */
    int applyAll(Map<CallId, Decision> decisions) {
        int changed = 0;
        int taken = 0;
        try {
            var steps = new LinkedHashMap<CallId, Step>();
            for (Map.Entry<CallId, Decision> one : decisions.entrySet()) {
                room.take();
                taken++;
                var step = new Step(one.getValue());
                entries.compute(one.getKey(), step::take);
                if (step.submitted) {
                    schedule.now(one.getKey());
                }
                steps.put(one.getKey(), step);
            }
            if (abandoned) {
                abandon();
            }
            for (Map.Entry<CallId, Step> one : steps.entrySet()) {
                Step step = one.getValue();
                boolean done = step.waitFor == null || step.submitted && await(step.waitFor, true);
                // What somebody else was just changing is decided again when that is through.
                Change change = done ? step.decided : apply(one.getKey(), step.decision);
                changed += change == null ? 0 : 1;
            }
        } finally {
            room.release(taken);
        }
        return changed;
    }

    /** The calls here whose rows are so, as everybody may see them. */
    List<CallId> matching(Predicate<Row> wanted) {
        var ids = new ArrayList<CallId>();
        entries.forEach((id, entry) -> {
            Row row = entry.row;
            if (row != null && wanted.test(row)) {
                ids.add(id);
            }
        });
        return ids;
    }

    /** The next calls to write: all that somebody waits for, and those that waited long enough. */
    List<Write> take(int max, Duration patience, boolean everything, LongSupplier nextNo) throws InterruptedException {
        Set<CallId> ids = schedule.next(max, patience, everything);
        var writes = new ArrayList<Write>(ids.size());
        for (CallId id : ids) {
            entries.computeIfPresent(id, (key, entry) -> {
                Entry.Pending pending = entry.pending;
                Row row = entry.dirty ? entry.row : null;
                if (pending != null && pending.change().row() != null) {
                    row = pending.change().row();
                }
                if (row != null || pending != null) {
                    boolean isNew = row != null && entry.no == 0;
                    writes.add(new Write(
                            id, entry, isNew ? nextNo.getAsLong() : entry.no, isNew, entry.stored, row, pending));
                }
                return entry;
            });
        }
        return writes;
    }

    /** Returns when the database has what is seen now, or at least was tried to be given it; a moment later at most. */
    void flushed() {
        schedule.await(LINGER, PATIENCE);
    }

    /** What was taken before has been written, or put off. */
    void passBarriers() {
        schedule.passBarriers();
    }

    /** Whether this node has something to do with it yet. */
    boolean holds(CallId id) {
        return entries.containsKey(id);
    }

    /** It is on disk. */
    void written(Write write) {
        entries.computeIfPresent(write.id(), (key, entry) -> {
            entry.no = write.no();
            if (write.row() != null) {
                entry.stored = write.row();
            }
            Entry.Pending pending = write.pending();
            if (pending != null) {
                entry.pending = null;
                if (pending.change().row() != null) {
                    count(entry.row, pending.change().row());
                    entry.row = pending.change().row();
                }
            }
            if (entry.dirty && entry.row == write.row()) {
                clean(entry);
            } else if (entry.dirty) {
                schedule.later(key, LINGER);
            }
            return keepOrDrop(key, entry);
        });
        if (write.pending() != null) {
            write.pending().done().complete(true);
        }
        if (write.row() != null && write.row().state().terminal()) {
            watch.over(write.id());
        }
    }

    /** It could not be written: who waits is told, what nobody waits for is tried again. */
    void failed(Write write, LedgerException cause) {
        entries.computeIfPresent(write.id(), (key, entry) -> {
            if (write.pending() != null) {
                entry.pending = null;
            }
            if (entry.dirty) {
                schedule.later(key, PATIENCE);
            }
            return keepOrDrop(key, entry);
        });
        if (write.pending() != null) {
            write.pending().done().completeExceptionally(cause);
        }
    }

    /**
     * The database has another row of this id than we thought: that one is the truth, and what was decided is decided
     * again; unless nobody waits and ours is what came after it.
     *
     * @param stored null when it is gone
     */
    void superseded(Write write, CallTable.@Nullable Stored stored) {
        // Whoever waits now, even when it came after the write was taken: it was decided on the wrong row.
        Entry.Pending[] waiting = new Entry.Pending[1];
        entries.computeIfPresent(write.id(), (key, entry) -> {
            Row ours = entry.row;
            entry.stored = stored == null ? null : stored.row();
            entry.no = stored == null ? 0 : stored.no();
            waiting[0] = entry.pending;
            if (stored != null && ours != null && entry.dirty && waiting[0] == null && ours.isAheadOf(stored.row())) {
                count(stored.row(), null);
                schedule.later(key, LINGER);
                return entry;
            }
            count(ours, null);
            entry.row = entry.stored;
            entry.pending = null;
            if (entry.dirty) {
                clean(entry);
            }
            return keepOrDrop(key, entry);
        });
        if (waiting[0] != null) {
            waiting[0].done().complete(false);
        }
    }

    /** Another node ended a call that is not over here: that is the truth, unless somebody just decides otherwise. */
    void adopt(CallTable.Stored stored) {
        entries.computeIfPresent(stored.row().id(), (key, entry) -> {
            Row row = entry.row;
            if (entry.pending == null
                    && row != null
                    && !row.state().terminal()
                    && row.generation() <= stored.row().generation()) {
                counts.move(row, stored.row());
                entry.row = stored.row();
                entry.no = stored.no();
                if (entry.dirty) {
                    clean(entry);
                }
            }
            return keepOrDrop(key, entry);
        });
        watch.over(stored.row().id());
    }

    /** Forgets calls whose announcement is no longer expected. */
    void forgetRetained() {
        for (WriteSchedule.Due due = retained.peek(); due != null && due.reached(); due = retained.peek()) {
            retained.remove();
            entries.computeIfPresent(due.id(), (key, entry) -> {
                entry.unannounced = false;
                return keepOrDrop(key, entry);
            });
        }
    }

    /** Refuses every later change. */
    void close() {
        room.close();
    }

    /** Tells who still waits, and who comes later, that it will not be written: nobody writes any more. */
    void abandon() {
        room.close();
        abandoned = true;
        schedule.close();
        var cause = new LedgerException("the ledger was closed before this was written");
        for (CallId id : entries.keySet()) {
            entries.computeIfPresent(id, (key, entry) -> {
                if (entry.pending != null) {
                    entry.pending.done().completeExceptionally(cause);
                    entry.pending = null;
                }
                return entry;
            });
        }
    }

    int size() {
        return entries.size();
    }

    boolean idle() {
        return schedule.isEmpty();
    }

    /** One try of {@link #apply}; runs under the key's lock. */
    private final class Step {
        private final Decision decision;
        private @Nullable Change decided;
        private @Nullable CompletableFuture<Boolean> waitFor;
        private boolean submitted;
        private boolean tookRoom;

        Step(Decision decision) {
            this.decision = decision;
        }

        @Nullable
        Entry take(CallId id, @Nullable Entry known) {
            waitFor = null;
            submitted = false;
            Entry entry = known == null ? load(id) : known;
            if (entry.pending != null) {
                waitFor = entry.pending.done();
                return entry;
            }
            Row before = entry.row;
            try {
                decided = decision.decide(before);
            } catch (SQLException e) {
                throw unreadable(e);
            }
            Change change = decided;
            if (change != null && change.durable()) {
                entry.pending = new Entry.Pending(change, new CompletableFuture<>());
                entry.unannounced |= before == null;
                waitFor = entry.pending.done();
                submitted = true;
            } else if (change != null && change.row() != null) {
                tookRoom = !entry.dirty;
                entry.unannounced |= before == null;
                show(entry, change.row());
            }
            return keepOrDrop(id, entry);
        }
    }

    private void show(Entry entry, Row row) {
        count(entry.row, row);
        entry.row = row;
        if (!entry.dirty) {
            entry.dirty = true;
            schedule.later(row.id(), LINGER);
        }
    }

    /** Where others write too, only the database can count. */
    private void count(@Nullable Row from, @Nullable Row to) {
        if (!database.shared()) {
            counts.move(from, to);
        }
    }

    private void clean(Entry entry) {
        entry.dirty = false;
        room.release();
    }

    private @Nullable Entry keepOrDrop(CallId id, Entry entry) {
        Row row = entry.row;
        if (entry.dirty || entry.pending != null) {
            return entry;
        }
        if (database.shared()) {
            return null; // what is written is everybody's, and may be another the next time
        }
        if (row != null && row.state() == CallState.RUNNING) {
            return entry;
        }
        if (entry.unannounced && row != null) {
            retained.add(WriteSchedule.Due.in(id, ANNOUNCEMENT));
            return entry;
        }
        return null;
    }

    private Entry load(CallId id) {
        var entry = new Entry();
        try {
            stored(id).ifPresent(stored -> {
                entry.row = stored.row();
                entry.stored = stored.row();
                entry.no = stored.no();
            });
        } catch (SQLException e) {
            throw unreadable(e);
        }
        return entry;
    }

    private Optional<CallTable.Stored> stored(CallId id) throws SQLException {
        try (Connection connection = database.connection()) {
            return CallTable.find(connection, id);
        }
    }

    /** True when it was committed; the failure of somebody else's change is not ours. */
    private static boolean await(CompletableFuture<Boolean> done, boolean ours) {
        try {
            return done.join();
        } catch (CompletionException e) {
            if (!ours) {
                return false;
            }
            Throwable cause = e.getCause();
            throw new LedgerException(cause == null ? "cannot write the ledger" : cause.getMessage(), e);
        }
    }

    private static LedgerException unreadable(SQLException e) {
        return new LedgerException("cannot read the ledger: " + Database.oneLine(e), e);
    }
}
