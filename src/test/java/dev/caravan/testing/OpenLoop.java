package dev.caravan.testing;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Calls at a steady rate, whether answers come or not, until it is closed; then it waits for the last answer. */
public final class OpenLoop implements AutoCloseable {

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final Queue<CompletableFuture<String>> calls = new ConcurrentLinkedQueue<>();

    /** @param call starts one; its result is what went wrong, empty when nothing did */
    public OpenLoop(int perSecond, Supplier<CompletableFuture<String>> call) {
        clock.scheduleAtFixedRate(
                () -> calls.add(call.get()), 0, TimeUnit.SECONDS.toNanos(1) / perSecond, TimeUnit.NANOSECONDS);
    }

    public int sent() {
        return calls.size();
    }

    /** Of those calls that have ended. */
    public List<String> failures() {
        return calls.stream()
                .filter(CompletableFuture::isDone)
                .map(CompletableFuture::join)
                .filter(failure -> !failure.isEmpty())
                .toList();
    }

    @Override
    public void close() throws InterruptedException {
        clock.shutdownNow();
        clock.awaitTermination(1, TimeUnit.MINUTES);
        CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new)).join();
    }
}
