package dev.caravan.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Brings a database to the newest schema, each step in a transaction, noted in {@code schema_version}.
 *
 * <p>H2 commits before and after each DDL statement (its manual, "Commands / COMMIT"), so a step may be interrupted
 * half-way there: migrations are written so that they can be run again ({@code IF NOT EXISTS}). Where processes share a
 * database, whoever calls lets one in at a time.
 */
final class Migrator {

    private final List<Migration> migrations;
    private final UnaryOperator<String> dialect;
    private final InstantSource clock;

    /** @param dialect what makes of a statement one that the database takes */
    Migrator(List<Migration> migrations, UnaryOperator<String> dialect, InstantSource clock) {
        this.migrations = List.copyOf(migrations);
        this.dialect = dialect;
        this.clock = clock;
    }

    /** @throws LedgerException when the database is newer than this program or an applied step was edited since */
    void migrate(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL PRIMARY KEY,"
                    + " name CHARACTER VARYING NOT NULL, checksum CHARACTER VARYING(64) NOT NULL,"
                    + " applied_at BIGINT NOT NULL)");
        }
        connection.commit();
        Map<Integer, String> applied = applied(connection);
        int newest = migrations.get(migrations.size() - 1).version();
        for (int version : applied.keySet()) {
            if (version > newest) {
                throw new LedgerException("the ledger has schema version " + version + " and this program knows "
                        + newest + ": start the newer program that wrote it");
            }
        }
        for (Migration migration : migrations) {
            String checksum = applied.get(migration.version());
            if (checksum == null) {
                apply(connection, migration);
            } else if (!checksum.equals(migration.checksum())) {
                throw new LedgerException("the ledger was made by another " + migration.name()
                        + " than this program has: an applied migration must not be edited");
            }
        }
    }

    private static Map<Integer, String> applied(Connection connection) throws SQLException {
        Map<Integer, String> applied = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT version, checksum FROM schema_version")) {
            while (rows.next()) {
                applied.put(rows.getInt(1), rows.getString(2));
            }
        }
        return applied;
    }

    private void apply(Connection connection, Migration migration) throws SQLException {
        try (Statement statement = connection.createStatement();
                PreparedStatement note = connection.prepareStatement(
                        "INSERT INTO schema_version (version, name, checksum, applied_at) VALUES (?, ?, ?, ?)")) {
            for (String sql : migration.statements()) {
                statement.execute(dialect.apply(sql));
            }
            note.setInt(1, migration.version());
            note.setString(2, migration.name());
            note.setString(3, migration.checksum());
            note.setLong(4, clock.millis());
            note.executeUpdate();
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        }
    }
}
