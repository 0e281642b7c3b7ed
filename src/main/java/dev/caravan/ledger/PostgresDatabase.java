package dev.caravan.ledger;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A PostgreSQL that several nodes share. */
final class PostgresDatabase extends Database {

    private static final Logger log = LoggerFactory.getLogger(PostgresDatabase.class);

    /** Any number that nobody else locks in this database: "caravan" in ASCII. */
    private static final long SCHEMA_LOCK = 0x63_61_72_61_76_61_6EL;

    private static final long LINES_LOCK = SCHEMA_LOCK + 1;

    /** Of a call's number: what a process counts; the rest says which process. 10,000 a second take 3.5 years. */
    private static final int COUNTED_BITS = 40;

    /** A commit is to be on the server's disk when it returns; a stricter mode than that is left as it is. */
    private static final String DURABLE = "SELECT set_config('synchronous_commit', 'on', false)"
            + " WHERE current_setting('synchronous_commit') = 'off'";

    private static final Pattern BYTES =
            Pattern.compile("(?i)\\bBINARY\\s+(?:VARYING\\s*(?:\\([0-9]+\\))?|LARGE\\s+OBJECT)");
    private static final Pattern LONG_TEXT = Pattern.compile("(?i)\\bCHARACTER\\s+LARGE\\s+OBJECT");

    private final PostgresAddress address;

    PostgresDatabase(PostgresAddress address) {
        this.address = address;
    }

    @Override
    void open() {
        var config = new HikariConfig();
        config.setJdbcUrl(address.url());
        if (address.user() != null) {
            config.setUsername(address.user());
        }
        if (address.password() != null) {
            config.setPassword(address.password());
        }
        config.setConnectionInitSql(DURABLE);
        config.addDataSourceProperty("ApplicationName", "caravan");
        config.addDataSourceProperty("connectTimeout", "5");
        // A server that has vanished without a word must not hold up the one thread that writes.
        config.addDataSourceProperty("socketTimeout", "30");
        config.addDataSourceProperty("tcpKeepAlive", "true");
        try {
            connect(config);
        } catch (PoolInitializationException e) {
            throw new LedgerException(
                    "cannot open the database at CARAVAN_DATABASE_URL (" + address + "): " + oneLine(e), e);
        } catch (RuntimeException e) {
            // Without the cause: what a pool says of an address that the driver does not take is the address.
            throw new LedgerException("CARAVAN_DATABASE_URL is no address of a PostgreSQL (" + address
                    + "): write it as jdbc:postgresql://host/database");
        }
        warnOfNoSync();
    }

    private void warnOfNoSync() {
        try (Connection connection = connection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW fsync")) {
            if (rows.next() && rows.getString(1).equals("off")) {
                log.warn("the database at CARAVAN_DATABASE_URL has fsync off: a power cut there loses finished calls");
            }
        } catch (SQLException e) {
            throw new LedgerException("cannot ask the database at CARAVAN_DATABASE_URL: " + oneLine(e), e);
        }
    }

    /** Its commits are synced. */
    @Override
    void sync(Connection connection) {
        // Done by the commit.
    }

    @Override
    boolean shared() {
        return true;
    }

    @Override
    String dialect(String sql) {
        return LONG_TEXT.matcher(BYTES.matcher(sql).replaceAll("BYTEA")).replaceAll("TEXT");
    }

    @Override
    void addFunctions(Connection connection) throws SQLException {
        try (InputStream in = Objects.requireNonNull(
                PostgresDatabase.class.getResourceAsStream("/sql/postgres-functions.sql"), "postgres-functions.sql")) {
            execute(connection, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Until the transaction ends. */
    @Override
    void limit(Connection connection, Duration time) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT set_config('statement_timeout', '" + time.toMillis() + "', true)");
        }
    }

    @Override
    void unlimited(Connection connection) throws SQLException {
        connection.rollback();
    }

    @Override
    void lockSchema(Connection connection) throws SQLException {
        execute(connection, "SELECT pg_advisory_lock(" + SCHEMA_LOCK + ")");
    }

    @Override
    void unlockSchema(Connection connection) throws SQLException {
        connection.rollback(); // in a transaction that has failed nothing else is taken
        execute(connection, "SELECT pg_advisory_unlock(" + SCHEMA_LOCK + ")");
    }

    /**
     * Until the transaction ends. Who waits too long for it gives up, and who has it and says nothing for too long, since
     * its machine has stopped, loses it.
     */
    @Override
    void lockLines(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT set_config('lock_timeout', '5s', true),"
                    + " set_config('idle_in_transaction_session_timeout', '10s', true)");
            statement.execute("SELECT pg_advisory_xact_lock(" + LINES_LOCK + ")");
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
        connection.commit();
    }

    /** Each process that opens the ledger numbers in a range of its own, so that nobody has to be asked again. */
    @Override
    long lastNo(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT nextval('ledger_process')")) {
            rows.next();
            long process = rows.getLong(1);
            connection.commit();
            return process << COUNTED_BITS;
        }
    }
}
