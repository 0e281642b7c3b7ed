package dev.caravan.telemetry;

import dev.caravan.function.CallState;
import dev.caravan.function.FunctionName;
import dev.caravan.telemetry.Levels.QueueState;
import dev.caravan.telemetry.Track.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How queues and functions went, for those who come when something has happened already: the last hour in steps of ten
 * seconds, the last three days in steps of five minutes. In memory, and of this process alone; for more there is
 * Prometheus. For any thread.
 */
public final class History {

    /** How often {@link #look} is to be called. */
    public static final Duration STEP = Duration.ofSeconds(10);

    /** The most that is kept. */
    public static final int HOURS = 72;

    /** More of a kind are not followed: each takes some 40 KiB. */
    static final int MOST = 500;

    private static final List<String> OF_A_QUEUE =
            List.of("depth", "running", "scheduled", "deadLetters", "accepted", "succeeded", "died");
    private static final List<String> OF_A_FUNCTION = List.of("answered", "failed");

    private final Levels levels;
    private final Supplier<Map<FunctionName, Invocations>> invocations;
    private final InstantSource clock;

    // Guarded by this.
    private final Map<String, Track> queues = new TreeMap<>();
    private final Map<String, Track> functions = new TreeMap<>();
    private Map<String, long[]> lastOfQueues = Map.of();
    private Map<String, long[]> lastOfFunctions = Map.of();
    private boolean looked;

    /**
     * How often a function was called since the start.
     *
     * @param failed those that did not end with a status from 200 to 399
     */
    public record Invocations(long all, long failed) {}

    /**
     * What became of figures.
     *
     * @param from when the first step began
     * @param step how long each lasts
     * @param series by thing and figure: one number a step, {@code -1} where nobody looked. Of how much there is, the
     *     highest; of what happened, how often
     */
    @SuppressWarnings("ArrayRecordComponent") // made for one answer; nobody compares these
    public record View(Instant from, Duration step, Map<String, Map<String, int[]>> series) {}

    /** @param invocations of all functions that were ever called */
    public History(Levels levels, Supplier<Map<FunctionName, Invocations>> invocations, InstantSource clock) {
        this.levels = levels;
        this.invocations = invocations;
        this.clock = clock;
    }

    /** Notes how things are. Blocks as {@link Levels} does. */
    public void look() {
        Map<QueueState, Long> calls = levels.calls();
        Map<String, Long> letters = levels.deadLetters();
        Map<FunctionName, Invocations> called = invocations.get();
        synchronized (this) {
            long step = clock.millis() / STEP.toMillis();
            addQueues(step, calls, letters);
            addFunctions(step, called);
            looked = true;
        }
    }

    private void addQueues(long step, Map<QueueState, Long> calls, Map<String, Long> letters) {
        var now = new HashMap<String, long[]>();
        var depths = new HashMap<String, int[]>();
        letters.forEach((queue, count) -> {
            now.put(queue, new long[3]);
            depths.put(queue, new int[] {0, 0, 0, capped(count)});
        });
        calls.forEach((part, count) -> {
            int[] depth = depths.computeIfAbsent(part.queue(), queue -> new int[4]);
            long[] over = now.computeIfAbsent(part.queue(), queue -> new long[3]);
            int level = level(part.state());
            if (level >= 0) {
                depth[level] = capped(depth[level] + count);
            }
            over[0] += count;
            over[1] += part.state() == CallState.SUCCEEDED ? count : 0;
            over[2] += part.state() == CallState.DEAD ? count : 0;
        });
        depths.forEach((queue, depth) -> {
            int[] since = since(lastOfQueues.get(queue), now.getOrDefault(queue, new long[3]));
            int[] figures = {depth[0], depth[1], depth[2], depth[3], since[0], since[1], since[2]};
            track(queues, queue, step, Kind.LEVEL, Kind.LEVEL, Kind.LEVEL, Kind.LEVEL, Kind.FLOW, Kind.FLOW, Kind.FLOW)
                    .add(step, figures);
        });
        lastOfQueues = now;
    }

    /** Which depth it counts for; -1 for one that is over. */
    private static int level(CallState state) {
        return switch (state) {
            case QUEUED -> 0;
            case RUNNING -> 1;
            case SCHEDULED, RETRYING -> 2;
            case SUCCEEDED, DEAD, CANCELLED -> -1;
        };
    }

    private void addFunctions(long step, Map<FunctionName, Invocations> called) {
        var now = new HashMap<String, long[]>();
        called.forEach((function, count) -> {
            String name = function.toString();
            long[] counts = {count.all(), count.failed()};
            now.put(name, counts);
            track(functions, name, step, Kind.FLOW, Kind.FLOW).add(step, since(lastOfFunctions.get(name), counts));
        });
        lastOfFunctions = now;
    }

    /** A replay takes back a death, so a count may fall. What was there at the first look happened before it. */
    private int[] since(long @Nullable [] before, long[] now) {
        int[] since = new int[now.length];
        for (int i = 0; i < now.length; i++) {
            long base = before != null ? before[i] : looked ? 0 : now[i];
            since[i] = capped(Math.max(0, now[i] - base));
        }
        return since;
    }

    private static int capped(long count) {
        return (int) Math.min(Integer.MAX_VALUE / Track.STEPS_IN_ROUGH, count);
    }

    /** One that is one too many is noted nowhere. */
    private static Track track(Map<String, Track> tracks, String name, long step, Kind... kinds) {
        Track known = tracks.get(name);
        if (known != null) {
            return known;
        }
        tracks.values().removeIf(track -> track.isForgotten(step));
        var fresh = new Track(kinds);
        if (tracks.size() < MOST) {
            tracks.put(name, fresh);
        }
        return fresh;
    }

    /** How the logical queues went. @param hours up to {@value #HOURS}; up to one is shown closely */
    public synchronized View queues(int hours) {
        return view(queues, OF_A_QUEUE, hours);
    }

    /** How the functions went, by {@code NAME.NAMESPACE}. */
    public synchronized View functions(int hours) {
        return view(functions, OF_A_FUNCTION, hours);
    }

    private View view(Map<String, Track> tracks, List<String> figures, int hours) {
        boolean closely = hours <= 1;
        Duration length = closely ? STEP : STEP.multipliedBy(Track.STEPS_IN_ROUGH);
        long last = clock.millis() / STEP.toMillis();
        int shown = (int) (Duration.ofHours(hours).toMillis() / length.toMillis());
        var series = new LinkedHashMap<String, Map<String, int[]>>();
        tracks.forEach((name, track) -> {
            var one = new LinkedHashMap<String, int[]>();
            for (int i = 0; i < figures.size(); i++) {
                int[] all = closely ? track.close(i, last) : track.rough(i, last);
                one.put(figures.get(i), Arrays.copyOfRange(all, all.length - shown, all.length));
            }
            series.put(name, one);
        });
        long first = last / (closely ? 1 : Track.STEPS_IN_ROUGH) - shown + 1;
        return new View(Instant.ofEpochMilli(first * length.toMillis()), length, series);
    }
}
