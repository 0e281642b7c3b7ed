package dev.caravan.ledger;

import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
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

    /** Changes that nobody waits for and that are not on disk: about 500 bytes each. */
    static final int MAX_UNWRITTEN = 100_000;

    /** How long a change waits for others of its call: most calls are over by then and cost one insert. */
    private static final Duration LINGER = Duration.ofMillis(200);

    /** How late {@code accepted} may come after the call was begun, and even settled. */
    private static final Duration ANNOUNCEMENT = Duration.ofSeconds(5);

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private record Due(CallId id, long nanos) {
        boolean reached() {
            return nanos - System.nanoTime() <= 0;
        }
    }

    /** Somebody who reads the database and wants to find there what was seen before that moment. */
    private record Barrier(long nanos, CompletableFuture<Void> passed) {
        boolean holds(@Nullable Due first) {
            return first != null && first.nanos() - nanos <= 0;
        }
    }

    private final Database database;
    private final Counts counts;
    private final CallWatch watch;
    private final ConcurrentMap<CallId, Entry> entries = new ConcurrentHashMap<>();
    private final BlockingQueue<CallId> awaited = new LinkedBlockingQueue<>();
    private final Queue<Due> unwritten = new ConcurrentLinkedQueue<>();
    private final Queue<Due> retained = new ConcurrentLinkedQueue<>();
    private final Queue<Barrier> barriers = new ConcurrentLinkedQueue<>();
    private final Semaphore room = new Semaphore(MAX_UNWRITTEN);
    private volatile boolean closed;
    private volatile boolean abandoned;

    Overlay(Database database, Counts counts, CallWatch watch) {
        this.database = database;
        this.counts = counts;
        this.watch = watch;
    }

    /** The call as everybody may see it. */
    Optional<Row> find(CallId id) throws SQLException {
        Entry entry = entries.get(id);
        Row row = entry == null ? null : entry.row;
        return row != null ? Optional.of(row) : stored(id).map(CallTable.Stored::row);
    }

    /**
     * A call was announced: true when it was not known here. The database is not asked, which would cost more than all
     * the rest; a row that is there after all is found when this one is inserted.
     */
    boolean announce(CallId id, Row row) {
        takeRoom();
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
        takeRoom();
        var step = new Step(decision);
        try {
            while (true) {
                entries.compute(id, step::take);
                if (step.waitFor == null) {
                    return step.decided;
                }
                boolean ours = step.submitted;
                if (ours) {
                    awaited.add(id);
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

    /** The next calls to write: all that somebody waits for, and those that waited long enough. */
    List<Write> take(int max, Duration patience, boolean everything, LongSupplier nextNo) throws InterruptedException {
        var ids = new LinkedHashSet<CallId>();
        CallId first = everything ? awaited.poll() : awaited.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
        if (first != null) {
            ids.add(first);
            awaited.drainTo(ids, max - 1);
        }
        for (Due due = unwritten.peek();
                due != null && ids.size() < max && (everything || due.reached() || isWaitedFor(due));
                due = unwritten.peek()) {
            ids.add(due.id());
            unwritten.remove();
        }
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
                    writes.add(new Write(id, entry, isNew ? nextNo.getAsLong() : entry.no, isNew, row, pending));
                }
                return entry;
            });
        }
        return writes;
    }

    private boolean isWaitedFor(Due due) {
        for (Barrier barrier : barriers) {
            if (barrier.holds(due)) {
                return true;
            }
        }
        return false;
    }

    /** Returns when the database has what is seen now, or at least was tried to be given it; a moment later at most. */
    void flushed() {
        var barrier = new Barrier(System.nanoTime() + LINGER.toNanos(), new CompletableFuture<>());
        barriers.add(barrier);
        if (abandoned) {
            barriers.remove(barrier);
            return;
        }
        try {
            barrier.passed().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // The list is a little older than it could be.
        } finally {
            barriers.remove(barrier);
        }
    }

    /** What was taken before has been written, or put off. */
    void passBarriers() {
        for (Barrier barrier : barriers) {
            if (!barrier.holds(unwritten.peek())) {
                barrier.passed().complete(null);
            }
        }
    }

    /** Whether this node has something to do with it yet. */
    boolean holds(CallId id) {
        return entries.containsKey(id);
    }

    /** It is on disk. */
    void written(Write write) {
        entries.computeIfPresent(write.id(), (key, entry) -> {
            entry.no = write.no();
            Entry.Pending pending = write.pending();
            if (pending != null) {
                entry.pending = null;
                if (pending.change().row() != null) {
                    counts.move(entry.row, pending.change().row());
                    entry.row = pending.change().row();
                }
            }
            if (entry.dirty && entry.row == write.row()) {
                clean(entry);
            } else if (entry.dirty) {
                unwritten.add(due(key, LINGER));
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
                unwritten.add(due(key, PATIENCE));
            }
            return keepOrDrop(key, entry);
        });
        if (write.pending() != null) {
            write.pending().done().completeExceptionally(cause);
        }
    }

    /** The database had a row of this id already: that one is the truth, and what was decided is decided again. */
    void superseded(Write write, CallTable.Stored stored) {
        // Whoever waits now, even when it came after the write was taken: it was decided on the wrong row.
        Entry.Pending[] waiting = new Entry.Pending[1];
        entries.computeIfPresent(write.id(), (key, entry) -> {
            counts.move(entry.row, null);
            entry.row = stored.row();
            entry.no = stored.no();
            waiting[0] = entry.pending;
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

    /** Forgets calls whose announcement is no longer expected. */
    void forgetRetained() {
        for (Due due = retained.peek(); due != null && due.reached(); due = retained.peek()) {
            retained.remove();
            entries.computeIfPresent(due.id(), (key, entry) -> {
                entry.unannounced = false;
                return keepOrDrop(key, entry);
            });
        }
    }

    /** Refuses every later change. */
    void close() {
        closed = true;
    }

    /** Tells who still waits, and who comes later, that it will not be written: nobody writes any more. */
    void abandon() {
        closed = true;
        abandoned = true;
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
        return awaited.isEmpty() && unwritten.isEmpty();
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
        counts.move(entry.row, row);
        entry.row = row;
        if (!entry.dirty) {
            entry.dirty = true;
            unwritten.add(due(row.id(), LINGER));
        }
    }

    private void clean(Entry entry) {
        entry.dirty = false;
        room.release();
    }

    private @Nullable Entry keepOrDrop(CallId id, Entry entry) {
        Row row = entry.row;
        if (entry.dirty || entry.pending != null || (row != null && row.state() == CallState.RUNNING)) {
            return entry;
        }
        if (entry.unannounced && row != null) {
            retained.add(due(id, ANNOUNCEMENT));
            return entry;
        }
        return null;
    }

    private Entry load(CallId id) {
        var entry = new Entry();
        try {
            stored(id).ifPresent(stored -> {
                entry.row = stored.row();
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

    private void takeRoom() {
        if (closed) {
            throw new LedgerException("the ledger is closed");
        }
        // Without waiting first: that is nearly always enough, and an interrupted thread may settle what it has done.
        if (room.tryAcquire()) {
            return;
        }
        try {
            if (!room.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new LedgerException("the ledger is " + MAX_UNWRITTEN + " changes behind: its disk is too slow or"
                        + " it cannot be written");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LedgerException("interrupted while waiting for the ledger", e);
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

    private static Due due(CallId id, Duration in) {
        return new Due(id, System.nanoTime() + in.toNanos());
    }
}
