package dev.caravan.ledger;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
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

    /** What H2 says of a database that has been shut down. */
    private static final Set<Integer> GONE =
            Set.of(ErrorCode.DATABASE_IS_CLOSED, ErrorCode.DATABASE_CALLED_AT_SHUTDOWN);

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
        config.setJdbcUrl(SCHEME + folder.resolve("ledger") + DURABLE + SMALL + OURS_TO_CLOSE + QUIET);
        config.setUsername("caravan");
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

    @Override
    public void close() {
        if (!connected()) {
            return;
        }
        try (Connection connection = connection();
                Statement statement = connection.createStatement()) {
            statement.execute("SHUTDOWN");
        } catch (SQLException e) {
            // Giving the connection back fails when the shutdown went well.
            if (!GONE.contains(e.getErrorCode())) {
                throw new LedgerException("the ledger did not close cleanly: " + oneLine(e), e);
            }
        } finally {
            disconnect();
        }
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
