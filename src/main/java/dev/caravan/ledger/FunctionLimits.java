package dev.caravan.ledger;

import dev.caravan.function.FunctionName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What operators said about functions, in the table {@code function_limit}: how many calls run at once and how often one
 * is given. Like {@link QueueStates}: in the database, so that it outlives a restart and is the same for every node; read
 * from memory, which {@link #refresh} brings up to date with what other nodes were told.
 *
 * <p>Values are those of the annotations and not checked here. Changes are on disk when a method returns; all throw
 * {@link LedgerException} when the database fails.
 */
public final class FunctionLimits {

    /**
     * What was said about one function; empty is what its annotations say.
     *
     * @param concurrency as {@code dev.caravan.concurrency}
     * @param rate as {@code dev.caravan.rate}
     */
    public record Told(Optional<String> concurrency, Optional<String> rate) {

        /** Of a function that nobody said anything about. */
        public static final Told NOTHING = new Told(Optional.empty(), Optional.empty());
    }

    private final Database database;
    private final InstantSource clock;
    private volatile Map<FunctionName, Told> all = Map.of();

    FunctionLimits(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    public Told of(FunctionName function) {
        return all.getOrDefault(function, Told.NOTHING);
    }

    /** Says it anew, in the place of all that was said before. */
    public synchronized void tell(FunctionName function, Told told) {
        all = database.durably(connection -> {
            // Never deleted: two nodes that are told of the same function at once meet in this row.
            if (!write(
                    connection,
                    "UPDATE function_limit SET concurrency = ?, rate = ?, changed_at = ? WHERE namespace = ? AND name = ?",
                    function,
                    told)) {
                write(
                        connection,
                        "INSERT INTO function_limit (concurrency, rate, changed_at, namespace, name)"
                                + " VALUES (?, ?, ?, ?, ?)",
                        function,
                        told);
            }
            return read(connection);
        });
    }

    /** Reads what other nodes were told. */
    public synchronized void refresh() {
        all = database.read(FunctionLimits::read);
    }

    void load(Connection connection) throws SQLException {
        all = read(connection);
    }

    private static Map<FunctionName, Told> read(Connection connection) throws SQLException {
        var read = new HashMap<FunctionName, Told>();
        try (Statement select = connection.createStatement();
                ResultSet rows = select.executeQuery("SELECT namespace, name, concurrency, rate FROM function_limit"
                        + " WHERE concurrency IS NOT NULL OR rate IS NOT NULL")) {
            while (rows.next()) {
                read.put(
                        new FunctionName(rows.getString(2), rows.getString(1)),
                        new Told(Optional.ofNullable(rows.getString(3)), Optional.ofNullable(rows.getString(4))));
            }
        }
        return Map.copyOf(read);
    }

    private boolean write(Connection connection, String sql, FunctionName function, Told told) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, told.concurrency().orElse(null));
            statement.setString(2, told.rate().orElse(null));
            statement.setLong(3, clock.millis());
            statement.setString(4, function.namespace());
            statement.setString(5, function.name());
            return statement.executeUpdate() > 0;
        }
    }
}
