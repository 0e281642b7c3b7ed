package dev.caravan.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** What is given of a rate that is asked for: of calls to a function that has a limit, and of a bulk replay. */
final class Rates {

    private static final List<Integer> LIMITS = List.of(50, 200);
    private static final int SECONDS = 20;
    private static final int REPLAYED = 10_000;
    private static final int PER_SECOND = 500;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Path folder;
    private final Caravan caravan;
    private final Report report;

    Rates(Path folder, Caravan caravan, Report report) {
        this.folder = folder;
        this.caravan = caravan;
        this.report = report;
    }

    void measure() throws IOException, InterruptedException {
        for (int rate : LIMITS) {
            limited(rate);
        }
        replayed();
    }

    /** A second's worth comes at once; from there on the rate counts. */
    private void limited(int rate) throws IOException, InterruptedException {
        String title = "rate limit of " + rate + "/s";
        Bench.progress(title);
        String name = "rate-" + rate;
        Path arrivals = caravan.deploy(folder, name, Map.of("dev.caravan.rate", rate + "/s"));
        int calls = rate * (SECONDS + 1);
        caravan.system("POST", "/system/queues/faas-request/pause", ""); // or they might come slower than they may go
        for (int i = 0; i < calls; i++) {
            caravan.system("POST", "/async-function/" + name, "x");
        }
        caravan.system("POST", "/system/queues/faas-request/resume", "");
        List<Double> times = awaitArrivals(arrivals, calls).subList(rate, calls);
        double seconds = times.get(times.size() - 1) - times.get(0);
        say(title, rate, (times.size() - 1) / seconds);
    }

    private void replayed() throws IOException, InterruptedException {
        String title = "bulk replay of " + REPLAYED + " at " + PER_SECOND + "/s";
        Bench.progress(title);
        Path arrivals = caravan.deploy(folder, "replayed", Map.of());
        new Letters(caravan).put(REPLAYED, "replayed", 1, Instant.now().minusSeconds(60));
        String job = caravan.system(
                        "POST",
                        "/system/dead-letters/replay",
                        "{\"filter\":{\"function\":\"replayed\"},\"ratePerSecond\":" + PER_SECOND + "}")
                .path("job")
                .asText();
        List<Double> times = awaitArrivals(arrivals, REPLAYED);
        say(title, PER_SECOND, (REPLAYED - 1) / (times.get(REPLAYED - 1) - times.get(0)));
        JsonNode done = awaitDone("/system/jobs/" + job);
        Duration took = Duration.between(
                Instant.parse(done.path("createdAt").asText()),
                Instant.parse(done.path("finishedAt").asText()));
        report.caravan(title, "as the job counts, made to finished, /s", "", REPLAYED / (took.toMillis() / 1e3));
    }

    private void say(String title, double asked, double given) {
        report.caravan(title, "asked for/s", "", asked);
        report.caravan(title, "arrived at the function/s", "", given);
        report.caravan(title, "of what was asked for, %", "", 100 * given / asked);
    }

    private static List<Double> awaitArrivals(Path file, int count) throws IOException, InterruptedException {
        List<String> lines = await(() -> Files.readAllLines(file), all -> all.size() >= count);
        return lines.stream().map(Double::valueOf).sorted().toList();
    }

    private JsonNode awaitDone(String job) throws IOException, InterruptedException {
        return await(
                () -> caravan.system("GET", job, ""),
                now -> now.path("state").asText().equals("done"));
    }

    private interface Look<T> {
        T now() throws IOException, InterruptedException;
    }

    /** Nobody tells this process, so it looks again and again; seldom enough not to be part of what is measured. */
    private static <T> T await(Look<T> look, Predicate<T> enough) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        T seen = look.now();
        while (!enough.test(seen)) {
            if (System.nanoTime() > deadline) {
                throw new IOException("not all was done within " + PATIENCE);
            }
            Thread.sleep(200);
            seen = look.now();
        }
        return seen;
    }
}
