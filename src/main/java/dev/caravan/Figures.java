package dev.caravan;

import dev.caravan.component.jms.CallListenerContainerFactory;
import dev.caravan.function.CallState;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionScope;
import dev.caravan.function.FunctionStatus;
import dev.caravan.function.TargetLoad;
import dev.caravan.ledger.DeadLetterFilter;
import dev.caravan.ledger.Ledger;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.queue.Admission;
import dev.caravan.queue.QueueFigures;
import dev.caravan.queue.QueueHead;
import dev.caravan.queue.QueueNames;
import dev.caravan.telemetry.Levels;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/** What there is now, for metrics and {@code /system/queues}: read from the ledger, so that any broker will do. */
final class Figures implements Levels {

    private final Ledger ledger;
    private final FunctionProvider provider;
    private final CallListenerContainerFactory workers;
    private final Admission admission;
    private final QueueHead head;
    private final InstantSource clock;

    Figures(
            Ledger ledger,
            FunctionProvider provider,
            CallListenerContainerFactory workers,
            Admission admission,
            QueueHead head,
            InstantSource clock) {
        this.ledger = ledger;
        this.provider = provider;
        this.workers = workers;
        this.admission = admission;
        this.head = head;
        this.clock = clock;
    }

    @Override
    public Map<FunctionName, Replicas> replicas() {
        var replicas = new HashMap<FunctionName, Replicas>();
        provider.namespaces().list().stream()
                .flatMap(namespace -> provider.list(namespace.name()).stream())
                .forEach(status -> replicas.put(
                        status.deployment().function(),
                        new Replicas(
                                status.replicas(),
                                status.availableReplicas(),
                                status.deployment().minimumReplicas())));
        return replicas;
    }

    @Override
    public Map<FunctionName, TargetLoad> targets() {
        var targets = new HashMap<FunctionName, TargetLoad>();
        provider.namespaces().list().stream()
                .flatMap(namespace -> provider.list(namespace.name()).stream())
                .map(FunctionStatus::deployment)
                .forEach(deployment -> targets.put(deployment.function(), TargetLoad.of(deployment.labels())));
        return targets;
    }

    @Override
    public Map<QueueFunction, Long> pending() {
        return in(CallState.QUEUED);
    }

    @Override
    public Map<QueueFunction, Long> running() {
        return in(CallState.RUNNING);
    }

    private Map<QueueFunction, Long> in(CallState state) {
        var calls = new HashMap<QueueFunction, Long>();
        ledger.counts().forEach((key, count) -> {
            if (key.state() == state) {
                calls.merge(new QueueFunction(key.queue(), key.function()), count, Long::sum);
            }
        });
        return calls;
    }

    @Override
    public Map<String, Double> oldestAges() {
        var ages = new HashMap<String, Double>();
        names().forEach(queue ->
                ages.put(queue, oldestAge(queue, FunctionScope.ALL).toMillis() / 1_000.0));
        return ages;
    }

    @Override
    public Map<QueueState, Long> calls() {
        var calls = new HashMap<QueueState, Long>();
        forEachState((key, count) -> calls.merge(key, count, Long::sum));
        return calls;
    }

    @Override
    public Map<FunctionState, Long> functionCalls() {
        var calls = new HashMap<FunctionState, Long>();
        ledger.counts()
                .forEach((key, count) -> calls.merge(new FunctionState(key.function(), key.state()), count, Long::sum));
        return calls;
    }

    @Override
    public Map<FunctionName, Double> functionAges() {
        var queues = new HashMap<String, FunctionName>();
        ledger.counts().forEach((key, count) -> {
            // Where nobody takes what is sent, a look makes the broker hold messages ready at each send from then on.
            if (key.state() == CallState.QUEUED && count > 0 && workers.workers(key.queue()) > 0) {
                queues.put(QueueNames.physical(key.queue(), key.function()), key.function());
            }
        });
        var ages = new HashMap<FunctionName, Double>();
        head.heads(queues.keySet())
                .forEach((queue, since) -> ages.merge(
                        Objects.requireNonNull(queues.get(queue)),
                        Math.max(0, Duration.between(since, clock.instant()).toMillis()) / 1_000.0,
                        Math::max));
        return ages;
    }

    private void forEachState(BiConsumer<QueueState, Long> reader) {
        ledger.counts().forEach((key, count) -> reader.accept(new QueueState(key.queue(), key.state()), count));
    }

    @Override
    public Map<String, Long> deadLetters() {
        var letters = new HashMap<String, Long>();
        names().forEach(queue -> letters.put(queue, deadLetters(queue, FunctionScope.ALL)));
        return letters;
    }

    private long deadLetters(String queue, FunctionScope among) {
        return ledger.deadLetters(DeadLetterFilter.ofQueue(queue, among), 1, null)
                .total();
    }

    private Set<String> names() {
        var names = new TreeSet<>(List.of(QueueNames.DEFAULT_QUEUE, QueueNames.CALLBACK_QUEUE));
        names.addAll(workers.logicalQueues());
        ledger.counts().keySet().forEach(key -> names.add(key.queue()));
        return names;
    }

    @Override
    public Map<FunctionName, Integer> limits() {
        return admission.limits();
    }

    @Override
    public Map<Held, Integer> held() {
        var held = new HashMap<Held, Integer>();
        admission.held().forEach((function, reason) -> held.put(new Held(function, reason.word()), 1));
        return held;
    }

    /** Those in which some functions have something. */
    private Set<String> names(FunctionScope among) {
        if (among.isAll()) {
            return names();
        }
        var names = new TreeSet<>(List.of(QueueNames.DEFAULT_QUEUE, QueueNames.CALLBACK_QUEUE));
        ledger.counts().keySet().stream()
                .filter(key -> among.has(key.function()))
                .forEach(key -> names.add(key.queue()));
        return names;
    }

    /**
     * Every logical queue that is consumed, or has or had calls.
     *
     * @param among what is said is said of these functions' calls
     */
    List<QueueFigures> queues(FunctionScope among) {
        var calls = new HashMap<QueueState, Long>();
        ledger.counts().forEach((key, count) -> {
            if (among.has(key.function())) {
                calls.merge(new QueueState(key.queue(), key.state()), count, Long::sum);
            }
        });
        return names(among).stream().map(queue -> queue(queue, calls, among)).toList();
    }

    private QueueFigures queue(String queue, Map<QueueState, Long> calls, FunctionScope among) {
        long over = count(calls, queue, CallState.SUCCEEDED)
                + count(calls, queue, CallState.DEAD)
                + count(calls, queue, CallState.CANCELLED);
        long waiting = count(calls, queue, CallState.QUEUED);
        // Callbacks are not in the ledger; of calls it knows those on other nodes too. A worker knows no functions.
        long known = count(calls, queue, CallState.RUNNING);
        long running = among.isAll() ? Math.max(known, workers.running(queue)) : known;
        long scheduled = count(calls, queue, CallState.SCHEDULED) + count(calls, queue, CallState.RETRYING);
        return new QueueFigures(
                queue,
                waiting,
                running,
                scheduled,
                deadLetters(queue, among),
                workers.workers(queue),
                workers.concurrency(queue),
                oldestAge(queue, among),
                waiting + known + scheduled + over,
                over,
                ledger.queues().paused(queue),
                // By the workers: what a crash left running in the ledger runs no more.
                ledger.queues().paused(queue) && (among.isAll() ? workers.running(queue) : running) == 0,
                pausedFunctions(queue, among));
    }

    private List<FunctionName> pausedFunctions(String queue, FunctionScope among) {
        return ledger.queues().paused().stream()
                .filter(name -> QueueNames.logical(name).equals(queue))
                .flatMap(name -> QueueNames.function(name).stream())
                .filter(among::has)
                .toList();
    }

    private Duration oldestAge(String queue, FunctionScope among) {
        List<String> waiting = ledger.counts().keySet().stream()
                .filter(key -> key.queue().equals(queue) && key.state() == CallState.QUEUED)
                .filter(key -> among.has(key.function()))
                .map(key -> QueueNames.physical(queue, key.function()))
                .toList();
        return head.oldest(waiting)
                .map(since -> Duration.between(since, clock.instant()))
                .filter(age -> !age.isNegative())
                .orElse(Duration.ZERO);
    }

    private static long count(Map<QueueState, Long> calls, String queue, CallState state) {
        return calls.getOrDefault(new QueueState(queue, state), 0L);
    }
}
