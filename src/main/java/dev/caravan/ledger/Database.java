package dev.caravan.ledger;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.h2.api.ErrorCode;
import org.jspecify.annotations.Nullable;

/** The embedded H2 database: where it is, how it is tuned, what makes a commit durable. */
final class Database implements AutoCloseable {

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

    /** What somebody does in the database. */
    interface Work<T> {
        T in(Connection connection) throws SQLException;
    }

    private final Path folder;
    private @Nullable HikariDataSource pool;

    Database(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
    }

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
        config.setPoolName("ledger");
        config.setJdbcUrl(SCHEME + folder.resolve("ledger") + DURABLE + SMALL + OURS_TO_CLOSE + QUIET);
        config.setUsername("caravan");
        config.setPassword("");
        config.setMaximumPoolSize(8);
        config.setMinimumIdle(2);
        config.setConnectionTimeout(2_000);
        config.setAutoCommit(false);
        try {
            pool = new HikariDataSource(config);
        } catch (PoolInitializationException e) {
            throw cannotOpen(e);
        }
    }

    Connection connection() throws SQLException {
        HikariDataSource opened = pool;
        if (opened == null) {
            throw new SQLException("the ledger is not open");
        }
        return opened.getConnection();
    }

    /** @throws LedgerException when it cannot be read */
    <T> T read(Work<T> work) {
        try (Connection connection = connection()) {
            return work.in(connection);
        } catch (SQLException e) {
            throw new LedgerException("cannot read the ledger: " + oneLine(e), e);
        }
    }

    /**
     * One transaction, on disk when this returns.
     *
     * @throws LedgerException when it failed; unless that was the sync, nothing has changed then
     */
    <T> T durably(Work<T> work) {
        return write(work, true);
    }

    /** The same, not on disk before the next sync. */
    <T> T soon(Work<T> work) {
        return write(work, false);
    }

    private <T> T write(Work<T> work, boolean synced) {
        try (Connection connection = connection()) {
            try {
                T done = work.in(connection);
                connection.commit();
                if (synced) {
                    sync(connection);
                }
                return done;
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        } catch (SQLException e) {
            throw new LedgerException("cannot write the ledger: " + oneLine(e), e);
        }
    }

    /**
     * Makes what was committed survive a power cut. In H2 a commit is a write, and only this is an fsync (seen with
     * strace: one pwrite per commit, one fsync per CHECKPOINT SYNC, none for CHECKPOINT).
     */
    static void sync(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CHECKPOINT SYNC");
        }
    }

    /** Takes the connections away, as a failing database would. */
    void disconnect() {
        HikariDataSource opened = pool;
        pool = null;
        if (opened != null) {
            opened.close();
        }
    }

    @Override
    public void close() {
        if (pool == null) {
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

    /** H2's messages carry the statement on further lines and an error code in brackets. */
    static String oneLine(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        String text = String.valueOf(root.getMessage()).lines().findFirst().orElse("");
        return text.length() <= 300 ? text : text.substring(0, 300) + "…";
    }
}
