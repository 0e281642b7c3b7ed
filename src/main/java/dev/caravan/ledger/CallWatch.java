package dev.caravan.ledger;

import dev.caravan.function.CallId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Wakes whoever waits for a call to be over. What other nodes do is not seen here: look again now and then. For any
 * thread.
 */
public final class CallWatch implements AutoCloseable {

    private final ConcurrentMap<CallId, List<Runnable>> waiting = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /**
     * Look at the call after this, not before: what is over by then is told to nobody.
     *
     * @param wake called once, on the thread that writes the ledger: it must only hand on. At once when this is closed.
     */
    public void add(CallId id, Runnable wake) {
        waiting.compute(id, (key, known) -> {
            List<Runnable> all = known == null ? new ArrayList<>(1) : new ArrayList<>(known);
            all.add(wake);
            return all;
        });
        if (closed) {
            close();
        }
    }

    /** It does not want to know any more. */
    public void remove(CallId id, Runnable wake) {
        waiting.computeIfPresent(id, (key, known) -> {
            List<Runnable> others = new ArrayList<>(known);
            others.remove(wake);
            return others.isEmpty() ? null : others;
        });
    }

    /** Whether nobody should wait any longer. */
    public boolean closed() {
        return closed;
    }

    /** It is over, and that can be seen. */
    void over(CallId id) {
        if (waiting.isEmpty()) {
            return;
        }
        List<Runnable> woken = waiting.remove(id);
        if (woken != null) {
            woken.forEach(Runnable::run);
        }
    }

    /** Wakes everybody, and whoever comes later. */
    @Override
    public void close() {
        closed = true;
        List.copyOf(waiting.keySet()).forEach(this::over);
    }
}
