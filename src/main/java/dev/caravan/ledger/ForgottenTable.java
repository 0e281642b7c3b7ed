package dev.caravan.ledger;

import dev.caravan.function.CallState;
import dev.caravan.function.FunctionName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/** The table {@code forgotten_call}: how many calls there were whose rows are gone. */
final class ForgottenTable {

    private ForgottenTable() {}

    static Map<CountKey, Long> counts(Connection connection) throws SQLException {
        var counts = new HashMap<CountKey, Long>();
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT queue, function, namespace, state, calls FROM forgotten_call")) {
            while (rows.next()) {
                counts.put(
                        new CountKey(
                                rows.getString(1),
                                new FunctionName(rows.getString(2), rows.getString(3)),
                                CallState.ofWord(rows.getString(4))),
                        rows.getLong(5));
            }
        }
        return counts;
    }

    static void add(Connection connection, Map<CountKey, Long> forgotten) throws SQLException {
        for (Map.Entry<CountKey, Long> entry : forgotten.entrySet()) {
            if (execute(
                            connection,
                            "UPDATE forgotten_call SET calls = calls + ? WHERE queue = ? AND function = ?"
                                    + " AND namespace = ? AND state = ?",
                            entry)
                    == 0) {
                execute(
                        connection,
                        "INSERT INTO forgotten_call (calls, queue, function, namespace, state) VALUES (?, ?, ?, ?, ?)",
                        entry);
            }
        }
    }

    private static int execute(Connection connection, String sql, Map.Entry<CountKey, Long> entry) throws SQLException {
        CountKey key = entry.getKey();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, entry.getValue());
            statement.setString(2, key.queue());
            statement.setString(3, key.function().name());
            statement.setString(4, key.function().namespace());
            statement.setString(5, key.state().word());
            return statement.executeUpdate();
        }
    }
}
