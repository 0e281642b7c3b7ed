package dev.caravan.telemetry;

import dev.caravan.function.CallState;
import dev.caravan.function.FunctionName;
import dev.caravan.telemetry.Levels.FunctionState;
import dev.caravan.telemetry.Levels.QueueState;
import dev.caravan.telemetry.Track.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How queues and functions went, for those who come when something has happened already: the last hour in steps of ten
 * seconds, the last three days in steps of five minutes. In memory, and of this process alone; for more there is
 * Prometheus. For any thread.
 */
public final class History {

    private static final Logger LOG = LoggerFactory.getLogger(History.class);

    /** How often {@link #look} is to be called. */
    public static final Duration STEP = Duration.ofSeconds(10);

    /** The most that is kept. */
    public static final int HOURS = 72;

    /**
     * More of a kind are not followed. A queue takes some 45 KiB. A function takes some 80 KiB: thirteen figures of 1,224
     * steps, and four times 448 buckets for the times of the step that runs; 500 of them take 40 MiB.
     */
    static final int MOST = 500;

    private static final List<String> OF_A_QUEUE =
            List.of("depth", "running", "scheduled", "deadLetters", "accepted", "succeeded", "died");
    private static final Invocations UNCALLED = new Invocations(0, 0);

    private final Levels levels;
    private final Supplier<Map<FunctionName, Invocations>> invocations;
    private final InstantSource clock;

    // Guarded by this.
    private final Map<String, Track> queues = new TreeMap<>();
    private final Map<String, FunctionTrack> functions = new TreeMap<>();
    private Map<String, long[]> lastOfQueues = Map.of();
    private Map<String, long[]> lastOfFunctions = Map.of();
    private boolean looked;

    /**
     * How often a function was called since the start.
     *
     * @param failed those that did not end with a status from 200 to 399
     * @param retried attempts of its queued calls that were followed by another
     * @param ran how long invocations took
     * @param waited how long its calls waited in their queue until they were first taken
     */
    public record Invocations(long all, long failed, long retried, TimeBuckets ran, TimeBuckets waited) {

        /** Of a function whose times nobody measured. */
        public Invocations(long all, long failed) {
            this(all, failed, 0, new TimeBuckets(), new TimeBuckets());
        }
    }

    /**
     * What became of figures.
     *
     * @param from when the first step began
     * @param step how long each lasts
     * @param series by thing and figure: one number a step, {@code -1} where nobody looked or nothing was measured. Of
     *     how much there is, the highest; of what happened, how often
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
        Map<FunctionState, Long> queued = levels.functionCalls();
        Map<FunctionName, Double> ages = ages();
        synchronized (this) {
            long step = clock.millis() / STEP.toMillis();
            addQueues(step, calls, letters);
            addFunctions(step, called, queued, ages);
            looked = true;
        }
    }

    /** Null while nobody can say: the broker may be away, and all else is known without it. */
    private @Nullable Map<FunctionName, Double> ages() {
        try {
            return levels.functionAges();
        } catch (RuntimeException e) {
            LOG.debug("how old calls are is not known for now", e);
            return null;
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

    private void addFunctions(
            long step,
            Map<FunctionName, Invocations> called,
            Map<FunctionState, Long> queued,
            @Nullable Map<FunctionName, Double> ages) {
        var calls = new HashMap<FunctionName, long[]>(); // accepted, finished, waiting
        queued.forEach((part, count) -> {
            long[] counts = calls.computeIfAbsent(part.function(), function -> new long[3]);
            counts[0] += count;
            counts[1] += level(part.state()) < 0 ? count : 0;
            counts[2] += part.state() == CallState.QUEUED ? count : 0;
        });
        var all = new HashSet<>(called.keySet());
        all.addAll(calls.keySet());
        var now = new HashMap<String, long[]>();
        for (FunctionName function : all) {
            Invocations count = called.getOrDefault(function, UNCALLED);
            long[] call = calls.getOrDefault(function, new long[3]);
            long[] flows = {count.all(), count.failed(), call[0], call[1], count.retried()};
            String name = function.toString();
            now.put(name, flows);
            int[] counted = Arrays.copyOf(since(lastOfFunctions.get(name), flows), FunctionTrack.COUNTED);
            counted[5] = capped(call[2]);
            counted[6] = age(ages, function, call[2]);
            // The ledger may know functions that are long gone.
            if (functions.containsKey(name) || count != UNCALLED || call[2] > 0) {
                functionTrack(name, step).add(step, counted, count.ran(), count.waited());
            }
        }
        lastOfFunctions = now;
    }

    private static int age(@Nullable Map<FunctionName, Double> ages, FunctionName function, long waiting) {
        if (ages == null || waiting > 0 && !ages.containsKey(function)) {
            return Track.UNKNOWN;
        }
        return millis(ages.getOrDefault(function, 0.0));
    }

    private static int millis(double seconds) {
        return (int) Math.min(Integer.MAX_VALUE, seconds * 1_000);
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
        return track(tracks, name, step, track -> track, () -> new Track(kinds));
    }

    private FunctionTrack functionTrack(String name, long step) {
        return track(functions, name, step, one -> one.track, FunctionTrack::new);
    }

    private static <T> T track(
            Map<String, T> tracks, String name, long step, Function<T, Track> figures, Supplier<T> maker) {
        T known = tracks.get(name);
        if (known != null) {
            return known;
        }
        tracks.values().removeIf(track -> figures.apply(track).isForgotten(step));
        T fresh = maker.get();
        if (tracks.size() < MOST) {
            tracks.put(name, fresh);
        }
        return fresh;
    }

    /**
     * Which figures are asked for.
     *
     * @param hours up to {@value #HOURS}; up to one is shown closely
     * @param name of the only queue, or the only function as {@code NAME.NAMESPACE}; empty for all
     * @param figures only these; none for all
     */
    public record Question(int hours, String name, Set<String> figures) {

        /** All that is known. */
        public static Question all(int hours) {
            return new Question(hours, "", Set.of());
        }

        private boolean isAbout(String thing) {
            return name.isEmpty() || name.equals(thing);
        }

        private boolean wants(String figure) {
            return figures.isEmpty() || figures.contains(figure);
        }
    }

    /** How the logical queues went. */
    public synchronized View queues(Question question) {
        return view(queues, track -> track, OF_A_QUEUE, question);
    }

    /** How the functions went, by {@code NAME.NAMESPACE}. */
    public synchronized View functions(Question question) {
        return view(functions, one -> one.track, FunctionTrack.FIGURES, question);
    }

    private <T> View view(
            Map<String, T> tracks, Function<T, Track> figuresOf, List<String> figures, Question question) {
        boolean closely = question.hours() <= 1;
        Duration length = closely ? STEP : STEP.multipliedBy(Track.STEPS_IN_ROUGH);
        long last = clock.millis() / STEP.toMillis();
        int shown = (int) (Duration.ofHours(question.hours()).toMillis() / length.toMillis());
        var series = new LinkedHashMap<String, Map<String, int[]>>();
        tracks.forEach((name, one) -> {
            if (question.isAbout(name)) {
                series.put(name, series(figuresOf.apply(one), figures, question, last, shown));
            }
        });
        long first = last / (closely ? 1 : Track.STEPS_IN_ROUGH) - shown + 1;
        return new View(Instant.ofEpochMilli(first * length.toMillis()), length, series);
    }

    private static Map<String, int[]> series(
            Track track, List<String> figures, Question question, long last, int shown) {
        var series = new LinkedHashMap<String, int[]>();
        for (int i = 0; i < figures.size(); i++) {
            if (question.wants(figures.get(i))) {
                int[] all = question.hours() <= 1 ? track.close(i, last) : track.rough(i, last);
                series.put(figures.get(i), Arrays.copyOfRange(all, all.length - shown, all.length));
            }
        }
        return series;
    }

    /** All figures that there are of queues. */
    public static Set<String> figuresOfQueues() {
        return Set.copyOf(OF_A_QUEUE);
    }

    /** Likewise of functions. */
    public static Set<String> figuresOfFunctions() {
        return Set.copyOf(FunctionTrack.FIGURES);
    }
}
