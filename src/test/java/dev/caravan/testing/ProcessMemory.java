package dev.caravan.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** How much memory another process has, in bytes. Linux only, as the process provider's tests are. */
public final class ProcessMemory {

    private ProcessMemory() {}

    /** Resident now. */
    public static long resident(long pid) throws IOException {
        return status(pid, "VmRSS:");
    }

    /** The most that ever was resident. */
    public static long peak(long pid) throws IOException {
        return status(pid, "VmHWM:");
    }

    private static long status(long pid, String key) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
            if (line.startsWith(key)) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new IOException("no " + key + " of process " + pid);
    }

    /** Lets a JVM collect its garbage. */
    public static void collectGarbage(long pid) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(pid),
                        "GC.run")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!jcmd.waitFor(60, TimeUnit.SECONDS) || jcmd.exitValue() != 0) {
            jcmd.destroyForcibly();
            throw new IOException("jcmd " + pid + " GC.run failed");
        }
    }
}
