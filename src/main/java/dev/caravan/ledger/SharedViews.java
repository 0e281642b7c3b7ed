package dev.caravan.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The table {@code shared_view}. What changes something returns when it is on disk. All methods may be called from any
 * thread, and throw {@link LedgerException} while the database fails.
 */
public final class SharedViews {

    /** More than anybody looks through. */
    public static final int MOST = 200;

    private final Database database;

    SharedViews(Database database) {
        this.database = database;
    }

    /** By name. */
    public List<SharedView> all() {
        return database.read(connection -> {
            List<SharedView> views = new ArrayList<>();
            try (Statement select = connection.createStatement();
                    ResultSet rows = select.executeQuery(
                            "SELECT name, place, saved_by, saved_at FROM shared_view ORDER BY name")) {
                while (rows.next()) {
                    views.add(new SharedView(
                            rows.getString(1),
                            rows.getString(2),
                            rows.getString(3),
                            Instant.ofEpochMilli(rows.getLong(4))));
                }
            }
            return views;
        });
    }

    /** Keeps one, in the place of the one of its name; false when there are too many. */
    public boolean save(SharedView view) {
        return database.durably(connection ->
                write(connection, "UPDATE shared_view SET place = ?, saved_by = ?, saved_at = ? WHERE name = ?", view)
                        || count(connection) < MOST
                                && write(
                                        connection,
                                        "INSERT INTO shared_view (place, saved_by, saved_at, name) VALUES (?, ?, ?, ?)",
                                        view));
    }

    /** False when there is none of that name. */
    public boolean delete(String name) {
        return database.durably(connection -> {
            try (PreparedStatement delete = connection.prepareStatement("DELETE FROM shared_view WHERE name = ?")) {
                delete.setString(1, name);
                return delete.executeUpdate() == 1;
            }
        });
    }

    private static boolean write(Connection connection, String sql, SharedView view) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, view.place());
            statement.setString(2, view.savedBy());
            statement.setLong(3, view.savedAt().toEpochMilli());
            statement.setString(4, view.name());
            return statement.executeUpdate() == 1;
        }
    }

    private static int count(Connection connection) throws SQLException {
        try (Statement select = connection.createStatement();
                ResultSet rows = select.executeQuery("SELECT COUNT(*) FROM shared_view")) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
