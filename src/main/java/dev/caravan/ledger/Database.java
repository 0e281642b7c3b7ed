package dev.caravan.ledger;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Where the ledger's rows stand: its connections, what makes a commit durable, and how it differs from others. */
abstract class Database implements AutoCloseable {

    /** What somebody does in the database. */
    interface Work<T> {
        T in(Connection connection) throws SQLException;
    }

    /** So long a search may look at rows one by one. */
    static final Duration SEARCH_ENDS = Duration.ofSeconds(10);

    /** What both databases say of a statement that was cancelled. */
    private static final String CANCELLED = "57014";

    private @Nullable HikariDataSource pool;

    /** @throws LedgerException with one readable line, without a password */
    abstract void open();

    /** Makes what was committed survive a power cut. */
    abstract void sync(Connection connection) throws SQLException;

    /**
     * Whether other processes write it as well: then a row may be another one than we have read, and every write says
     * which row it means to replace.
     */
    abstract boolean shared();

    /** A migration's statement as this database wants it. */
    abstract String dialect(String sql);

    /** Makes the functions that searches use, or makes them anew. */
    abstract void addFunctions(Connection connection) throws SQLException;

    /** Ends a statement of this connection that takes longer; {@link #unlimited} undoes it. */
    abstract void limit(Connection connection, Duration time) throws SQLException;

    abstract void unlimited(Connection connection) throws SQLException;

    /** Lets one process at a time past, until {@link #unlockSchema}. */
    abstract void lockSchema(Connection connection) throws SQLException;

    abstract void unlockSchema(Connection connection) throws SQLException;

    /** Lets one transaction at a time past, of all processes, until it ends. */
    abstract void lockLines(Connection connection) throws SQLException;

    /** A number after which this process may number its calls: nobody else has used them or will. */
    abstract long lastNo(Connection connection) throws SQLException;

    Connection connection() throws SQLException {
        HikariDataSource opened = pool;
        if (opened == null) {
            throw new SQLException("the ledger is not open");
        }
        return opened.getConnection();
    }

    /** @throws PoolInitializationException when no first connection could be made */
    final void connect(HikariConfig config) {
        config.setPoolName("ledger");
        config.setMaximumPoolSize(8);
        config.setMinimumIdle(2);
        config.setConnectionTimeout(2_000);
        config.setAutoCommit(false);
        pool = new HikariDataSource(config);
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
     * The same for what somebody searches, who must not keep the database busy for longer than {@link #SEARCH_ENDS}.
     *
     * @throws SearchTooLongException when it would
     */
    <T> T search(Work<T> work) {
        return read(connection -> {
            limit(connection, SEARCH_ENDS);
            try {
                return work.in(connection);
            } catch (SQLException e) {
                if (CANCELLED.equals(e.getSQLState())) {
                    throw new SearchTooLongException(e);
                }
                throw e;
            } finally {
                unlimited(connection);
            }
        });
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

    /** Takes the connections away, as a failing database would. */
    void disconnect() {
        HikariDataSource opened = pool;
        pool = null;
        if (opened != null) {
            opened.close();
        }
    }

    final boolean connected() {
        return pool != null;
    }

    @Override
    public void close() {
        disconnect();
    }

    /** H2's messages carry the statement on further lines, PostgreSQL's the details. */
    static String oneLine(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        String text = String.valueOf(root.getMessage()).lines().findFirst().orElse("");
        return text.length() <= 300 ? text : text.substring(0, 300) + "…";
    }
}
