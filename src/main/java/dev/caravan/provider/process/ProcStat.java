package dev.caravan.provider.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What {@code /proc/PID/stat} says of a process. See
 * <a href="https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html">proc_pid_stat(5)</a>.
 *
 * @param group id of its process group
 * @param startTicks when it started, in clock ticks since boot: with the id, it names a process for good
 * @param cpuTicks processor time it has used, and its children that ended and were waited for
 */
record ProcStat(char state, long group, long startTicks, long cpuTicks) {

    static final Path PROC = Path.of("/proc");

    /** Empty when there is no such process, or no {@code /proc}. */
    static Optional<ProcStat> of(String process) {
        try {
            String line = Files.readString(PROC.resolve(process).resolve("stat"), StandardCharsets.ISO_8859_1);
            // The name in parentheses may hold anything, further parentheses included.
            String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
            long cpuTicks = 0;
            for (int i = 11; i <= 14; i++) { // utime, stime, cutime, cstime
                cpuTicks += Long.parseLong(fields[i]);
            }
            return Optional.of(
                    new ProcStat(fields[0].charAt(0), Long.parseLong(fields[2]), Long.parseLong(fields[19]), cpuTicks));
        } catch (IOException e) {
            return Optional.empty(); // it ended meanwhile, or never was
        }
    }

    /** A process that has ended and waits for its parent to notice. */
    boolean isZombie() {
        return state == 'Z' || state == 'X';
    }
}
