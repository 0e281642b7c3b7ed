package dev.caravan.ledger;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes the rows of a group of calls. Where processes share the database, a row is written only while the database
 * still has what was read: somebody else may have been quicker, and then its row is the truth.
 */
final class CallRows {

    private CallRows() {}

    /** For a database that only this process writes. */
    static void write(Connection connection, List<Write> writes) throws SQLException {
        CallTable.insert(connection, stored(inserts(writes)));
        CallTable.update(connection, stored(updates(writes)));
    }

    /** Gives those that were not written, since another process has written the same call. */
    static Set<Write> writeUnlessOutrun(Connection connection, List<Write> writes) throws SQLException {
        List<Write> inserts = inserts(writes);
        List<Write> updates = updates(writes);
        List<Row> known = updates.stream().map(CallRows::known).toList();
        Set<Write> outrun = Collections.newSetFromMap(new IdentityHashMap<>());
        collect(inserts, CallTable.insertAbsent(connection, stored(inserts)), outrun);
        collect(updates, CallTable.updateUnchanged(connection, stored(updates), known), outrun);
        return outrun;
    }

    private static void collect(List<Write> writes, int[] rows, Set<Write> outrun) {
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] == 0) {
                outrun.add(writes.get(i));
            }
        }
    }

    private static List<Write> inserts(List<Write> writes) {
        return writes.stream()
                .filter(write -> write.row() != null && write.isNew())
                .toList();
    }

    private static List<Write> updates(List<Write> writes) {
        return writes.stream()
                .filter(write -> write.row() != null && !write.isNew())
                .toList();
    }

    private static List<CallTable.Stored> stored(List<Write> writes) {
        return writes.stream()
                .map(write -> new CallTable.Stored(write.no(), present(write.row())))
                .toList();
    }

    private static Row known(Write write) {
        return present(write.stored());
    }

    private static Row present(@Nullable Row row) {
        if (row == null) {
            throw new IllegalStateException("a row that is written replaces one that was read");
        }
        return row;
    }
}
