package dev.caravan.ledger;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.h2.api.ErrorCode;

/** The embedded H2 database: where it is, how it is tuned, what makes a commit durable. */
final class EmbeddedDatabase extends Database {

    /** Seen here: with the default write delay, a kill -9 takes committed rows with it. */
    private static final String DURABLE = ";WRITE_DELAY=0";

    /**
     * Cache in KiB: the whole program has 256 MiB. Retention in milliseconds: dead chunks may be overwritten early,
     * since what replaces them has been synced for seconds by then.
     */
    private static final String SMALL = ";CACHE_SIZE=24576;RETENTION_TIME=5000";

    /** We close it: H2's own shutdown hook would race with the last flush. */
    private static final String OURS_TO_CLOSE = ";DB_CLOSE_ON_EXIT=FALSE;DB_CLOSE_DELAY=-1";

    /** What fails is thrown at us: no file of stack traces beside the database. */
    private static final String QUIET = ";TRACE_LEVEL_FILE=0";

    /** Not {@code file}: a thread that is interrupted while it reads would close the file for everybody. */
    private static final String SCHEME = "jdbc:h2:async:";

    private static final String USER = "caravan";

    /** What H2 says of a database that has been shut down, or taken away. */
    private static final Set<Integer> GONE = Set.of(
            ErrorCode.DATABASE_IS_CLOSED,
            ErrorCode.DATABASE_CALLED_AT_SHUTDOWN,
            ErrorCode.DATABASE_NOT_FOUND_WITH_IF_EXISTS_1);

    private static final Map<String, String> FUNCTIONS = Map.of(
            "caravan_header", "header",
            "caravan_body_text", "bodyText",
            "caravan_body_at", "bodyAt",
            "caravan_body_number", "bodyNumber",
            "caravan_answers", "answers");

    private final Path folder;

    EmbeddedDatabase(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
    }

    @Override
    void open() {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new LedgerException("cannot make the ledger's folder " + folder + ": " + e.getMessage(), e);
        }
        if (!Files.isWritable(folder)) {
            throw new LedgerException("cannot write to the ledger's folder " + folder + ": check its owner and mode");
        }
        if (folder.toString().contains(";")) {
            throw new LedgerException("the ledger's folder must not have a semicolon in its path: " + folder);
        }
        var config = new HikariConfig();
        config.setJdbcUrl(url());
        config.setUsername(USER);
        config.setPassword("");
        try {
            connect(config);
        } catch (PoolInitializationException e) {
            throw cannotOpen(e);
        }
    }

    /**
     * In H2 a commit is a write, and only this is an fsync (seen with
     * strace: one pwrite per commit, one fsync per CHECKPOINT SYNC, none for CHECKPOINT).
     */
    @Override
    void sync(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CHECKPOINT SYNC");
        }
    }

    /** Its file is locked by this process. */
    @Override
    boolean shared() {
        return false;
    }

    @Override
    String dialect(String sql) {
        return sql;
    }

    @Override
    void addFunctions(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (Map.Entry<String, String> function : FUNCTIONS.entrySet()) {
                statement.execute("CREATE ALIAS IF NOT EXISTS " + function.getKey() + " DETERMINISTIC FOR '"
                        + SearchFunctions.class.getName() + "." + function.getValue() + "'");
            }
        }
        connection.commit();
    }

    /** Of the whole connection: H2 has no other. */
    @Override
    void limit(Connection connection, Duration time) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET QUERY_TIMEOUT " + time.toMillis());
        }
    }

    @Override
    void unlimited(Connection connection) throws SQLException {
        limit(connection, Duration.ZERO);
    }

    @Override
    void lockSchema(Connection connection) {
        // Nobody else is there.
    }

    @Override
    void unlockSchema(Connection connection) {
        // Nobody else was there.
    }

    @Override
    void lockLines(Connection connection) {
        // This process has one transaction at a time for them.
    }

    @Override
    long lastNo(Connection connection) throws SQLException {
        return CallTable.highestNo(connection);
    }

    /**
     * Not by a connection of the pool: in place of those that the shutdown breaks it would make others, which open the
     * database again, and then nobody closes it.
     */
    @Override
    public void close() {
        if (!connected()) {
            return;
        }
        disconnect();
        try (Connection connection = DriverManager.getConnection(url() + ";IFEXISTS=TRUE", USER, "");
                Statement statement = connection.createStatement()) {
            statement.execute("SHUTDOWN");
        } catch (SQLException e) {
            if (!GONE.contains(e.getErrorCode())) {
                throw new LedgerException("the ledger did not close cleanly: " + oneLine(e), e);
            }
        }
    }

    private String url() {
        return SCHEME + folder.resolve("ledger") + DURABLE + SMALL + OURS_TO_CLOSE + QUIET;
    }

    private LedgerException cannotOpen(PoolInitializationException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getErrorCode() == ErrorCode.DATABASE_ALREADY_OPEN_1) {
                return new LedgerException(
                        "the ledger in " + folder + " is locked by another process: stop it or use another data folder",
                        e);
            }
        }
        return new LedgerException("cannot open the ledger in " + folder + ": " + oneLine(e), e);
    }
}
