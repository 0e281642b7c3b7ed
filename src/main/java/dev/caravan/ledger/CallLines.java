package dev.caravan.ledger;

import dev.caravan.function.CallId;
import dev.caravan.function.FunctionName;
import dev.caravan.function.OrderKey;
import dev.caravan.ledger.LineTable.Line;
import dev.caravan.ledger.LineTable.Standing;
import dev.caravan.ledger.LineTable.Turn;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The lines of calls that have an order key, one for each function and key. Only the first of a line is sent to its
 * queue; the others wait here until it leaves, and are sent one after the other.
 *
 * <p>Whoever changes a line changes all lines: no two do so at once, in whatever process, so that places are given in
 * the order in which calls come to stand here. Changes of many threads share a transaction and a sync, and are on disk
 * when a method returns. For any thread.
 */
public final class CallLines {

    /** Where a call stands. */
    public enum Place {
        FIRST,
        WAITING
    }

    /**
     * What was found when lines were looked after.
     *
     * @param due first of their lines and not sent; whoever is given them sends them
     * @param bodies where bodies stand that nobody needs any more
     */
    public record Tended(List<LinedCall> due, List<String> bodies) {}

    /** How long a send may take. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** By when a call that was cancelled while it ran does so no more, even if nobody came to say so. */
    private static final Duration LETTING_GO = Duration.ofMinutes(1);

    private static final int MOST_DUE = 500;

    private final Database database;
    private final GroupCommit disk;
    private final InstantSource clock;
    private final Instant upSince;

    CallLines(Database database, InstantSource clock) {
        this.database = database;
        this.disk = new GroupCommit(database);
        this.clock = clock;
        this.upSince = clock.instant();
    }

    /**
     * Lets a call stand at the end of its line; one that stands there already stays where it is.
     *
     * @param sent whether its message is in its queue already; otherwise, when it is the first, the caller sends it and
     *     says {@link #sent}
     * @throws LedgerException when the database failed
     */
    public Place join(LinedCall call, boolean sent) {
        Turn[] turn = new Turn[1];
        change(connection -> {
            Optional<Turn> known = LineTable.turn(connection, call.id(), call.generation());
            if (known.isPresent()) {
                turn[0] = known.get();
                return;
            }
            boolean first = LineTable.first(connection, new Line(call.function(), call.key()))
                    .isEmpty();
            turn[0] = first ? sent ? Turn.SENT : Turn.SENDING : Turn.WAITING;
            LineTable.insert(connection, call, turn[0], clock.instant());
        });
        return place(turn[0]);
    }

    /** Where a call stands; empty when it is in no line. */
    public Optional<Place> place(CallId id, int generation) {
        return database.read(connection -> LineTable.turn(connection, id, generation))
                .map(CallLines::place);
    }

    private static Place place(Turn turn) {
        return turn == Turn.WAITING ? Place.WAITING : Place.FIRST;
    }

    /** Its message is in its queue. Written soon after; until then a crash has it sent twice. */
    public void sent(CallId id, int generation) {
        Instant now = clock.instant();
        disk.later(connection -> {
            database.lockLines(connection);
            LineTable.turn(connection, id, generation, Turn.SENDING, Turn.SENT, now);
        });
    }

    /** Its message could not be sent: it waits, and is due when lines are looked after. */
    public void unsent(CallId id, int generation) {
        Instant now = clock.instant();
        change(connection -> LineTable.turn(connection, id, generation, Turn.SENDING, Turn.WAITING, now));
    }

    /**
     * A call is over, or was never accepted: it leaves its line.
     *
     * @return whose turn it is now; the caller sends it
     */
    public Optional<LinedCall> leave(FunctionName function, OrderKey key, CallId id, int generation) {
        var next = new ArrayList<LinedCall>(1);
        change(connection -> {
            next.clear();
            LineTable.delete(connection, id, generation);
            Optional<Standing> first = LineTable.first(connection, new Line(function, key));
            if (first.isPresent() && first.get().turn() == Turn.WAITING) {
                next.add(LineTable.send(connection, first.get().place(), clock.instant()));
            }
        });
        return next.stream().findFirst();
    }

    /** Removes what is over from a line, such as calls that were cancelled while they waited. */
    public Tended tend(FunctionName function, OrderKey key) {
        return tend(new Line(function, key));
    }

    /** The same for all lines: what a crash, or a broker that was away, left undone is due. */
    public Tended tend() {
        // Where nobody asks for an order, nothing is synced for it.
        return database.read(LineTable::isEmpty) ? new Tended(List.of(), List.of()) : tend(null);
    }

    private Tended tend(@Nullable Line line) {
        Instant now = clock.instant();
        var due = new ArrayList<LinedCall>();
        var bodies = new ArrayList<String>();
        change(connection -> {
            due.clear();
            bodies.clear();
            bodies.addAll(LineTable.deleteOver(connection, line, now.minus(LETTING_GO)));
            for (long place : neglected(connection, line, now)) {
                due.add(LineTable.send(connection, place, now));
            }
        });
        return new Tended(List.copyOf(due), List.copyOf(bodies));
    }

    private List<Long> neglected(Connection connection, @Nullable Line line, Instant now) throws SQLException {
        if (line != null) {
            return LineTable.first(connection, line)
                    .filter(first -> first.turn() == Turn.WAITING)
                    .map(first -> List.of(first.place()))
                    .orElse(List.of());
        }
        Instant patient = now.minus(PATIENCE);
        // What the process before was sending nobody sends.
        Instant before = database.shared() || upSince.isBefore(patient) ? patient : upSince;
        return LineTable.neglected(connection, before, now.plus(PATIENCE), MOST_DUE);
    }

    /** Calls that wait here and that the ledger knows nothing of, since a crash came before it heard of them. */
    public List<LinedCall> unknown() {
        return database.read(LineTable::unknown);
    }

    private void change(GroupCommit.Work work) {
        try {
            disk.commit(connection -> {
                database.lockLines(connection);
                work.write(connection);
            });
        } catch (SQLException e) {
            throw new LedgerException("cannot write the order of calls: " + Database.oneLine(e), e);
        }
    }
}
