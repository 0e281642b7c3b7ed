package dev.caravan.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Dead letters as many: searched, grouped, deleted and restored. A deleted letter is out of every list and cannot be
 * replayed; its message and content stay until {@link Ledger#remove} takes them. What changes something returns when it
 * is on disk. All methods may be called from any thread, and throw {@link LedgerException} while the database fails.
 */
public final class DeadLetters {

    /** So many at a time, so that nobody waits long for a row that is being moved. */
    private static final int CHUNK = 500;

    private final Database database;

    DeadLetters(Database database) {
        this.database = database;
    }

    /** The largest groups first, at most 1,000. */
    public List<DeadLetterGroup> groups(DeadLetterFilter filter, Instant now) {
        return database.search(connection -> DeadLetterGroups.largest(connection, filter, now));
    }

    /** When those that match died. @param most steps */
    public DeathCounts deaths(DeadLetterFilter filter, int most) {
        return database.search(connection -> DeadLetterQueries.deaths(connection, filter, most));
    }

    /** How many match. */
    public long count(DeadLetterFilter filter) {
        return database.search(connection -> DeadLetterQueries.count(connection, filter));
    }

    /**
     * The next letters with their content, newest first; few at a time, since bodies are among it.
     *
     * @param after the last one of the batch before; null to begin
     */
    public List<DeadLetter> batch(DeadLetterFilter filter, int limit, @Nullable DeadLetter after) {
        String cursor = after == null ? null : DeadLetterWhere.cursor(after);
        return database.search(connection -> {
            List<DeadLetter> whole = new ArrayList<>();
            for (DeadLetter letter : DeadLetterQueries.after(connection, filter, limit, cursor)) {
                DeadLetterTable.find(connection, letter.id()).ifPresent(whole::add);
            }
            return whole;
        });
    }

    /** Deletes one; false when there is none of that id. */
    public boolean delete(String id, Instant now) {
        return database.durably(connection -> hide(connection, List.of(id), now)) > 0;
    }

    /** Deletes all that match; gives how many. */
    public long delete(DeadLetterFilter filter, Instant now) {
        long deleted = 0;
        String cursor = null;
        List<DeadLetter> some;
        do {
            String from = cursor;
            some = database.search(connection -> DeadLetterQueries.after(connection, filter, CHUNK, from));
            List<String> ids = some.stream().map(DeadLetter::id).toList();
            if (!ids.isEmpty()) {
                deleted += database.durably(connection -> hide(connection, ids, now));
                cursor = DeadLetterWhere.cursor(some.get(some.size() - 1));
            }
        } while (some.size() == CHUNK);
        return deleted;
    }

    /** Undoes a delete; false when no letter of that id is deleted. */
    public boolean restore(String id) {
        return database.durably(connection -> unhide(connection, id)) > 0;
    }

    /** Letters that were deleted before a time, with their content, oldest first. */
    public List<DeadLetter> deletedBefore(Instant time, int limit) {
        return database.read(connection -> {
            List<DeadLetter> letters = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement("SELECT " + DeadLetterTable.COLUMNS
                    + " FROM deleted_letter WHERE deleted_at < ? ORDER BY deleted_at FETCH FIRST " + limit
                    + " ROWS ONLY")) {
                select.setLong(1, time.toEpochMilli());
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        letters.add(DeadLetterTable.read(rows, null));
                    }
                }
            }
            for (int i = 0; i < letters.size(); i++) {
                DeadLetter letter = letters.get(i);
                letters.set(i, letter.with(DeadLetterTable.content(connection, letter.id())));
            }
            return letters;
        });
    }

    /** A letter that was deleted and may be restored, with its content. */
    public Optional<DeadLetter> deleted(String id) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT " + DeadLetterTable.COLUMNS + " FROM deleted_letter WHERE id = ?")) {
                select.setString(1, id);
                try (ResultSet rows = select.executeQuery()) {
                    return rows.next()
                            ? Optional.of(DeadLetterTable.read(rows, DeadLetterTable.content(connection, id)))
                            : Optional.empty();
                }
            }
        });
    }

    /** Puts a letter in the place of the one of its id, unless that has gone meanwhile; then false. */
    public boolean replace(DeadLetter letter) {
        return database.durably(connection -> {
            if (DeadLetterTable.find(connection, letter.id()).isEmpty()) {
                return false;
            }
            DeadLetterTable.insert(connection, letter);
            return true;
        });
    }

    private static int hide(Connection connection, List<String> ids, Instant now) throws SQLException {
        String at = ", CAST(" + now.toEpochMilli() + " AS BIGINT)";
        return move(connection, "dead_letter", "deleted_letter", ", deleted_at", at, ids);
    }

    private static int unhide(Connection connection, String id) throws SQLException {
        return move(connection, "deleted_letter", "dead_letter", "", "", List.of(id));
    }

    private static int move(
            Connection connection, String from, String to, String column, String value, List<String> ids)
            throws SQLException {
        String copy = "INSERT INTO " + to + " (" + DeadLetterTable.COLUMNS + column + ") SELECT "
                + DeadLetterTable.COLUMNS + value + " FROM " + from + " WHERE id = ?";
        int moved = 0;
        try (PreparedStatement clear = connection.prepareStatement("DELETE FROM " + to + " WHERE id = ? AND EXISTS"
                        + " (SELECT 1 FROM " + from + " other WHERE other.id = " + to + ".id)");
                PreparedStatement insert = connection.prepareStatement(copy);
                PreparedStatement delete = connection.prepareStatement("DELETE FROM " + from + " WHERE id = ?")) {
            for (String id : ids) {
                for (PreparedStatement step : List.of(clear, insert, delete)) {
                    step.setString(1, id);
                }
                clear.executeUpdate(); // one that was imported again after it had been deleted
                moved += insert.executeUpdate();
                delete.executeUpdate();
            }
        }
        return moved;
    }
}
