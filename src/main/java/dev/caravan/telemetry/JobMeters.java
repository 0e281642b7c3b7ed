package dev.caravan.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** The metrics of the bridge to Resque; there only where there is one. */
final class JobMeters {

    private final JobFigures figures;
    private final MultiGauge depths;

    JobMeters(MeterRegistry registry, JobFigures figures) {
        this.figures = figures;
        counter(registry, "caravan.resque.jobs.taken", "Jobs taken from Resque's queues.", figures.taken());
        counter(
                registry,
                "caravan.resque.jobs.processed",
                "Jobs of Resque's that are over, however they ended.",
                figures.processed());
        counter(registry, "caravan.resque.jobs.failed", "Jobs of Resque's that failed.", figures.failed());
        Gauge.builder("caravan_resque_jobs_running", figures.running()::getAsLong)
                .description("Jobs of Resque's that a route is at.")
                .register(registry);
        depths = MultiGauge.builder("caravan_resque_queue_depth")
                .description("Jobs that wait on a queue of Resque's.")
                .register(registry);
    }

    private static void counter(MeterRegistry registry, String name, String description, LongSupplier count) {
        FunctionCounter.builder(name, count, LongSupplier::getAsLong)
                .description(description)
                .register(registry);
    }

    /** Queues come and go. */
    void refresh() {
        List<MultiGauge.Row<?>> rows = figures.depths().get().entrySet().stream()
                .map(queue -> MultiGauge.Row.of(Tags.of("queue", queue.getKey()), queue.getValue()))
                .collect(Collectors.toList());
        depths.register(rows, true);
    }
}
