package dev.caravan.provider.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a process group takes of the machine.
 *
 * @param cpuTicks processor time of its processes and of their children that ended
 * @param residentBytes memory, what they share counted for each
 * @param startTicks when the first of them started, in clock ticks since boot
 */
record GroupUse(long cpuTicks, long residentBytes, long startTicks) {

    /** The kernel counts in these towards everybody, whatever it uses itself (USER_HZ). */
    static final long TICKS_PER_SECOND = 100;

    private static final String RESIDENT = "VmRSS:";

    /**
     * Of these groups, by their ids: one look at every process of the machine.
     *
     * @return without groups that have ended; empty where there is no {@code /proc}
     */
    static Optional<Map<Long, GroupUse>> of(Set<Long> groups) {
        if (!Files.isDirectory(ProcStat.PROC.resolve("self"))) {
            return Optional.empty();
        }
        var found = new HashMap<Long, GroupUse>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(ProcStat.PROC, "[0-9]*")) {
            for (Path process : processes) {
                ProcStat.of(process.getFileName().toString())
                        .filter(stat -> groups.contains(stat.group()))
                        .ifPresent(stat -> found.merge(stat.group(), of(stat, process), GroupUse::and));
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.of(found);
    }

    /** How long the machine has been up, in seconds; 0 where nobody tells. */
    static double uptime() {
        try {
            String told = Files.readString(ProcStat.PROC.resolve("uptime"));
            return Double.parseDouble(told.split(" ")[0]);
        } catch (IOException e) {
            return 0;
        }
    }

    /** How long it has been there, in ticks; at least one. */
    long ageTicks(double uptimeSeconds) {
        return Math.max(1, (long) (uptimeSeconds * TICKS_PER_SECOND) - startTicks);
    }

    private static GroupUse of(ProcStat stat, Path process) {
        return new GroupUse(stat.cpuTicks(), residentBytes(process), stat.startTicks());
    }

    private GroupUse and(GroupUse other) {
        return new GroupUse(
                cpuTicks + other.cpuTicks, residentBytes + other.residentBytes, Math.min(startTicks, other.startTicks));
    }

    /** In {@code status} it is told in kB; elsewhere in pages, whose size differs from machine to machine. */
    private static long residentBytes(Path process) {
        try {
            for (String line : Files.readAllLines(process.resolve("status"), StandardCharsets.ISO_8859_1)) {
                if (line.startsWith(RESIDENT)) {
                    String kilobytes = line.substring(RESIDENT.length()).strip().split(" ")[0];
                    return Long.parseLong(kilobytes) * 1_024;
                }
            }
        } catch (IOException e) {
            // It has ended meanwhile, and holds nothing.
        }
        return 0;
    }
}
