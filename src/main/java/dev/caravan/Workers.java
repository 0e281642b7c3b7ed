package dev.caravan;

import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads for steps that wait: for the disk, for a function's answer. */
final class Workers {

    /** From here on a virtual thread inside {@code synchronized} no longer holds its carrier (JEP 491). */
    private static final int UNPINNED = 24;

    private Workers() {}

    /** Virtual threads where the JDK has good ones, else a pool that grows with what waits. */
    static ExecutorService named(String name) {
        if (Runtime.version().feature() >= UNPINNED) {
            try {
                // By reflection: the source level is 17.
                return (ExecutorService) Executors.class
                        .getMethod("newVirtualThreadPerTaskExecutor")
                        .invoke(null);
            } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException("a JDK from 21 on has virtual threads", e);
            }
        }
        return Executors.newCachedThreadPool(daemons(name));
    }

    private static ThreadFactory daemons(String name) {
        var count = new AtomicInteger();
        return task -> {
            var thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
