package dev.caravan.ledger;

import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import dev.caravan.ledger.ReplayJob.Progress;
import dev.caravan.ledger.ReplayJob.State;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bulk replays and the letters that each is to replay: written down when the job is made, so that it replays what
 * matched then, nothing that dies later, and goes on after a crash where it was.
 *
 * <p>A letter of a job is {@code waiting}, then {@code taken} (its message is about to be sent, which a crash may have
 * prevented or not) and then {@code replayed} or {@code gone}; or {@code refused} from the start. What changes something
 * returns when it is on disk, but for {@link #finish}. All methods throw {@link LedgerException} while the database
 * fails.
 */
public final class ReplayJobs {

    private static final String WAITING = "waiting";
    private static final String TAKEN = "taken";
    private static final String REPLAYED = "replayed";
    private static final String REFUSED = "refused";
    private static final String GONE = "gone";

    private final Database database;

    ReplayJobs(Database database) {
        this.database = database;
    }

    /**
     * Notes a job and its letters.
     *
     * @param job its {@code matched} does not count
     * @param replayLimit letters that have been replayed so often are refused, unless its plan says otherwise
     * @return the job, with how many letters it has
     */
    public ReplayJob create(ReplayJob job, DeadLetterFilter filter, int replayLimit) {
        database.durably(connection -> {
            var where = new DeadLetterWhere(filter);
            long letters;
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO job_letter (job, letter, physical_queue, generation, state)"
                            + " SELECT CAST(? AS CHARACTER VARYING(36)), id, physical_queue, generation,"
                            + " CASE WHEN replays >= ? THEN '" + REFUSED + "' ELSE '" + WAITING
                            + "' END FROM dead_letter"
                            + where.sql())) {
                insert.setString(1, job.id());
                insert.setInt(2, job.plan().refusedFrom(replayLimit));
                where.fill(insert, 3);
                letters = insert.executeLargeUpdate();
            }
            ReplayJobTable.insert(connection, job, letters);
            return letters;
        });
        return find(job.id()).orElseThrow();
    }

    /** How many letters that match have been replayed so often, or oftener. */
    public long replayed(DeadLetterFilter filter, int often) {
        return database.search(connection -> {
            var where = new DeadLetterWhere(filter);
            try (PreparedStatement count = connection.prepareStatement(
                    "SELECT COUNT(*) FROM dead_letter" + where.sql() + " AND replays >= " + often)) {
                where.fill(count, 1);
                try (ResultSet rows = count.executeQuery()) {
                    rows.next();
                    return rows.getLong(1);
                }
            }
        });
    }

    public Optional<ReplayJob> find(String id) {
        return database.read(connection ->
                ReplayJobTable.select(connection, " WHERE id = ?", id).stream().findFirst());
    }

    /** The newest first, at most 100. */
    public List<ReplayJob> newest() {
        return database.read(connection ->
                ReplayJobTable.select(connection, " ORDER BY created_at DESC, id FETCH FIRST 100 ROWS ONLY", null));
    }

    /** Those that a process which starts goes on with. */
    public List<ReplayJob> unfinished() {
        return database.read(connection -> ReplayJobTable.select(
                connection,
                " WHERE state IN ('" + State.RUNNING.word() + "', '" + State.PAUSED.word() + "') ORDER BY created_at",
                null));
    }

    /** From one state to another; false when it is not in the first. */
    public boolean move(String id, State from, State to) {
        return database.durably(connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement("UPDATE job SET state = ? WHERE id = ? AND state = ?")) {
                update.setString(1, to.word());
                update.setString(2, id);
                update.setString(3, from.word());
                return update.executeUpdate() > 0;
            }
        });
    }

    /** So many of its stages are well behind it. */
    public void passed(String id, int stages) {
        database.durably(connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement("UPDATE job SET stages_passed = ? WHERE id = ?")) {
                update.setInt(1, stages);
                update.setString(2, id);
                return update.executeUpdate();
            }
        });
    }

    /** Ends a job that is not over; false when it is. */
    public boolean end(String id, State state, @Nullable String note, Instant now) {
        return database.durably(connection -> {
            try (PreparedStatement update = connection.prepareStatement(
                    "UPDATE job SET state = ?, note = ?, finished_at = ? WHERE id = ? AND finished_at IS NULL")) {
                update.setString(1, state.word());
                update.setString(2, note);
                update.setLong(3, now.toEpochMilli());
                update.setString(4, id);
                return update.executeUpdate() > 0;
            }
        });
    }

    /** Forgets jobs that ended before a time. */
    public void forget(Instant endedBefore) {
        database.durably(connection -> {
            for (String sql : List.of(
                    "DELETE FROM job_letter WHERE job IN (SELECT id FROM job WHERE finished_at < ?)",
                    "DELETE FROM job WHERE finished_at < ?")) {
                try (PreparedStatement delete = connection.prepareStatement(sql)) {
                    delete.setLong(1, endedBefore.toEpochMilli());
                    delete.executeUpdate();
                }
            }
            return true;
        });
    }

    /** The broker's queues that still hold letters of a job. */
    public List<String> queuesLeft(String id) {
        return database.read(connection -> {
            List<String> queues = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT DISTINCT physical_queue FROM job_letter WHERE job = ? AND state IN ('" + WAITING + "', '"
                            + TAKEN + "') ORDER BY physical_queue")) {
                select.setString(1, id);
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        queues.add(rows.getString(1));
                    }
                }
            }
            return queues;
        });
    }

    /** Whether a letter is still to be replayed by a job. */
    public boolean wants(String id, String letter) {
        return database.read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("SELECT 1 FROM job_letter WHERE job = ?"
                    + " AND letter = ? AND state IN ('" + WAITING + "', '" + TAKEN + "')")) {
                select.setString(1, id);
                select.setString(2, letter);
                try (ResultSet rows = select.executeQuery()) {
                    return rows.next();
                }
            }
        });
    }

    /** These letters' messages are about to be sent. */
    public void taking(String id, Map<String, CallId> letters) {
        database.durably(connection -> {
            try (PreparedStatement update = connection.prepareStatement(
                    "UPDATE job_letter SET state = '" + TAKEN + "', call_key = ? WHERE job = ? AND letter = ?")) {
                for (Map.Entry<String, CallId> letter : letters.entrySet()) {
                    update.setObject(1, CallKeys.key(letter.getValue()));
                    update.setString(2, id);
                    update.setString(3, letter.getKey());
                    update.addBatch();
                }
                update.executeBatch();
            }
            return true;
        });
    }

    /** What became of letters; written soon: after a crash they are found to be replayed, or gone, again. */
    public void finish(String id, List<String> letters, boolean replayed) {
        database.soon(connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement("UPDATE job_letter SET state = ? WHERE job = ? AND letter = ?")) {
                for (String letter : letters) {
                    update.setString(1, replayed ? REPLAYED : GONE);
                    update.setString(2, id);
                    update.setString(3, letter);
                    update.addBatch();
                }
                update.executeBatch();
            }
            return true;
        });
    }

    /** Whether a job has letters left in a queue. */
    public boolean anyLeft(String id, String physicalQueue) {
        return !left(id, physicalQueue, false, 1).isEmpty()
                || !left(id, physicalQueue, true, 1).isEmpty();
    }

    /**
     * Letters of a queue that are left when all of it has been seen.
     *
     * @param taken those whose message was about to be sent; else those that still wait
     * @return at most 1,000
     */
    public List<String> left(String id, String physicalQueue, boolean taken) {
        return left(id, physicalQueue, taken, 1_000);
    }

    private List<String> left(String id, String physicalQueue, boolean taken, int most) {
        return database.read(connection -> {
            List<String> letters = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement("SELECT letter FROM job_letter WHERE job = ?"
                    + " AND state = ? AND physical_queue = ? FETCH FIRST " + most + " ROWS ONLY")) {
                select.setString(1, id);
                select.setString(2, taken ? TAKEN : WAITING);
                select.setString(3, physicalQueue);
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        letters.add(rows.getString(1));
                    }
                }
            }
            return letters;
        });
    }

    public Progress progress(String id) {
        return database.read(connection -> {
            Map<String, Long> letters =
                    counts(connection, "SELECT state, COUNT(*) FROM job_letter WHERE job = ? GROUP BY state", id);
            Map<String, Long> calls = counts(
                    connection,
                    "SELECT async_call.state, COUNT(*) FROM job_letter JOIN async_call"
                            + " ON async_call.call_id = job_letter.call_key"
                            + " WHERE job_letter.job = ? AND job_letter.state = '" + REPLAYED
                            + "' AND async_call.generation > job_letter.generation GROUP BY async_call.state",
                    id);
            return new Progress(
                    of(letters, WAITING) + of(letters, TAKEN),
                    of(letters, REPLAYED),
                    of(letters, REFUSED),
                    of(letters, GONE),
                    of(calls, CallState.SUCCEEDED.word()),
                    of(calls, CallState.DEAD.word()) + of(calls, CallState.RETRYING.word()),
                    of(calls, CallState.RETRYING.word()),
                    of(calls, CallState.SCHEDULED.word())
                            + of(calls, CallState.QUEUED.word())
                            + of(calls, CallState.RUNNING.word()));
        });
    }

    private static long of(Map<String, Long> counts, String state) {
        return counts.getOrDefault(state, 0L);
    }

    private static Map<String, Long> counts(Connection connection, String sql, String id) throws SQLException {
        Map<String, Long> counts = new HashMap<>();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, id);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    counts.put(rows.getString(1), rows.getLong(2));
                }
            }
        }
        return counts;
    }
}
