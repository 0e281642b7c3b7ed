package dev.caravan.ledger;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Small writes of many threads, each of which waits for the disk: whoever comes while a group is on its way goes with the
 * next, in one transaction and one sync. The thread that gets to the disk first writes for all.
 */
final class GroupCommit {

    /** What is written in somebody's name. */
    interface Work {
        void write(Connection connection) throws SQLException;
    }

    /** Fields are written and read under {@link #disk}. */
    private static final class Entry {
        final Work work;
        boolean done;

        @Nullable
        Exception failure;

        Entry(Work work) {
            this.work = work;
        }
    }

    private final Database database;
    private final Queue<Entry> waiting = new ConcurrentLinkedQueue<>();
    private final ReentrantLock disk = new ReentrantLock();

    GroupCommit(Database database) {
        this.database = database;
    }

    /** On disk when it returns. */
    void commit(Work work) throws SQLException {
        var entry = new Entry(work);
        waiting.add(entry);
        disk.lock();
        try {
            if (!entry.done) {
                writeWaiting();
            }
        } finally {
            disk.unlock();
        }
        if (entry.failure instanceof SQLException e) {
            throw e;
        } else if (entry.failure != null) {
            throw new SQLException(entry.failure);
        }
    }

    /** Goes with the next group, whenever that is; nobody hears when it fails. */
    void later(Work work) {
        waiting.add(new Entry(work));
    }

    private void writeWaiting() {
        List<Entry> group = new ArrayList<>();
        for (Entry entry = waiting.poll(); entry != null; entry = waiting.poll()) {
            group.add(entry);
        }
        try {
            write(group);
        } catch (SQLException | RuntimeException e) {
            // One that cannot be written never stops its neighbours.
            for (Entry entry : group) {
                entry.failure = group.size() == 1 ? e : alone(entry);
            }
        }
        group.forEach(entry -> entry.done = true);
    }

    private @Nullable Exception alone(Entry entry) {
        try {
            write(List.of(entry));
            return null;
        } catch (SQLException | RuntimeException e) {
            return e;
        }
    }

    private void write(List<Entry> group) throws SQLException {
        try (Connection connection = database.connection()) {
            try {
                for (Entry entry : group) {
                    entry.work.write(connection);
                }
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                try {
                    connection.rollback();
                } catch (SQLException again) {
                    e.addSuppressed(again);
                }
                throw e;
            }
            database.sync(connection);
        }
    }
}
