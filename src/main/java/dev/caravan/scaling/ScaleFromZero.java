package dev.caravan.scaling;

import dev.caravan.function.FailureCode;
import dev.caravan.function.FunctionCallException;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionStatus;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.ProviderException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts functions that have no replica when somebody calls them (contract section 4.3), and tells who waits for one.
 *
 * <p>However many callers wait for a function, on whichever thread, it is asked for once; none of them holds a thread
 * meanwhile, and nothing is polled: the provider tells of the change. For any thread.
 */
public final class ScaleFromZero implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ScaleFromZero.class);

    /** How often an engine that is away is asked, and how soon again (contract section 4.3). */
    private static final int ROUNDS = 20;

    private static final Duration PAUSE = Duration.ofMillis(100);

    private final FunctionProvider provider;
    private final Executor executor;
    private final Duration longestWait;
    private final Map<FunctionName, Set<CompletableFuture<List<URI>>>> waiting = new ConcurrentHashMap<>();
    private final Set<FunctionName> asking = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * @param executor runs what blocks: the provider's scaling
     * @param longestWait how long a call may wait for a replica
     */
    public ScaleFromZero(FunctionProvider provider, Executor executor, Duration longestWait) {
        this.provider = provider;
        this.executor = executor;
        this.longestWait = longestWait;
    }

    /** Listens to the provider from now on. */
    public void start() {
        provider.onChange(this::changed);
    }

    /** How long a call may wait for a replica. */
    public Duration longestWait() {
        return longestWait;
    }

    /** Asks for {@code max(minimum, 1)} replicas of a function that wants none; returns at once. */
    public void ask(FunctionName function) {
        boolean wantsNone =
                provider.status(function).map(status -> status.replicas() == 0).orElse(false);
        if (wantsNone && !closed && asking.add(function)) {
            request(function, 1, executor);
        }
    }

    /**
     * Asks for replicas if none are wanted, and completes with where they are once one is ready. Fails with {@link
     * FunctionCallException} when the function cannot be started or is deleted. Who does not want to wait any more
     * completes it, in whichever way.
     */
    public CompletableFuture<List<URI>> await(FunctionName function) {
        var waiter = new CompletableFuture<List<URI>>();
        waiting.compute(function, (name, others) -> {
            Set<CompletableFuture<List<URI>>> all = others == null ? ConcurrentHashMap.newKeySet() : others;
            all.add(waiter);
            return all;
        });
        waiter.whenComplete((replicas, failure) -> leave(function, waiter));
        // After it has joined: a replica that got ready just before told nobody of it.
        changed(function);
        if (closed) {
            waiter.completeExceptionally(stopping(function));
        }
        return waiter;
    }

    /** What to tell a caller that has waited this long in vain. */
    public FunctionCallException tooLate(FunctionName function, Duration waited) {
        String why = provider.obstacle(function)
                .or(() -> provider.status(function)
                        .map(status -> status.replicas() + " wanted, " + status.availableReplicas() + " ready"))
                .map(reason -> ": " + reason)
                .orElse("");
        return new FunctionCallException(
                FailureCode.NO_REPLICA,
                "function \"" + function + "\": no replica got ready within " + readable(waited) + why);
    }

    /** Sends away who still waits, and whoever comes. */
    @Override
    public void close() {
        closed = true;
        waiting.keySet().forEach(function -> fail(function, stopping(function)));
    }

    private void changed(FunctionName function) {
        if (waiting.containsKey(function)) {
            settle(function);
            ask(function);
        }
    }

    /** Tells who waits what is known by now, if it is. */
    private void settle(FunctionName function) {
        Optional<List<URI>> replicas = provider.replicas(function);
        if (replicas.isEmpty()) {
            fail(function, notDeployed(function));
        } else if (!replicas.get().isEmpty()) {
            forEachWaiter(function, waiter -> waiter.complete(replicas.get()));
        }
    }

    private void request(FunctionName function, int round, Executor soon) {
        try {
            soon.execute(() -> scale(function, round));
        } catch (RejectedExecutionException e) {
            asking.remove(function);
            fail(function, stopping(function));
        }
    }

    private void scale(FunctionName function, int round) {
        Optional<FunctionCallException> failure = Optional.empty();
        try {
            Optional<FunctionStatus> status = provider.status(function);
            if (status.isPresent() && status.get().replicas() == 0) {
                provider.scale(function, Math.max(1, status.get().deployment().minimumReplicas()));
            }
        } catch (ProviderException e) {
            if (e.code() == ProviderException.Code.UNAVAILABLE && round < ROUNDS && !closed) {
                request(
                        function,
                        round + 1,
                        CompletableFuture.delayedExecutor(PAUSE.toMillis(), TimeUnit.MILLISECONDS, executor));
                return;
            }
            failure = Optional.of(notStarted(function, e));
        } catch (RuntimeException e) {
            LOG.error("function could not be started for a call function={}", function, e);
            failure = Optional.of(new FunctionCallException(
                    FailureCode.NO_REPLICA, "function \"" + function + "\" could not be started"));
        }
        asking.remove(function);
        failure.ifPresentOrElse(why -> fail(function, why), () -> settle(function));
    }

    private static FunctionCallException notStarted(FunctionName function, ProviderException cause) {
        if (cause.code() == ProviderException.Code.NOT_FOUND) {
            return notDeployed(function);
        }
        LOG.warn("function could not be started for a call function={} error={}", function, cause.getMessage());
        FailureCode code = cause.code() == ProviderException.Code.UNAVAILABLE
                ? FailureCode.PROVIDER_UNAVAILABLE
                : FailureCode.NO_REPLICA;
        return new FunctionCallException(
                code, "function \"" + function + "\" could not be started: " + cause.getMessage());
    }

    private static FunctionCallException notDeployed(FunctionName function) {
        return new FunctionCallException(FailureCode.UNKNOWN_FUNCTION, "function \"" + function + "\" is not deployed");
    }

    private static FunctionCallException stopping(FunctionName function) {
        return new FunctionCallException(
                FailureCode.NO_REPLICA, "function \"" + function + "\" is not started any more: stopping");
    }

    private void fail(FunctionName function, FunctionCallException why) {
        forEachWaiter(function, waiter -> waiter.completeExceptionally(why));
    }

    private void forEachWaiter(FunctionName function, Consumer<CompletableFuture<List<URI>>> action) {
        Set<CompletableFuture<List<URI>>> waiters = waiting.get(function);
        if (waiters != null) {
            waiters.forEach(action);
        }
    }

    private void leave(FunctionName function, CompletableFuture<List<URI>> waiter) {
        waiting.computeIfPresent(function, (name, others) -> {
            others.remove(waiter);
            return others.isEmpty() ? null : others;
        });
    }

    private static String readable(Duration time) {
        return time.toMillis() % 1_000 == 0 ? time.toSeconds() + "s" : time.toMillis() + "ms";
    }
}
