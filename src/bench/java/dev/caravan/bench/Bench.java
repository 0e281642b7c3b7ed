package dev.caravan.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Measures Caravan against baselines on the same machine in the same run, in turns: an nginx that forwards, for
 * synchronous calls; bare JMS loops, for asynchronous ones; a container, called directly. Prints a table and writes {@code target/bench.json}.
 */
final class Bench {

    private static final List<String> SECTIONS = List.of(
            "sync", "accept", "finish", "pickup", "start", "rate", "restart", "letters", "fork", "image", "resque",
            "docker");
    private static final List<Integer> CONNECTIONS = List.of(32, 64);
    private static final String ALL_ROLES = "gateway,worker,outcome,scaling,bridge,triggers";
    private static final int BODY = 1_024;
    private static final int QUEUED = 100_000;
    private static final int SENDERS = 64;
    private static final int CONSUMERS = 50;
    /** Of what the bare loop finishes: a rate that Caravan must hold without falling behind. */
    private static final double KEPT_UP = 0.2;

    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(5);

    private final Path folder;
    private final Duration length = Duration.ofSeconds(setting("BENCH_SECONDS", 10));
    private final Duration warmUp = Duration.ofSeconds(setting("BENCH_WARMUP", 40));
    private final int rounds = setting("BENCH_ROUNDS", 3);
    private final boolean withCaravan = !"true".equals(System.getenv("BENCH_BASELINES_ONLY"));
    private final Report report = new Report();
    private int servers;

    private Bench(Path folder) {
        this.folder = folder;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Set<String> chosen = Set.copyOf(args.length == 0 ? SECTIONS : List.of(args));
        if (!SECTIONS.containsAll(chosen)) {
            System.err.println("bench: sections are " + String.join(", ", SECTIONS) + ", got: " + chosen);
            System.exit(2);
        }
        // Below target, which is on the disk that a journal would be on; /tmp may be memory.
        Path parent = Files.createDirectories(Path.of("target", "bench").toAbsolutePath());
        String disk = Files.getFileStore(parent).type();
        if (disk.equals("tmpfs") || disk.equals("ramfs")) {
            System.err.println("bench: " + parent + " is " + disk + "; a journal in memory measures nothing");
            System.exit(1);
        }
        Path folder = Files.createTempDirectory(parent, "run-");
        // Also when it is interrupted.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> cleanUp(folder)));
        try {
            new Bench(folder).run(chosen, disk);
        } catch (IOException e) {
            System.err.println("bench: " + e.getMessage());
            System.exit(1);
        }
    }

    private void run(Set<String> chosen, String disk) throws IOException, InterruptedException {
        describe(disk);
        if (chosen.contains("sync")) {
            sync();
        }
        if (chosen.contains("accept")) {
            accept();
        }
        if (chosen.contains("finish")) {
            finish();
        }
        if (chosen.contains("pickup") && withCaravan) {
            pickUp();
        }
        if (chosen.contains("start") && withCaravan) {
            start();
        }
        if (chosen.contains("rate") && withCaravan) {
            try (Caravan caravan = caravan(ALL_ROLES)) {
                new Rates(folder, caravan, report).measure();
            }
        }
        if (chosen.contains("restart") && withCaravan) {
            restart();
        }
        if (chosen.contains("letters") && withCaravan) {
            try (Caravan caravan = caravan(ALL_ROLES)) {
                new Letters(caravan).measure(report);
            }
        }
        if (chosen.contains("fork")) {
            new Watchdogs(folder, report).fork(rounds);
        }
        if (chosen.contains("image") && withCaravan) {
            new Watchdogs(folder, report).image();
        }
        if (chosen.contains("resque") && withCaravan) {
            resque();
        }
        if (chosen.contains("docker") && withCaravan) {
            try (Docker docker = new Docker(folder, report)) {
                docker.measure(rounds, warmUp, length);
            }
        }
        System.out.println();
        report.print(System.out);
        report.write(Path.of("target", "bench.json"));
    }

    private void describe(String disk) {
        report.note("processors", Runtime.getRuntime().availableProcessors());
        report.note("java", System.getProperty("java.version"));
        report.note("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        report.note("disk", disk);
        report.note(
                "measured",
                rounds + " rounds of " + length.toSeconds() + " s in turns, after " + warmUp.toSeconds()
                        + " s of load that do not count");
    }

    /** Requests to a function that answers a constant, through nginx and through Caravan. */
    private void sync() throws IOException, InterruptedException {
        List<Integer> ports = Http.freePorts(2);
        try (var nginx = new Nginx(folder, ports.get(0), ports.get(1));
                Caravan caravan = withCaravan ? caravan(ALL_ROLES) : null) {
            for (int round = 1; round <= rounds; round++) {
                for (int connections : CONNECTIONS) {
                    String title = "synchronous call, " + connections + " connections";
                    progress(title, round);
                    Wrk.get(nginx.url(), connections, warmUp);
                    Wrk baseline = Wrk.get(nginx.url(), connections, length);
                    report.baseline(title, "calls/s", "", baseline.perSecond());
                    report.baseline(title, "p50", "ms", baseline.p50());
                    report.baseline(title, "p99", "ms", baseline.p99());
                    if (caravan != null) {
                        String url = caravan.url("/function/bench");
                        Wrk.get(url, connections, warmUp);
                        record(title, "calls/s", Wrk.get(url, connections, length));
                    }
                }
            }
            if (caravan != null) {
                report.caravan(
                        "memory",
                        "resident after synchronous load, heap " + caravan.heap(),
                        "MiB",
                        caravan.residentMemory());
            }
        }
    }

    /** Calls taken in while no worker runs, and persistent messages sent to a bare broker, in turns. */
    private void accept() throws IOException, InterruptedException {
        String title = "asynchronous call accepted, " + SENDERS + " connections";
        try (var loops = new BareJms(folder.resolve("jms-accept"), SENDERS, 0, BODY);
                Caravan caravan = withCaravan ? caravan("gateway") : null) {
            loops.measure(warmUp);
            if (caravan != null) {
                Wrk.post(caravan.url("/async-function/bench"), SENDERS, warmUp, BODY);
            }
            for (int round = 1; round <= rounds; round++) {
                progress(title, round);
                report(title, "accepted/s", loops.measure(length));
                if (caravan != null) {
                    record(title, "accepted/s", Wrk.post(caravan.url("/async-function/bench"), SENDERS, length, BODY));
                }
            }
        }
    }

    /** From the first call accepted to the last one finished, and messages through a bare broker, in turns. */
    private void finish() throws IOException, InterruptedException {
        String title = "asynchronous call finished, " + SENDERS + " connections";
        try (var loops = new BareJms(folder.resolve("jms-finish"), SENDERS, CONSUMERS, BODY);
                Caravan caravan = withCaravan ? caravan(ALL_ROLES) : null) {
            loops.measure(warmUp);
            if (caravan != null) {
                Wrk.post(caravan.url("/async-function/bench"), SENDERS, warmUp, BODY);
                awaitAllFinished(caravan);
            }
            for (int round = 1; round <= rounds; round++) {
                progress(title, round);
                BareJms.Result baseline = loops.measure(length);
                report(title, "finished/s", baseline);
                if (caravan != null) {
                    finish(caravan, title);
                    keepUp(caravan, baseline.perSecond() * KEPT_UP);
                }
            }
        }
    }

    private void finish(Caravan caravan, String title) throws IOException, InterruptedException {
        long before = caravan.succeeded();
        long begin = System.nanoTime();
        Wrk seen = Wrk.post(caravan.url("/async-function/bench"), SENDERS, length, BODY);
        long behind = caravan.unfinished();
        awaitAllFinished(caravan);
        double seconds = (System.nanoTime() - begin) / 1e9;
        report.caravan(title, "finished/s", "", (caravan.succeeded() - before) / seconds);
        report.caravan(title, "p50", "ms", seen.p50());
        report.caravan(title, "p99", "ms", seen.p99());
        report.caravan(title, "accepted/s meanwhile", "", seen.perSecond());
        report.caravan(title, "not yet finished when the load ended", "", behind);
        report.caravan(title, "refused", "", seen.refused());
        report.caravan(
                "memory", "resident after asynchronous load, heap " + caravan.heap(), "MiB", caravan.residentMemory());
    }

    /** Calls that come at a steady rate, and how many of them are under way: a growing number is falling behind. */
    private void keepUp(Caravan caravan, double perSecond) throws IOException, InterruptedException {
        String title = String.format(Locale.ROOT, "asynchronous calls, %.0f %% of the loop's rate", KEPT_UP * 100);
        long before = caravan.succeeded();
        var load = CompletableFuture.supplyAsync(() -> {
            try {
                return Paced.post(
                        caravan.url("/async-function/bench"), SENDERS, perSecond, length.multipliedBy(2), BODY);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        });
        long most = 0;
        while (!load.isDone()) {
            most = Math.max(most, caravan.unfinished());
            Thread.sleep(200);
        }
        long behind = caravan.unfinished();
        Paced.Result seen = load.join();
        awaitAllFinished(caravan);
        report.caravan(title, "asked for/s", "", perSecond);
        report.caravan(title, "accepted/s", "", seen.perSecond());
        report.caravan(title, "accept p50", "ms", seen.p50());
        report.caravan(title, "accept p99", "ms", seen.p99());
        report.caravan(title, "refused", "", seen.refused());
        report.caravan(title, "not yet finished, at most", "", most);
        report.caravan(title, "not yet finished when the load ended", "", behind);
        report.caravan(title, "finished of all", "", caravan.succeeded() - before);
    }

    private static void awaitAllFinished(Caravan caravan) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + DRAIN_LIMIT.toNanos();
        while (caravan.unfinished() > 0) {
            if (System.nanoTime() > deadline) {
                throw new IOException(caravan.unfinished() + " calls did not finish within " + DRAIN_LIMIT);
            }
            Thread.sleep(50);
        }
    }

    /** One call at a time of a server that has nothing else to do. */
    private void pickUp() throws IOException, InterruptedException {
        String title = "asynchronous call begun, server idle";
        try (Caravan caravan = caravan(ALL_ROLES);
                Pickup pickup = new Pickup(caravan, caravan.password())) {
            pickup.measure(warmUp, PAUSE.dividedBy(10));
            for (int round = 1; round <= rounds; round++) {
                progress(title, round);
                Pickup.Result seen = pickup.measure(length.multipliedBy(3), PAUSE);
                report.caravan(title, "calls", "", seen.calls());
                report.caravan(title, "p50", "ms", seen.p50());
                report.caravan(title, "p99", "ms", seen.p99());
                report.caravan(title, "longest", "ms", seen.longest());
            }
        }
    }

    /** From the command to the first answer, and what it then holds in memory. */
    private void start() throws IOException, InterruptedException {
        for (int round = 1; round <= rounds + 2; round++) {
            progress("start", round);
            try (Caravan caravan = caravan(ALL_ROLES)) {
                report.caravan(
                        "start",
                        "./caravan up to the first answer",
                        "ms",
                        caravan.started().toMillis());
                if (round == 1) {
                    Thread.sleep(10_000);
                    report.caravan(
                            "memory",
                            "resident idle after 10 s, heap " + caravan.heap(),
                            "MiB",
                            caravan.residentMemory());
                }
            }
        }
    }

    /** Killed while its queue is paused and holds {@value #QUEUED} calls: when it is there again, and what it still has. */
    private void restart() throws IOException, InterruptedException {
        String title = String.format(Locale.ROOT, "kill -9 with %,d calls queued", QUEUED);
        progress(title);
        try (Caravan caravan = caravan(ALL_ROLES)) {
            caravan.system("POST", "/system/queues/faas-request/pause", "");
            while (caravan.unfinished() < QUEUED) {
                Wrk.post(caravan.url("/async-function/bench"), SENDERS, PAUSE.multipliedBy(20), BODY);
            }
            long accepted = caravan.unfinished();
            Duration ready = caravan.restartAfterKill("/system/calls?limit=50");
            report.caravan(title, "until healthy, with a first page of calls", "ms", ready.toMillis());
            report.caravan(title, "accepted before", "", accepted);
            report.caravan(title, "queued after", "", caravan.unfinished());
            caravan.system("POST", "/system/queues/faas-request/resume", "");
            awaitAllFinished(caravan);
            report.caravan(title, "succeeded in the end", "", caravan.succeeded());
        }
    }

    private void resque() throws IOException, InterruptedException {
        try (var jobs = new Jobs(folder)) {
            jobs.measure(report, rounds);
        }
    }

    private void report(String title, String quantity, BareJms.Result baseline) {
        report.baseline(title, quantity, "", baseline.perSecond());
        report.baseline(title, "p50", "ms", baseline.p50());
        report.baseline(title, "p99", "ms", baseline.p99());
    }

    private void record(String title, String quantity, Wrk seen) {
        report.caravan(title, quantity, "", seen.perSecond());
        report.caravan(title, "p50", "ms", seen.p50());
        report.caravan(title, "p99", "ms", seen.p99());
        report.caravan(title, "refused or broken", "", seen.refused() + seen.broken());
    }

    private Caravan caravan(String roles) throws IOException, InterruptedException {
        servers++;
        return new Caravan(folder, "caravan-" + servers, roles);
    }

    private static void progress(String what, int round) {
        progress(what + ", round " + round);
    }

    /** For who waits at the terminal; the report comes at the end. */
    static void progress(String what) {
        System.out.println("bench: " + what);
    }

    private static int setting(String name, int defaultValue) {
        String text = System.getenv(name);
        return text == null || text.isBlank() ? defaultValue : Integer.parseInt(text.strip());
    }

    /** Ends what this run started and is still there, then removes its folder. */
    private static void cleanUp(Path folder) {
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroy);
        ProcessHandle.current().descendants().forEach(Bench::awaitEnd);
        endLeftBehind(folder);
        remove(folder);
    }

    private static void remove(Path folder) {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.err.println("bench: " + folder + " could not be removed: " + e);
        }
    }

    private static void awaitEnd(ProcessHandle child) {
        try {
            child.onExit().get(45, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            System.err.println("bench: process " + child.pid() + " did not stop and is killed");
            child.destroyForcibly();
        }
    }

    /** An nginx whose parent was killed is nobody's child; its pid file in our folder and its command line tell. */
    private static void endLeftBehind(Path folder) {
        try (var files = Files.newDirectoryStream(folder, "nginx-*.pid")) {
            for (Path file : files) {
                long pid = Long.parseLong(Files.readString(file).strip());
                ProcessHandle.of(pid)
                        .filter(nginx -> nginx.info().commandLine().orElse("").contains(folder.toString()))
                        .ifPresent(ProcessHandle::destroy);
            }
        } catch (IOException | NumberFormatException e) {
            System.err.println("bench: cannot look for what was left behind in " + folder + ": " + e);
        }
    }
}
