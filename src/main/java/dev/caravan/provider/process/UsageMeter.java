package dev.caravan.provider.process;

import dev.caravan.function.FunctionName;
import dev.caravan.function.Usage;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Makes a function's {@link Usage} of what its process groups have used so far: processor time since it was last asked,
 * and when it is asked for the first time, since they started. For any thread.
 */
final class UsageMeter {

    /** The kernel counts in hundredths of a second, so a shorter while says nothing. */
    private static final long SHORTEST = Duration.ofSeconds(1).toNanos();

    private Map<Long, Long> ticks = Map.of();
    private long readAt;
    private double millicores = -1;

    /**
     * What these functions take of the machine now.
     *
     * @return nothing where there is no {@code /proc}
     */
    static Map<FunctionName, Usage> of(Map<FunctionName, ProcessFunction> functions) {
        var groups = new HashMap<FunctionName, Set<Long>>();
        functions.forEach((name, function) -> groups.put(name, function.groups()));
        Set<Long> all = groups.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
        Map<Long, GroupUse> use = GroupUse.of(all).orElse(null);
        double uptime = GroupUse.uptime();
        if (use == null || uptime <= 0) {
            return Map.of();
        }
        long now = System.nanoTime();
        var usage = new HashMap<FunctionName, Usage>();
        functions.forEach((name, function) -> {
            var own = new HashMap<>(use);
            own.keySet().retainAll(groups.getOrDefault(name, Set.of()));
            usage.put(name, function.usage().read(own, now, uptime));
        });
        return usage;
    }

    /**
     * @param groups the function's that run
     * @param now of {@link System#nanoTime}
     * @param uptime of the machine in seconds
     */
    synchronized Usage read(Map<Long, GroupUse> groups, long now, double uptime) {
        if (millicores < 0) {
            millicores = groups.values().stream()
                    .mapToDouble(group -> 1_000.0 * group.cpuTicks() / group.ageTicks(uptime))
                    .sum();
            keep(groups, now);
        } else if (now - readAt >= SHORTEST) {
            double seconds = (now - readAt) / 1e9;
            millicores = 1_000.0 * ticksSince(groups) / GroupUse.TICKS_PER_SECOND / seconds;
            keep(groups, now);
        }
        long resident =
                groups.values().stream().mapToLong(GroupUse::residentBytes).sum();
        return new Usage(Math.round(millicores * 1_000) / 1_000.0, resident);
    }

    private void keep(Map<Long, GroupUse> groups, long now) {
        var kept = new HashMap<Long, Long>();
        groups.forEach((group, use) -> kept.put(group, use.cpuTicks()));
        ticks = kept;
        readAt = now;
    }

    /** A group that is new has used all it has since then. */
    private long ticksSince(Map<Long, GroupUse> groups) {
        long sum = 0;
        for (Map.Entry<Long, GroupUse> group : groups.entrySet()) {
            // A process that left its parent takes its time along when it ends.
            sum += Math.max(0, group.getValue().cpuTicks() - ticks.getOrDefault(group.getKey(), 0L));
        }
        return sum;
    }
}
