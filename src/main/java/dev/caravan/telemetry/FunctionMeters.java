package dev.caravan.telemetry;

import dev.caravan.telemetry.History.Invocations;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * The meters of one function, kept at hand: each invocation passes here twice, and Micrometer's builders would make and
 * compare a set of tags each time.
 */
final class FunctionMeters {

    /** The label that stands for every function above the limit of distinct names. */
    static final String OTHERS = "(others)";

    static final Duration[] BUCKETS = {
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10)
    };

    /** A call may wait for hours, and run for minutes. */
    private static final Duration[] LONG_BUCKETS = {
        Duration.ofMillis(5),
        Duration.ofMillis(25),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5),
        Duration.ofMinutes(30),
        Duration.ofHours(2)
    };

    /** What a queue's calls of one function wait and take. */
    private record Queued(Timer waited, Timer ran) {}

    /** All meters of one function and one status. */
    private record PerCode(Counter total, Timer seconds) {}

    private final MeterRegistry registry;
    private final String label;
    private final LongAdder started = new LongAdder();
    private final LongAdder finished = new LongAdder();
    private final LongAdder retried = new LongAdder();
    private final TimeBuckets runTimes = new TimeBuckets();
    private final TimeBuckets waitTimes = new TimeBuckets();
    private final ConcurrentMap<Integer, PerCode> codes = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Queued> queues = new ConcurrentHashMap<>();

    FunctionMeters(MeterRegistry registry, String label) {
        this.registry = registry;
        this.label = label;
        // Gauges, although both only rise and one is a counter by nature: today's Prometheus client ends every
        // counter's name in _total, and the name that dashboards know has no such end. rate() asks for no type.
        Gauge.builder("gateway_function_invocation_started", started, LongAdder::sum)
                .description("Invocations that began.")
                .tag("function_name", label)
                .strongReference(true)
                .register(registry);
        Gauge.builder("gateway_function_invocation_inflight", this, FunctionMeters::inflight)
                .description("Invocations that run now.")
                .tag("function_name", label)
                .strongReference(true)
                .register(registry);
    }

    String label() {
        return label;
    }

    void started() {
        started.increment();
    }

    void finished(int status, Duration took) {
        finished.increment();
        PerCode meters = codes.get(status);
        if (meters == null) {
            meters = codes.computeIfAbsent(status, this::register);
        }
        meters.total().increment();
        meters.seconds().record(took);
        runTimes.add(took);
    }

    /** An attempt of a call that came from a queue failed, and another will follow. */
    void retried() {
        retried.increment();
    }

    /** A call was taken from its queue for the first time. */
    void waited(String queue, Duration wait) {
        queued(queue).waited().record(wait);
        waitTimes.add(wait);
    }

    /** An attempt of a call that came from a queue is over. */
    void ran(String queue, Duration took) {
        queued(queue).ran().record(took);
    }

    private Queued queued(String queue) {
        Queued known = queues.get(queue);
        return known != null ? known : queues.computeIfAbsent(queue, this::register);
    }

    private Queued register(String queue) {
        return new Queued(
                timer("caravan.call.wait", "From a call's acceptance until a worker took it.", queue),
                timer("caravan.call.run", "How long the attempts of calls took.", queue));
    }

    private Timer timer(String name, String description, String queue) {
        return Timer.builder(name)
                .description(description)
                .tags("queue_name", queue, "function_name", label)
                .serviceLevelObjectives(LONG_BUCKETS)
                .register(registry);
    }

    /** How many came back, whatever their status. */
    long invocations() {
        return finished.sum();
    }

    /** Those that did not end well, as far as anybody can tell by the status. */
    private long failures() {
        return codes.entrySet().stream()
                .filter(code -> code.getKey() < 200 || code.getKey() >= 400)
                .mapToLong(code -> (long) code.getValue().total().count())
                .sum();
    }

    /** What the history of this function is made of. */
    Invocations all() {
        return new Invocations(invocations(), failures(), retried.sum(), runTimes, waitTimes);
    }

    private double inflight() {
        // Finished first: a call that begins and ends between the two reads must not make it negative.
        long done = finished.sum();
        return Math.max(0, started.sum() - done);
    }

    private PerCode register(int status) {
        String code = Integer.toString(status);
        return new PerCode(
                Counter.builder("gateway_function_invocation")
                        .description("Invocations that came back, by status.")
                        .tags("function_name", label, "code", code)
                        .register(registry),
                Timer.builder("gateway_functions")
                        .description("How long invocations took.")
                        .tags("function_name", label, "code", code)
                        .serviceLevelObjectives(BUCKETS)
                        .register(registry));
    }
}
