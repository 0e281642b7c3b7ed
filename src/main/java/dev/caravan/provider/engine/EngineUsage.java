package dev.caravan.provider.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.transport.DockerHttpClient.Request.Method;
import dev.caravan.function.FunctionName;
import dev.caravan.function.Usage;
import dev.caravan.provider.DeployedFunctions;
import dev.caravan.provider.ProviderException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What containers take of the machine, as their engine counts it: processor time since it was asked before, and when it
 * is asked for the first time, since they started. For any thread.
 */
final class EngineUsage {

    /** Whoever asks waits no longer; what was not told by then is unknown. */
    private static final Duration LIMIT = Duration.ofMillis(500);

    /** A shorter while says little, and an engine has other work. */
    private static final long FRESH = Duration.ofSeconds(1).toNanos();

    private static final long FORGOTTEN = Duration.ofMinutes(10).toNanos();
    private static final int AT_ONCE = 8;

    private static final Logger LOG = LoggerFactory.getLogger(EngineUsage.class);

    /** @param cpuNanos processor time since the start; @param readAt by {@link System#nanoTime} */
    private record Sample(long cpuNanos, long readAt, double millicores, long memoryBytes) {}

    private final EngineConnection connection;
    private final Executor threads;
    private final InstantSource clock;
    private final Map<String, Sample> samples = new ConcurrentHashMap<>();

    EngineUsage(EngineConnection connection, Executor threads, InstantSource clock) {
        this.connection = connection;
        this.clock = clock;
        this.threads = threads;
    }

    /** What these functions take, without those of which something is not known. */
    Map<FunctionName, Usage> of(
            DeployedFunctions<? extends EngineFunction<?>> functions, Collection<FunctionName> names) {
        Map<FunctionName, List<String>> containers = new HashMap<>();
        functions.byName().forEach((name, function) -> {
            if (names.contains(name)) {
                function.containers().ifPresent(ids -> containers.put(name, ids));
            }
        });
        long now = System.nanoTime();
        samples.values().removeIf(sample -> now - sample.readAt() > FORGOTTEN);
        read(containers.values().stream().flatMap(List::stream).distinct().toList(), now);
        var usage = new HashMap<FunctionName, Usage>();
        containers.forEach((name, ids) -> {
            List<Sample> known = ids.stream()
                    .flatMap(id -> Stream.ofNullable(samples.get(id)))
                    .filter(sample -> now - sample.readAt() < FRESH)
                    .toList();
            if (known.size() == ids.size()) {
                double millicores =
                        known.stream().mapToDouble(Sample::millicores).sum();
                long memory = known.stream().mapToLong(Sample::memoryBytes).sum();
                usage.put(name, new Usage(Math.round(millicores * 1_000) / 1_000.0, memory));
            }
        });
        return usage;
    }

    private void read(List<String> containers, long begin) {
        var next = new AtomicInteger();
        Stream<CompletableFuture<Void>> lanes = IntStream.range(0, Math.min(AT_ONCE, containers.size()))
                .mapToObj(lane -> CompletableFuture.runAsync(
                        () -> {
                            int index;
                            while ((index = next.getAndIncrement()) < containers.size()
                                    && System.nanoTime() - begin < LIMIT.toNanos()) {
                                read(containers.get(index));
                            }
                        },
                        threads));
        try {
            CompletableFuture.allOf(lanes.toArray(CompletableFuture[]::new))
                    .get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.debug("not all containers told what they use", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void read(String container) {
        Sample before = samples.get(container);
        if (before != null && System.nanoTime() - before.readAt() < FRESH) {
            return;
        }
        try {
            JsonNode stats = connection
                    .send(Method.GET, "/containers/" + container + "/stats?stream=false&one-shot=true", null, null)
                    .json();
            JsonNode cpu = stats.path("cpu_stats").path("cpu_usage").path("total_usage");
            if (cpu.isMissingNode()) {
                return;
            }
            long now = System.nanoTime();
            double millicores = before != null
                    ? 1_000.0 * (cpu.asLong() - before.cpuNanos()) / (now - before.readAt())
                    : age(container)
                            .map(age -> 1_000.0 * cpu.asLong() / age.toNanos())
                            .orElse(0.0);
            samples.put(container, new Sample(cpu.asLong(), now, Math.max(0, millicores), memory(stats)));
        } catch (ProviderException e) {
            LOG.debug("container {} does not tell what it uses", container, e);
        }
    }

    private Optional<Duration> age(String container) {
        JsonNode started = connection
                .send(Method.GET, "/containers/" + container + "/json", null, null)
                .json()
                .path("State")
                .path("StartedAt");
        try {
            Duration age = Duration.between(Instant.parse(started.asText()), clock.instant());
            return age.isNegative() || age.isZero() ? Optional.empty() : Optional.of(age);
        } catch (DateTimeException e) {
            LOG.debug("container {} does not tell when it started", container, e);
            return Optional.empty();
        }
    }

    /** Without what the kernel keeps of files and can drop, as {@code docker stats} counts (control groups 1 and 2). */
    private static long memory(JsonNode stats) {
        JsonNode memory = stats.path("memory_stats");
        JsonNode kept = memory.path("stats").path("total_inactive_file");
        long files = kept.isMissingNode()
                ? memory.path("stats").path("inactive_file").asLong()
                : kept.asLong();
        return Math.max(0, memory.path("usage").asLong() - files);
    }
}
