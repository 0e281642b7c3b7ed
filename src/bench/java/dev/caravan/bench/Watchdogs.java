package dev.caravan.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a process for each request costs, against a loop of posix_spawn in C; and how quickly the watchdog's image starts
 * and how much memory it holds while it waits.
 */
final class Watchdogs {

    private static final String PROGRAM = "/bin/true";
    private static final int PROCESSES = 1_000;
    private static final int STARTS = 10;

    /** A Java to measure with, and the flags a server of that Java runs with. */
    private record Java(String release, Path home, List<String> flags) {}

    private final Path folder;
    private final Report report;
    private final List<Java> javas = new ArrayList<>();

    /** @param folder for what is compiled and linked */
    Watchdogs(Path folder, Report report) {
        this.folder = folder;
        this.report = report;
        javas.add(new Java(
                System.getProperty("java.specification.version"),
                Path.of(System.getProperty("java.home")),
                Runtime.version().feature() >= 22
                        ? List.of("--enable-native-access=ALL-UNNAMED")
                        : List.of("-Djdk.lang.Process.launchMechanism=VFORK")));
        String older = System.getenv("BENCH_JAVA_17");
        if (older != null && !older.isBlank() && Runtime.version().feature() > 17) {
            javas.add(new Java("17", Path.of(older), List.of("-Djdk.lang.Process.launchMechanism=VFORK")));
        }
    }

    void fork(int rounds) throws IOException, InterruptedException {
        Path cc = onPath("cc");
        if (cc == null) {
            System.err.println(
                    "bench: NO C COMPILER (cc) is on the PATH: the cost of a fork has NO BASELINE in this run;"
                            + " install gcc to compare");
        }
        Path spawn = folder.resolve("spawn");
        if (cc != null) {
            run(List.of(cc.toString(), "-O2", "-o", spawn.toString(), "src/bench/c/spawn.c"), Map.of());
        }
        for (int round = 1; round <= rounds; round++) {
            for (Java java : javas) {
                String title = "a process for a request, JDK " + java.release();
                Bench.progress(title + ", round " + round);
                if (cc != null) {
                    report.baseline(title, "median", "µs", number(spawn.toString(), "" + PROCESSES, PROGRAM));
                }
                List<String> loop = new ArrayList<>();
                loop.add(java.home().resolve("bin/java").toString());
                loop.addAll(java.flags());
                loop.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path")));
                loop.addAll(List.of("dev.caravan.watchdog.ForkLoop", "" + PROCESSES, PROGRAM));
                report.caravan(title, "median", "µs", number(loop.toArray(String[]::new)));
            }
        }
    }

    void image() throws IOException, InterruptedException {
        for (Java java : javas) {
            String title = "the watchdog's image, JDK " + java.release();
            Bench.progress(title);
            Path image = folder.resolve("image-" + java.release());
            run(
                    List.of("src/watchdog/image.sh", "target/caravan-watchdog.jar", image.toString()),
                    Map.of("JAVA_HOME", java.home().toString()));
            report.caravan(title, "on the disk", "MiB", size(image) / 1048576.0);
            for (int i = 0; i < STARTS; i++) {
                start(image, title);
            }
        }
    }

    private void start(Path image, String title) throws IOException, InterruptedException {
        List<Integer> ports = Http.freePorts(2);
        Path temporary = Files.createTempDirectory(folder, "watchdog-");
        ProcessBuilder builder = new ProcessBuilder(
                        image.resolve("bin/caravan-watchdog").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment()
                .putAll(Map.of(
                        "fprocess",
                        "cat",
                        "TMPDIR",
                        temporary.toString(),
                        "port",
                        "" + ports.get(0),
                        "metrics_port",
                        "" + ports.get(1)));
        long begin = System.nanoTime();
        Process watchdog = builder.start();
        try {
            Http.awaitAnswer("http://127.0.0.1:" + ports.get(0) + "/_/health", Duration.ofSeconds(30), watchdog);
            report.caravan(title, "start until ready", "ms", (System.nanoTime() - begin) / 1e6);
            report.caravan(title, "resident when idle", "MiB", resident(watchdog.pid()) / 1024.0);
            Http.get("http://127.0.0.1:" + ports.get(0) + "/");
            report.caravan(title, "resident after a call", "MiB", resident(watchdog.pid()) / 1024.0);
        } finally {
            watchdog.destroyForcibly().waitFor();
        }
    }

    /** In KiB. */
    private static double resident(long pid) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc", "" + pid, "status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static long size(Path image) throws IOException {
        long size = 0;
        try (Stream<Path> files = Files.walk(image)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                size += Files.size(file);
            }
        }
        return size;
    }

    private static double number(String... command) throws IOException, InterruptedException {
        return Double.parseDouble(run(List.of(command), Map.of()).strip());
    }

    private static String run(List<String> command, Map<String, String> variables)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(variables);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(command.get(0) + " failed with status " + process.exitValue());
        }
        return output;
    }

    private static Path onPath(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }
}
