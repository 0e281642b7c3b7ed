package dev.caravan.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What operators said about queues: paused or not, how many calls at once. In the database, so that it outlives a
 * restart, is the same for every node and holds with any broker; read from memory, which {@link #refresh} brings up to
 * date with what other nodes were told.
 *
 * <p>A queue is named as on the broker: a logical one ({@code faas-request}) or one function's ({@code
 * faas-request.NAMESPACE.FUNCTION}). Names are not checked here. Changes are on disk when a method returns; all throw
 * {@link LedgerException} when the database fails.
 */
public final class QueueStates {

    private record State(boolean paused, @Nullable Integer concurrency) {
        static final State UNTOLD = new State(false, null);
    }

    private final Database database;
    private final InstantSource clock;
    private volatile Map<String, State> states = Map.of();

    QueueStates(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** Whether exactly this queue was paused; a function's is held too while its logical queue is. */
    public boolean paused(String queue) {
        return state(queue).paused();
    }

    /** The names of all that are paused, in order. */
    public List<String> paused() {
        return states.entrySet().stream()
                .filter(entry -> entry.getValue().paused())
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /** How many calls of a logical queue may run at once on each node; empty when its route says so. */
    public OptionalInt concurrency(String queue) {
        Integer told = state(queue).concurrency();
        return told == null ? OptionalInt.empty() : OptionalInt.of(told);
    }

    private State state(String queue) {
        return states.getOrDefault(queue, State.UNTOLD);
    }

    /** Pauses a queue, or lets it go on. */
    public synchronized void pause(String queue, boolean paused) {
        refresh();
        write(queue, new State(paused, state(queue).concurrency()));
    }

    /** @param concurrency empty to leave it to the route again */
    public synchronized void limit(String queue, OptionalInt concurrency) {
        refresh();
        write(queue, new State(state(queue).paused(), concurrency.isPresent() ? concurrency.getAsInt() : null));
    }

    /** Reads what other nodes were told. */
    public synchronized void refresh() {
        try (Connection connection = database.connection()) {
            load(connection);
        } catch (SQLException e) {
            throw new LedgerException("cannot read the ledger: " + Database.oneLine(e), e);
        }
    }

    void load(Connection connection) throws SQLException {
        Map<String, State> read = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT queue, paused, concurrency FROM queue_state")) {
            while (rows.next()) {
                int concurrency = rows.getInt(3);
                Integer told = rows.wasNull() ? null : concurrency;
                read.put(rows.getString(1), new State(rows.getBoolean(2), told));
            }
        }
        states = Map.copyOf(read);
    }

    private void write(String queue, State state) {
        try (Connection connection = database.connection()) {
            store(connection, queue, state);
            connection.commit();
            database.sync(connection);
            load(connection);
        } catch (SQLException e) {
            throw new LedgerException("cannot write the ledger: " + Database.oneLine(e), e);
        }
    }

    private void store(Connection connection, String queue, State state) throws SQLException {
        // Never deleted: two nodes that tell the same queue something at once meet in this row.
        if (execute(
                        connection,
                        "UPDATE queue_state SET paused = ?, concurrency = ?, changed_at = ? WHERE queue = ?",
                        queue,
                        state)
                == 0) {
            execute(
                    connection,
                    "INSERT INTO queue_state (paused, concurrency, changed_at, queue) VALUES (?, ?, ?, ?)",
                    queue,
                    state);
        }
    }

    private int execute(Connection connection, String sql, String queue, State state) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setBoolean(1, state.paused());
            if (state.concurrency() == null) {
                statement.setNull(2, Types.INTEGER);
            } else {
                statement.setInt(2, state.concurrency());
            }
            statement.setLong(3, clock.millis());
            statement.setString(4, queue);
            return statement.executeUpdate();
        }
    }
}
