package dev.caravan.telemetry;

import dev.caravan.function.FunctionName;
import dev.caravan.function.TargetLoad;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gauges whose rows come and go with functions and queues; read anew for each scrape. */
final class LevelGauges {

    private static final Logger LOG = LoggerFactory.getLogger(LevelGauges.class);

    private final MeterRegistry registry;
    private final Levels levels;
    private final MultiGauge wanted;
    private final MultiGauge ready;
    private final MultiGauge minimum;
    private final MultiGauge target;
    private final MultiGauge pending;
    private final MultiGauge running;
    private final MultiGauge oldest;
    private final MultiGauge calls;
    private final MultiGauge deadLetters;
    private final MultiGauge limits;
    private final MultiGauge held;

    LevelGauges(MeterRegistry registry, Levels levels) {
        this.registry = registry;
        this.levels = levels;
        wanted = gauge("gateway_service_count", "Replicas that there shall be.");
        ready = gauge("gateway_service_ready_count", "Replicas that can take a call.");
        minimum = gauge("gateway_service_min", "Replicas that there are at least, unless scaled to zero.");
        target = gauge("gateway_service_target_load", "Load that each replica is to carry.");
        pending = gauge("queue_worker_pending_messages", "Messages that wait to be taken.");
        running = gauge("queue_worker_function_invocation_inflight", "Asynchronous calls that run now.");
        oldest = gauge("caravan_queue_oldest_age_seconds", "How long the first message of a queue has waited.");
        calls = gauge("caravan_calls", "Asynchronous calls by where they are.");
        // Not caravan_dead_letters: that is the counter's name without its _total, and one family has one type.
        deadLetters = gauge("caravan_dead_letter_depth", "Dead letters that stand in their queue.");
        limits = gauge("caravan_function_limit", "Asynchronous calls that a function is given at once.");
        held = gauge("caravan_function_held", "Functions whose calls wait for a limit or a breaker.");
    }

    /** Two scrapes at once would take each other's rows away. */
    synchronized void refresh() {
        refresh("gateway_service_count", wanted, () -> replicas(Levels.Replicas::wanted), LevelGauges::function);
        refresh("gateway_service_ready_count", ready, () -> replicas(Levels.Replicas::ready), LevelGauges::function);
        refresh("gateway_service_min", minimum, () -> replicas(Levels.Replicas::minimum), LevelGauges::function);
        refresh("gateway_service_target_load", target, this::targets, LevelGauges::scaled);
        refresh("queue_worker_pending_messages", pending, levels::pending, LevelGauges::part);
        refresh("queue_worker_function_invocation_inflight", running, levels::running, LevelGauges::part);
        refresh("caravan_queue_oldest_age_seconds", oldest, levels::oldestAges, queue -> Tags.of("queue", queue));
        refresh(
                "caravan_calls",
                calls,
                levels::calls,
                part -> Tags.of("queue", part.queue(), "state", part.state().word()));
        refresh("caravan_dead_letter_depth", deadLetters, levels::deadLetters, queue -> Tags.of("queue", queue));
        refresh("caravan_function_limit", limits, levels::limits, LevelGauges::function);
        refresh(
                "caravan_function_held",
                held,
                levels::held,
                one -> function(one.function()).and("reason", one.reason()));
    }

    private Map<FunctionName, Integer> replicas(Function<Levels.Replicas, Integer> which) {
        return levels.replicas().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> which.apply(entry.getValue())));
    }

    /** Both what the row is called and what it says, since the type is a label of it. */
    private Map<Map.Entry<FunctionName, TargetLoad>, Double> targets() {
        return levels.targets().entrySet().stream()
                .collect(Collectors.toMap(
                        entry -> entry, entry -> entry.getValue().target()));
    }

    private static Tags scaled(Map.Entry<FunctionName, TargetLoad> function) {
        return function(function.getKey())
                .and("scaling_type", function.getValue().type());
    }

    private static Tags function(FunctionName function) {
        return Tags.of("function_name", function.qualified());
    }

    private static Tags part(Levels.QueueFunction part) {
        return Tags.of(
                "queue_name", part.queue(), "function_name", part.function().qualified());
    }

    private <K, N extends Number> void refresh(
            String family, MultiGauge gauge, Supplier<Map<K, N>> level, Function<K, Tags> tags) {
        List<MultiGauge.Row<?>> rows;
        try {
            rows = level.get().entrySet().stream()
                    .map(entry -> MultiGauge.Row.of(tags.apply(entry.getKey()), entry.getValue()))
                    .collect(Collectors.toList());
        } catch (RuntimeException e) {
            // An old number would be a lie; a missing one can be alerted on.
            rows = List.of();
            registry.counter("caravan.scrape.failures", "metric", family).increment();
            LOG.warn("metric cannot be read metric={} error={}", family, e.toString());
        }
        gauge.register(rows, true);
    }

    private MultiGauge gauge(String name, String description) {
        return MultiGauge.builder(name).description(description).register(registry);
    }
}
