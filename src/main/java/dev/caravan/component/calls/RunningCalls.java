package dev.caravan.component.calls;

import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.ledger.Ledger;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * The calls that run on this node, for whoever wants to end one. No attempt runs here twice at once, whatever a crash
 * left in the queue. For any thread.
 */
public final class RunningCalls {

    /** One attempt as its message says it; messages of the same are the same work. */
    private record Key(CallId id, int generation, int attempt) {}

    private final ConcurrentMap<Key, Run> runs = new ConcurrentHashMap<>();

    /**
     * A message was taken: it runs until its exchange is done.
     *
     * @return false when another message of the same attempt runs
     */
    boolean begin(Call call, Exchange exchange) {
        var key = new Key(call.id(), call.generation(), call.attempt());
        var run = new Run(call);
        if (runs.putIfAbsent(key, run) != null) {
            return false;
        }
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                runs.remove(key, run);
                run.end();
            }
        });
        run.on(exchange);
        return true;
    }

    /**
     * Nothing more follows from what runs of this call here. Waits for an attempt that has its answer already and is just
     * being settled.
     *
     * @return false when that took longer than {@code patience}
     */
    public boolean stop(CallId id, Duration patience) throws InterruptedException {
        for (Run run : runs.values()) {
            if (run.id().equals(id) && !run.cancel() && !run.awaitEnd(patience)) {
                return false;
            }
        }
        return true;
    }

    /** Ends the function's work for this call: its connection is closed, and a process of its own killed. */
    public void interrupt(CallId id) {
        for (Run run : runs.values()) {
            if (run.id().equals(id)) {
                run.interrupt();
            }
        }
    }

    /** Ends here what another node has cancelled: one look at the ledger for all that runs. */
    public void heed(Ledger ledger) {
        Set<CallId> ids = runs.values().stream().map(Run::id).collect(Collectors.toSet());
        if (ids.isEmpty()) {
            return;
        }
        Set<CallId> cancelled = Set.copyOf(ledger.cancelledOf(ids));
        for (Run run : runs.values()) {
            if (cancelled.contains(run.id()) && run.cancel()) {
                run.interrupt();
            }
        }
    }
}
