package dev.caravan.component;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The cord between who wants an answer and who is fetching it: the door pulls it when its client has gone, a worker when
 * a call is cancelled. Pulling it twice, before or after the call, is harmless. For any thread.
 */
public final class Cancellation {

    private static final Runnable CANCELLED = () -> {};

    private final AtomicReference<@Nullable Runnable> state = new AtomicReference<>();

    /** Nobody wants the answer any more. */
    public void cancel() {
        Runnable action = state.getAndSet(CANCELLED);
        if (action != null) {
            action.run();
        }
    }

    /** What to do when that happens; replaces what was said before. Runs at once when it has happened already. */
    public void onCancel(Runnable action) {
        Runnable before = state.get();
        if (before == CANCELLED || !state.compareAndSet(before, action)) {
            action.run();
        }
    }

    public boolean cancelled() {
        return state.get() == CANCELLED;
    }
}
