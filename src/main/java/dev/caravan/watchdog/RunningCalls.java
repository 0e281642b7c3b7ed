package dev.caravan.watchdog;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/** Which calls run, at most so many at once, and when none does any more. */
final class RunningCalls {

    private final int max;
    private final Set<ProcessGroup> processes = new HashSet<>();
    private int count;
    private boolean ended;

    /** @param max zero for any number */
    RunningCalls(int max) {
        this.max = max;
    }

    /** Whether there is no room for one more. */
    synchronized boolean isFull() {
        return max > 0 && count >= max;
    }

    /** Whether there is room for one more; if so, {@link #end} must follow. */
    synchronized boolean begin() {
        if (ended || isFull()) {
            return false;
        }
        count++;
        return true;
    }

    synchronized void end() {
        count--;
        notifyAll();
    }

    /** A call's process; it is ended at once when everything has been. */
    void started(ProcessGroup process) {
        boolean tooLate;
        synchronized (this) {
            processes.add(process);
            tooLate = ended;
        }
        if (tooLate) {
            process.kill();
        }
    }

    synchronized void finished(ProcessGroup process) {
        processes.remove(process);
    }

    /** The ids of their process groups. */
    synchronized Set<Long> groups() {
        return processes.stream().map(group -> group.process().pid()).collect(Collectors.toUnmodifiableSet());
    }

    synchronized int count() {
        return count;
    }

    /** Waits until no call runs. @return whether none did in time */
    synchronized boolean awaitNone(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        for (long left = limit.toNanos(); count > 0 && left > 0; left = deadline - System.nanoTime()) {
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
        return count == 0;
    }

    /** Ends every process and lets no further call begin. */
    void endAll() {
        Set<ProcessGroup> running;
        synchronized (this) {
            ended = true;
            running = Set.copyOf(processes);
        }
        running.forEach(ProcessGroup::kill);
    }
}
