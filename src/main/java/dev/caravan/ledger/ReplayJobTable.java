package dev.caravan.ledger;

import dev.caravan.ledger.ReplayJob.State;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The table {@code job}. */
final class ReplayJobTable {

    private static final String COLUMNS = "id, state, filter, rate, stop_at, canaries, max_in_flight, start_at,"
            + " skip_replayed, forced, stages_passed, matched, note, created_at, finished_at";

    private static final String NO_STAGES = "0";
    private static final Pattern COMMA = Pattern.compile(",");

    private ReplayJobTable() {}

    static void insert(Connection connection, ReplayJob job, long matched) throws SQLException {
        ReplayPlan plan = job.plan();
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO job (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, job.id());
            insert.setString(2, job.state().word());
            insert.setString(3, job.filter());
            insert.setDouble(4, plan.ratePerSecond());
            insert.setDouble(5, plan.stopAtFailureRate());
            insert.setString(6, text(plan.canaries()));
            insert.setInt(7, plan.maxInFlight());
            setTime(insert, 8, plan.startAt());
            insert.setBoolean(9, plan.skipReplayed());
            insert.setBoolean(10, plan.forced());
            insert.setInt(11, job.stagesPassed());
            insert.setLong(12, matched);
            insert.setString(13, job.note());
            insert.setLong(14, job.createdAt().toEpochMilli());
            setTime(insert, 15, job.finishedAt());
            insert.executeUpdate();
        }
    }

    /** @param rest of the statement, behind {@code FROM job}; with one parameter when there is an id */
    static List<ReplayJob> select(Connection connection, String rest, @Nullable String id) throws SQLException {
        List<ReplayJob> jobs = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement("SELECT " + COLUMNS + " FROM job" + rest)) {
            if (id != null) {
                select.setString(1, id);
            }
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    jobs.add(read(rows));
                }
            }
        }
        return jobs;
    }

    private static ReplayJob read(ResultSet rows) throws SQLException {
        var plan = new ReplayPlan(
                rows.getDouble(4),
                rows.getDouble(5),
                stages(rows.getString(6)),
                rows.getInt(7),
                time(rows, 8),
                rows.getBoolean(9),
                rows.getBoolean(10));
        return new ReplayJob(
                rows.getString(1),
                State.ofWord(rows.getString(2)),
                rows.getString(3),
                plan,
                rows.getInt(11),
                rows.getLong(12),
                rows.getString(13),
                Instant.ofEpochMilli(rows.getLong(14)),
                time(rows, 15));
    }

    private static String text(List<Integer> stages) {
        return stages.isEmpty()
                ? NO_STAGES
                : stages.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private static List<Integer> stages(String text) {
        return text.equals(NO_STAGES)
                ? List.of()
                : COMMA.splitAsStream(text).map(Integer::valueOf).toList();
    }

    private static void setTime(PreparedStatement statement, int at, @Nullable Instant time) throws SQLException {
        if (time == null) {
            statement.setNull(at, Types.BIGINT);
        } else {
            statement.setLong(at, time.toEpochMilli());
        }
    }

    private static @Nullable Instant time(ResultSet rows, int at) throws SQLException {
        long millis = rows.getLong(at);
        return rows.wasNull() ? null : Instant.ofEpochMilli(millis);
    }
}
