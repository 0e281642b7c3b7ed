package dev.caravan.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Requests at the HTTP edge, under the names of a gateway and, below {@code /system}, also of a provider: Caravan is both
 * (contract section 7).
 */
final class RequestMeters {

    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT");

    private record Key(String method, String path, int status) {}

    private record Meters(Counter total, Timer seconds) {

        void answered(Duration took) {
            total.increment();
            seconds.record(took);
        }
    }

    private final MeterRegistry registry;
    private final ConcurrentMap<Key, List<Meters>> requests = new ConcurrentHashMap<>();

    RequestMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    void answered(String method, String path, int status, Duration took) {
        // Some routes take any verb, and anybody may invent some.
        var key = new Key(METHODS.contains(method) ? method : "OTHER", path, status);
        requests.computeIfAbsent(key, this::register).forEach(meters -> meters.answered(took));
    }

    private List<Meters> register(Key key) {
        Meters gateway = register("http", "status", key);
        return key.path().startsWith("/system/")
                ? List.of(gateway, register("provider.http", "code", key))
                : List.of(gateway);
    }

    private Meters register(String prefix, String statusLabel, Key key) {
        String[] labels = {"method", key.method(), "path", key.path(), statusLabel, Integer.toString(key.status())};
        return new Meters(
                Counter.builder(prefix + ".requests")
                        .description("Requests that were answered.")
                        .tags(labels)
                        .register(registry),
                Timer.builder(prefix + ".request.duration")
                        .description("How long they took.")
                        .tags(labels)
                        .serviceLevelObjectives(FunctionMeters.BUCKETS)
                        .register(registry));
    }
}
