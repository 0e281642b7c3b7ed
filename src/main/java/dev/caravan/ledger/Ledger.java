package dev.caravan.ledger;

import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import dev.caravan.function.FunctionName;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What became of every asynchronous call: the truth for finished calls, as the queue is for unfinished ones. Identity
 * is (call id, generation, attempt).
 *
 * <p>{@link #accepted}, {@link #begin} and {@link #release} are seen at once on this node and written within a moment;
 * a crash before that loses nothing that the queue does not still have. {@link #settle}, {@link #cancel},
 * {@link #reopen}, {@link #remove} and {@link #bury} return when they are on disk, and are seen by nobody before. Changes of many
 * threads share one transaction and one sync.
 *
 * <p>Processes may share the database. Each sees what the others have written, and when two change the same call at the
 * same time, the later one decides again on what the first has written.
 *
 * <p>While the database fails, the second kind throws; the first kind is kept and written later, up to 100,000 calls,
 * after which it throws too (having waited for a second). All methods may be called from any thread.
 */
public final class Ledger implements AutoCloseable {

    private static final CallState[] WAITING = {CallState.SCHEDULED, CallState.QUEUED, CallState.RETRYING};

    private final Database database;
    private final InstantSource clock;
    private final Counts counts = new Counts();
    private final SharedCounts sharedCounts;
    private final CallWatch watch = new CallWatch();
    private final Overlay overlay;
    private final QueueStates queues;
    private final FunctionLimits limits;
    private final IdempotencyKeys keys;
    private final CallLines lines;
    private @Nullable String node;
    private @Nullable Flusher flusher;
    private @Nullable Thread thread;

    /**
     * A ledger of this process alone.
     *
     * @param folder where the database's file stands; made when it is not there
     */
    public Ledger(Path folder, InstantSource clock) {
        this(new EmbeddedDatabase(folder), clock);
    }

    private Ledger(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
        this.sharedCounts = new SharedCounts(database);
        this.overlay = new Overlay(database, counts, watch);
        this.queues = new QueueStates(database, clock);
        this.limits = new FunctionLimits(database, clock);
        this.keys = new IdempotencyKeys(database, this::known, clock);
        this.lines = new CallLines(database, clock);
    }

    /**
     * A ledger that several processes share.
     *
     * @param url of a PostgreSQL, as its JDBC driver takes it; neither logged nor part of a message in full
     * @param user null when the URL says it
     * @param password null when the URL says it, or nobody asks
     */
    public static Ledger shared(String url, @Nullable String user, @Nullable String password, InstantSource clock) {
        return new Ledger(new PostgresDatabase(PostgresAddress.of(url, user, password)), clock);
    }

    /**
     * The same, with a name: the attempts of calls that run here say who ran them. To be given before it is opened.
     *
     * @param name at most 64 characters
     */
    public Ledger as(String name) {
        node = name;
        return this;
    }

    /** @throws LedgerException when the folder is locked or cannot be written, or its schema is not ours */
    public void open() {
        open(Migration.all());
    }

    void open(List<Migration> migrations) {
        database.open();
        try (Connection connection = database.connection()) {
            migrate(connection, migrations);
            // What the process before committed and did not sync is taken for the truth from here on.
            database.sync(connection);
            if (!database.shared()) {
                counts.load(CallTable.counts(connection));
                counts.add(ForgottenTable.counts(connection));
            }
            queues.load(connection);
            limits.load(connection);
            flusher = new Flusher(database, overlay, database.lastNo(connection));
        } catch (SQLException e) {
            database.close();
            throw new LedgerException("cannot open the ledger: " + Database.oneLine(e), e);
        } catch (LedgerException e) {
            database.close();
            throw e;
        }
        thread = new Thread(flusher, "ledger");
        thread.start();
    }

    private void migrate(Connection connection, List<Migration> migrations) throws SQLException {
        database.lockSchema(connection);
        try {
            new Migrator(migrations, database::dialect, clock).migrate(connection);
            database.addFunctions(connection);
        } finally {
            database.unlockSchema(connection);
        }
    }

    /**
     * The broker has this call's message.
     *
     * @param notBefore when it is due; null for at once
     * @throws LedgerException when too much is unwritten; the call is in its queue all the same, and is entered here
     *     when it is taken from there
     */
    public void accepted(Call call, @Nullable Instant notBefore) {
        overlay.announce(call.id(), Row.accepted(call, notBefore));
    }

    /** Whether a call of this id was ever accepted. */
    public boolean known(CallId id) {
        return row(id).isPresent();
    }

    /**
     * A worker took this call's message. Waits for a settle of the same call that is under way.
     *
     * @param redelivered whether the broker has delivered it before: then the attempt's begin is on disk before this
     *     returns, so that a call that kills its worker each time is still counted
     * @throws LedgerException when the database cannot be asked: do not acknowledge
     */
    public Position begin(Call call, boolean redelivered) {
        @Nullable String[] replayed = new String[1];
        Change change = overlay.apply(call.id(), row -> {
            Row begun = Transitions.RULES.begun(row, call, clock.instant());
            if (begun == null) {
                return null;
            }
            replayed[0] = row != null && row.state() == CallState.DEAD && row.generation() < call.generation()
                    ? DeadLetter.idOf(row.id(), row.generation())
                    : null;
            Row ours = begun.by(node);
            return redelivered ? Change.durably(ours) : Change.soon(ours);
        });
        if (replayed[0] != null) {
            // Whoever replayed it may have been killed before it could say so, and would not be asked again.
            lift(replayed[0], false, null);
        }
        return change == null || change.row() == null
                ? new Position.Duplicate()
                : new Position.Run(change.row().begun());
    }

    /**
     * A call that was begun goes back to its queue untried (no replica, a limit, a pause): it is queued again and this
     * was no attempt.
     *
     * @param call with the attempt that {@link #begin} gave
     */
    public void release(Call call) {
        untried(call, CallState.QUEUED, null);
    }

    /**
     * The same for one whose time has not come yet: it is retrying again.
     *
     * @param until when it is due
     */
    public void putOff(Call call, Instant until) {
        untried(call, CallState.RETRYING, until);
    }

    private void untried(Call call, CallState state, @Nullable Instant due) {
        overlay.apply(
                call.id(),
                row -> row != null
                                && row.state() == CallState.RUNNING
                                && row.generation() == call.generation()
                                && row.begun() == call.attempt()
                        ? Change.soon(row.untried(call, state, due))
                        : null);
    }

    /**
     * Commits what became of an attempt; returns when it is on disk. Acknowledge its message after that.
     *
     * @return false when this (generation, attempt) had been settled before: nothing has changed
     * @throws LedgerException when it could not be committed: do not acknowledge
     */
    public boolean settle(Settlement settlement) {
        Call call = settlement.call();
        return overlay.apply(call.id(), row -> {
                    Row settled = Transitions.RULES.settled(row, settlement, clock.instant());
                    return settled == null
                            ? null
                            : new Change(
                                    settled.by(node),
                                    settlement.state() == CallState.SUCCEEDED ? null : settlement.attempt(),
                                    settlement.deadLetter(),
                                    null,
                                    kept(settlement),
                                    true);
                })
                != null;
    }

    /** Takes back all that waits in a queue. */
    public QueuePurge purge() {
        return new QueuePurge(database, overlay, clock);
    }

    /** What operators said about queues. */
    public QueueStates queues() {
        return queues;
    }

    /** What operators said about functions. */
    public FunctionLimits limits() {
        return limits;
    }

    /**
     * Takes a call back, whether it waits or runs. On disk when it returns: its message is recognised as over when it is
     * taken, and so is what comes of a running attempt. A call that is over stays what it is.
     *
     * @return empty when there is no such call
     * @throws LedgerException when it could not be committed
     */
    public Optional<Cancelled> cancel(CallId id) {
        Row[] before = new Row[1];
        Change change = overlay.apply(id, row -> {
            before[0] = row;
            Row cancelled = Transitions.RULES.cancelled(row, clock.instant());
            return cancelled == null ? null : Change.durably(cancelled);
        });
        return change != null && change.row() != null
                ? Optional.of(new Cancelled(change.row().status(), true))
                : Optional.ofNullable(before[0]).map(row -> new Cancelled(row.status(), false));
    }

    /**
     * Looks in the database which of these calls were cancelled, by another node as it may be, and believes it.
     *
     * @return those that are cancelled
     */
    public List<CallId> cancelledOf(Collection<CallId> ids) {
        List<CallTable.Stored> cancelled = read(connection -> CallTable.cancelledOf(connection, ids));
        cancelled.forEach(overlay::adopt);
        return cancelled.stream().map(stored -> stored.row().id()).toList();
    }

    /** What this node is called beside what it did; empty when it has no name. */
    public String node() {
        return node == null ? "" : node;
    }

    /** Places of the console with names for all. */
    public SharedViews views() {
        return new SharedViews(database);
    }

    /** What operators did. */
    public AuditTrail audit() {
        return new AuditTrail(database, node);
    }

    /** How calls were edited when they were replayed. */
    public CallEdits edits() {
        return new CallEdits(database);
    }

    /** Which calls idempotency keys stand for. */
    public IdempotencyKeys keys() {
        return keys;
    }

    /** Calls that run one after the other. */
    public CallLines lines() {
        return lines;
    }

    /** A success without headers or body has no result of its own: its row says all, and most rows are such. */
    private static @Nullable CallResult kept(Settlement settlement) {
        CallResult result = settlement.result();
        return result != null && (result.saysMore() || settlement.state() == CallState.DEAD) ? result : null;
    }

    /** Where a call is now. */
    public Optional<CallStatus> call(CallId id) {
        return row(id).map(Row::status);
    }

    /** Tells who waits when a call is over. */
    public CallWatch watch() {
        return watch;
    }

    /**
     * What its latest generation was answered in the end; empty when it is not over, or when that is no longer kept. A
     * call that is over without an answer has {@link CallResult#EMPTY}.
     */
    public Optional<CallResult> result(CallId id) {
        return row(id).filter(row -> row.state().terminal())
                .flatMap(row -> read(connection -> ResultTable.find(connection, id, row.generation()))
                        .or(() -> row.answeredNothing() ? Optional.of(CallResult.EMPTY) : Optional.empty()));
    }

    /**
     * Calls of all nodes, newest first; what was changed on this one is there already.
     *
     * @param cursor {@link CallPage#next} of the page before; null for the first
     * @throws IllegalArgumentException when the limit is not positive or the cursor is none of ours
     */
    public CallPage calls(CallFilter filter, int limit, @Nullable String cursor) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be at least 1");
        }
        CallSearch search = CallSearch.of(filter, limit, cursor);
        overlay.flushed();
        return database.search(search::page);
    }

    /** Keeps it from growing for ever; {@linkplain Retention#start() to be started} once this is open. */
    public Retention retention(Retention.Limits limits) {
        return new Retention(database, overlay::holds, limits, clock);
    }

    /** Its settled attempts of all generations, oldest first. */
    public List<PastAttempt> attempts(CallId id) {
        return read(connection -> {
            var stored = CallTable.find(connection, id);
            return stored.isPresent() ? CallTable.attempts(connection, stored.get()) : List.of();
        });
    }

    /**
     * How many calls are in each state; their sum is how many were ever accepted. From memory; where the database is
     * shared from there, for all processes and a second or more late.
     */
    public Map<CountKey, Long> counts() {
        return database.shared() ? sharedCounts.read() : counts.snapshot();
    }

    /**
     * How many calls of a function are scheduled, queued or retrying in a queue. Waits for nothing, so that the door may
     * ask for each call: it is from memory, and where the database is shared as of the last {@link #recount}. Calls that
     * are just being accepted are not counted yet.
     */
    public long waiting(String queue, FunctionName function) {
        long waiting = 0;
        for (CallState state : WAITING) {
            var key = new CountKey(queue, function, state);
            waiting += database.shared() ? sharedCounts.lately(key) : counts.of(key);
        }
        return waiting;
    }

    /** Where the database is shared: counts what {@link #waiting} tells, if it was asked. To be called now and then. */
    public void recount() {
        if (database.shared()) {
            sharedCounts.recount();
        }
    }

    /** Where the bodies stand that dead letters refer to. */
    public Set<String> bodyReferences() {
        return read(DeadLetterTable::bodyReferences);
    }

    /** The whole letter, content included. */
    public Optional<DeadLetter> deadLetter(String id) {
        return read(connection -> DeadLetterTable.find(connection, id));
    }

    /**
     * Letters without their content, newest first.
     *
     * @param cursor {@link DeadLetterPage#next} of the page before; null for the first
     * @throws IllegalArgumentException when the limit is not positive or the cursor is none of ours
     */
    public DeadLetterPage deadLetters(DeadLetterFilter filter, int limit, @Nullable String cursor) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be at least 1");
        }
        return database.search(connection -> DeadLetterQueries.page(connection, filter, limit, cursor));
    }

    /**
     * Enters a letter that ends no call: a callback that could not be delivered, a message that is no call. Replaces one
     * of the same id. On disk when it returns.
     */
    public void bury(DeadLetter letter) {
        overlay.apply(letter.callId(), row -> Change.bury(letter));
    }

    /**
     * A letter was replayed: it goes, and its call, when it is still dead in the letter's generation, is queued in the
     * next. Send the message first: when it is taken before this is committed, the call's row follows it and the letter
     * goes, and so it does after a crash in between. A callback's letter changes no call.
     *
     * @return false when there is no such letter (any more): somebody else has replayed or removed it
     */
    public boolean reopen(String deadLetterId) {
        return lift(deadLetterId, true, null);
    }

    /** The same for a letter whose call goes on as another function's, or in another queue. */
    public boolean reopen(String deadLetterId, Call replayed) {
        return lift(deadLetterId, true, replayed);
    }

    /** Deletes a letter for good; its call stays dead. False when there is no such letter (any more). */
    public boolean remove(String deadLetterId) {
        return lift(deadLetterId, false, null);
    }

    /** Dead letters as many: searched, grouped, deleted and restored. */
    public DeadLetters letters() {
        return new DeadLetters(database);
    }

    /** What calls were sent with. */
    public KeptRequests requests() {
        return new KeptRequests(database);
    }

    /** The bulk replays. */
    public ReplayJobs jobs() {
        return new ReplayJobs(database);
    }

    /** Writes what is left; the database is whole even without it. */
    @Override
    public void close() {
        overlay.close();
        if (flusher != null && thread != null) {
            flusher.stop();
            join(thread);
        }
        overlay.abandon();
        database.close();
    }

    /** Even when we are interrupted: the database must not go away under the last flush. */
    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The database, for tests that take it away. */
    Database database() {
        return database;
    }

    /** How many calls are in memory, for tests that look for leaks. */
    int remembered() {
        return overlay.size();
    }

    private boolean lift(String letterId, boolean reopen, @Nullable Call replayed) {
        Optional<LetterId> parsed = LetterId.parse(letterId);
        if (parsed.isEmpty()) {
            return false;
        }
        LetterId letter = parsed.get();
        return overlay.apply(letter.callId(), row -> {
                    boolean exists;
                    try (Connection connection = database.connection()) {
                        exists = DeadLetterTable.exists(connection, letterId);
                    }
                    if (!exists) {
                        return null;
                    }
                    boolean dead = row != null
                            && row.state() == CallState.DEAD
                            && row.generation() == letter.generation()
                            && !letter.ofCallback();
                    return Change.lift(letterId, reopen && dead && row != null ? row.reopened(replayed) : null);
                })
                != null;
    }

    private Optional<Row> row(CallId id) {
        try {
            return overlay.find(id);
        } catch (SQLException e) {
            throw unreadable(e);
        }
    }

    private <T> T read(Database.Work<T> work) {
        return database.read(work);
    }

    private static LedgerException unreadable(SQLException e) {
        return new LedgerException("cannot read the ledger: " + Database.oneLine(e), e);
    }
}
