package dev.caravan.ledger;

import dev.caravan.function.CallId;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** How calls were edited when they were replayed. All methods throw {@link LedgerException} while the database fails. */
public final class CallEdits {

    private final Database database;

    CallEdits(Database database) {
        this.database = database;
    }

    /** Keeps one; it takes the place of another of its generation. On disk with the next sync. */
    public void keep(CallId call, CallEdit edit) {
        database.soon(connection -> {
            try (PreparedStatement delete =
                            connection.prepareStatement("DELETE FROM call_edit WHERE call_key = ? AND generation = ?");
                    PreparedStatement insert = connection.prepareStatement("INSERT INTO call_edit"
                            + " (call_key, generation, edited_at, request_before, request_after)"
                            + " VALUES (?, ?, ?, ?, ?)")) {
                delete.setObject(1, CallKeys.key(call));
                delete.setInt(2, edit.generation());
                delete.executeUpdate();
                insert.setObject(1, CallKeys.key(call));
                insert.setInt(2, edit.generation());
                insert.setLong(3, edit.at().toEpochMilli());
                insert.setString(4, StoredText.of(edit.before()));
                insert.setString(5, StoredText.of(edit.after()));
                return insert.executeUpdate();
            }
        });
    }

    /** Those of one call, the oldest first. */
    public List<CallEdit> of(CallId call) {
        return database.read(connection -> {
            List<CallEdit> edits = new ArrayList<>();
            try (PreparedStatement select =
                    connection.prepareStatement("SELECT generation, edited_at, request_before, request_after"
                            + " FROM call_edit WHERE call_key = ? ORDER BY generation")) {
                select.setObject(1, CallKeys.key(call));
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        edits.add(new CallEdit(
                                rows.getInt(1),
                                Instant.ofEpochMilli(rows.getLong(2)),
                                rows.getString(3),
                                rows.getString(4)));
                    }
                }
            }
            return edits;
        });
    }

    /** Forgets what was edited before a time. */
    public void forget(Instant before) {
        database.soon(connection -> {
            try (PreparedStatement delete = connection.prepareStatement("DELETE FROM call_edit WHERE edited_at < ?")) {
                delete.setLong(1, before.toEpochMilli());
                return delete.executeUpdate();
            }
        });
    }
}
