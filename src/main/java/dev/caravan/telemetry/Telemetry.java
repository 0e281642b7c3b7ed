package dev.caravan.telemetry;

import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallEvents;
import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import dev.caravan.function.RequestEvents;
import dev.caravan.telemetry.History.Invocations;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what happens to calls into metrics and log lines.
 *
 * <p>The names that dashboards and alerts of the field ask for are kept to the letter (contract section 7);
 * {@code docs/reference/metrics.md} lists all. What is logged is what an operator can act on: retries and deaths, not
 * successes.
 */
public final class Telemetry implements CallEvents, RequestEvents, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Telemetry.class);

    /** Above it a function is counted among {@link FunctionMeters#OTHERS}: each name costs some 20 series. */
    private static final int MAX_FUNCTIONS = 10_000;

    private static final Duration[] COLD_START_BUCKETS = {
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofSeconds(60),
        Duration.ofSeconds(100)
    };

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics gc = new JvmGcMetrics();
    private final LevelGauges levels;
    private final int maxFunctions;
    private final FunctionMeters others = new FunctionMeters(registry, FunctionMeters.OTHERS);
    private final ConcurrentMap<FunctionName, FunctionMeters> functions = new ConcurrentHashMap<>();
    private final RequestMeters requests = new RequestMeters(registry);
    private final ConcurrentMap<String, QueueMeters> queues = new ConcurrentHashMap<>();
    private final Counter accepted = counter("caravan.calls.accepted", "Asynchronous calls accepted.");
    private final Counter replays = counter("caravan.replays", "Dead calls sent round again.");
    private final Counter duplicates =
            counter("caravan.duplicates.dropped", "Messages recognised as already settled and dropped.");
    private volatile @Nullable JobMeters jobs;
    private final Counter callbacks = counter("caravan.callbacks.delivered", "Results posted to a callback URL.");

    /** What was put onto a logical queue and what is done with. */
    private record QueueMeters(
            Counter submitted, Counter processed, Counter succeeded, Counter dead, Counter cancelled) {}

    public Telemetry(Levels levels) {
        this(levels, MAX_FUNCTIONS);
    }

    Telemetry(Levels levels, int maxFunctions) {
        this.levels = new LevelGauges(registry, levels);
        this.maxFunctions = maxFunctions;
        new JvmMemoryMetrics().bindTo(registry);
        gc.bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
    }

    /** How often a function answered or failed since the start, for {@code invocationCount} of the system API. */
    public long invocations(FunctionName function) {
        FunctionMeters meters = functions.get(function);
        return meters == null ? 0 : meters.invocations();
    }

    /** The same and more of every function that was called since the start. */
    public Map<FunctionName, Invocations> invocations() {
        var all = new HashMap<FunctionName, Invocations>();
        functions.forEach((function, meters) -> all.put(function, meters.all()));
        return all;
    }

    /** From now on metrics tell of the jobs of Resque, too. */
    public void tellOf(JobFigures figures) {
        jobs = new JobMeters(registry, figures);
    }

    /**
     * All metrics as text. Blocks for as long as {@link Levels} does.
     *
     * @param contentType {@code text/plain; version=0.0.4} or {@code application/openmetrics-text}
     */
    String scrape(String contentType) {
        levels.refresh();
        JobMeters told = jobs;
        if (told != null) {
            told.refresh();
        }
        return registry.scrape(contentType);
    }

    @Override
    public void invocationStarted(FunctionName function) {
        metersOf(function).started();
    }

    @Override
    public void invocationFinished(FunctionName function, int status, Duration took) {
        metersOf(function).finished(status, took);
    }

    @Override
    public void coldStarted(FunctionName function, Duration waited) {
        Timer.builder("caravan.cold.start")
                .description("How long calls waited for a replica.")
                .tag("function_name", metersOf(function).label())
                .serviceLevelObjectives(COLD_START_BUCKETS)
                .register(registry)
                .record(waited);
    }

    @Override
    public void accepted(Call call) {
        accepted.increment();
        queueOf(call).submitted().increment();
    }

    @Override
    public void refused(int status) {
        registry.counter("caravan.calls.refused", "status", Integer.toString(status))
                .increment();
    }

    @Override
    public void duplicateDropped(Call call) {
        duplicates.increment();
        LOG.debug("duplicate dropped call={} function={} attempt={}", call.id(), call.function(), call.attempt());
    }

    @Override
    public void cancelled(CallId call, FunctionName function, String queue, int generation, int attempt) {
        queueOf(queue).cancelled().increment();
        registry.counter(
                        "caravan.calls.cancelled",
                        "function_name",
                        metersOf(function).label())
                .increment();
        LOG.info("call cancelled call={} function={}", call, function);
    }

    @Override
    public void cancelledDropped(Call call) {
        queueOf(call).processed().increment();
    }

    @Override
    public void retried(Call call, Attempt failed, Duration delay) {
        QueueMeters queue = queueOf(call);
        queue.processed().increment();
        queue.submitted().increment();
        measure(call, failed);
        metersOf(call.function()).retried();
        registry.counter("caravan.retries", "function_name", labelOf(call)).increment();
        LOG.info(
                "call retried call={} function={} attempt={} status={} delay={}ms error={}",
                call.id(),
                call.function(),
                failed.number(),
                failed.statusCode(),
                delay.toMillis(),
                oneLine(failed.error()));
    }

    @Override
    public void putOff(Call call, Duration delay) {
        QueueMeters queue = queueOf(call);
        queue.processed().increment();
        queue.submitted().increment();
        registry.counter("caravan.retries.put.off", "function_name", labelOf(call))
                .increment();
        LOG.debug(
                "retry put off call={} function={} attempt={} delay={}ms",
                call.id(),
                call.function(),
                call.attempt(),
                delay.toMillis());
    }

    @Override
    public void succeeded(Call call, Attempt last) {
        QueueMeters queue = queueOf(call);
        queue.processed().increment();
        queue.succeeded().increment();
        measure(call, last);
    }

    @Override
    public void died(Call call, DeadReason reason, Attempt last) {
        QueueMeters queue = queueOf(call);
        queue.processed().increment();
        queue.dead().increment();
        measure(call, last);
        registry.counter("caravan.dead.letters", "function_name", labelOf(call), "reason", reason.code())
                .increment();
        LOG.warn(
                "call dead call={} function={} attempt={} reason={} status={} error={}",
                call.id(),
                call.function(),
                last.number(),
                reason.code(),
                last.statusCode(),
                oneLine(last.error()));
    }

    @Override
    public void replayed(Call call) {
        replays.increment();
        queueOf(call).submitted().increment();
        LOG.info(
                "call replayed call={} function={} attempt={} generation={}",
                call.id(),
                call.function(),
                call.attempt(),
                call.generation());
    }

    @Override
    public void callbackDelivered(Call call, int status) {
        callbacks.increment();
    }

    /** An invocation that another worker made counts like one of ours, as it does in OpenFaaS. */
    @Override
    public void reported(FunctionName function, int status, Duration took) {
        invocationStarted(function);
        invocationFinished(function, status, took);
    }

    @Override
    public void answered(String method, String path, int status, Duration took) {
        requests.answered(method, path, status, took);
    }

    @Override
    public void close() {
        gc.close();
        registry.close();
    }

    private void measure(Call call, Attempt done) {
        FunctionMeters meters = metersOf(call.function());
        if (done.number() == 1 && call.generation() == 1) { // when a retry or a replay was due, nobody says
            meters.waited(call.queue(), Duration.between(call.submittedAt(), done.startedAt()));
        }
        if (!done.took().isZero()) { // it was dead before it ran
            meters.ran(call.queue(), done.took());
        }
    }

    private FunctionMeters metersOf(FunctionName function) {
        FunctionMeters meters = functions.get(function);
        if (meters != null) {
            return meters;
        }
        return functions.size() >= maxFunctions
                ? others
                : functions.computeIfAbsent(function, name -> new FunctionMeters(registry, name.qualified()));
    }

    /** A message of any JMS client names any function, so this label goes through the same limit. */
    private String labelOf(Call call) {
        return metersOf(call.function()).label();
    }

    private QueueMeters queueOf(Call call) {
        return queueOf(call.queue());
    }

    private QueueMeters queueOf(String queue) {
        QueueMeters meters = queues.get(queue);
        return meters != null ? meters : queues.computeIfAbsent(queue, this::registerQueue);
    }

    private QueueMeters registerQueue(String queue) {
        return new QueueMeters(
                Counter.builder("queue.worker.messages.submitted")
                        .description("Messages put onto a queue: accepted, retried, put off and replayed calls.")
                        .tag("queue_name", queue)
                        .register(registry),
                Counter.builder("queue.worker.messages.processed")
                        .description(
                                "Messages done with: of calls that succeeded, are retried, put off, dead or cancelled.")
                        .tag("queue_name", queue)
                        .register(registry),
                finished(queue, CallState.SUCCEEDED),
                finished(queue, CallState.DEAD),
                finished(queue, CallState.CANCELLED));
    }

    private Counter finished(String queue, CallState state) {
        return Counter.builder("caravan.calls.finished")
                .description("Calls that are over, by how they ended.")
                .tags("queue", queue, "state", state.word())
                .register(registry);
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    /** What a function said must not look like a log line of ours. */
    private static String oneLine(@Nullable String text) {
        return text == null ? "-" : text.replaceAll("\\p{Cntrl}+", " ");
    }
}
