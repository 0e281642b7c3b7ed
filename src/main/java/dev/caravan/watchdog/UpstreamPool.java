package dev.caravan.watchdog;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Connections to a function's process, kept for the next call. */
final class UpstreamPool implements AutoCloseable {

    /** Shorter than any server known to us keeps an idle one; five seconds is the shortest default. */
    private static final Duration IDLE = Duration.ofSeconds(3);

    /** For so long after its start a process that takes no connection is taken for one that still starts. */
    private static final Duration STARTING = Duration.ofSeconds(10);

    private static final long LOOK_AGAIN = 20;
    private static final int MOST = 64;

    private record Idle(Wire wire, long since) {}

    private final InetSocketAddress address;
    private final Deque<Idle> idle = new ArrayDeque<>();
    private volatile long startedAt;
    private volatile boolean starting;
    private boolean closed;

    UpstreamPool(InetSocketAddress address) {
        this.address = address;
    }

    void functionStarted() {
        startedAt = System.nanoTime();
        starting = true;
    }

    void functionEnded() {
        starting = false;
    }

    /** One that was used before and still stands; null when there is none. */
    @Nullable
    Wire kept() {
        while (true) {
            Idle last;
            synchronized (this) {
                last = idle.pollLast();
            }
            if (last == null) {
                return null;
            }
            if (System.nanoTime() - last.since() < IDLE.toNanos()
                    && !last.wire().isGone()) {
                return last.wire();
            }
            last.wire().close();
        }
    }

    /**
     * A new one. While the process still starts, this waits for it.
     *
     * @param reason asked again and again whether to go on waiting
     */
    Wire connect(Wire.Reason reason) throws IOException, InterruptedException {
        while (true) {
            try {
                Wire wire = Wire.connect(address);
                starting = false;
                return wire;
            } catch (ConnectException e) {
                if (!starting || System.nanoTime() - startedAt > STARTING.toNanos()) {
                    throw e;
                }
                reason.check();
                Thread.sleep(LOOK_AGAIN);
            }
        }
    }

    void keep(Wire wire) {
        wire.within(Duration.ZERO);
        wire.whileWaiting(() -> {});
        Wire surplus = null;
        synchronized (this) {
            if (closed) {
                surplus = wire;
            } else {
                idle.addLast(new Idle(wire, System.nanoTime()));
                if (idle.size() > MOST) {
                    surplus = idle.removeFirst().wire();
                }
            }
        }
        if (surplus != null) {
            surplus.close();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        idle.forEach(kept -> kept.wire().close());
        idle.clear();
    }
}
