package dev.caravan.resque;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Waits for the ends of calls that were jobs, and tells the worker. For any thread. */
final class HandedCalls {

    /** Each takes a little memory. */
    private static final int MOST_WATCHED = 50_000;

    private static final Duration LOOKS = Duration.ofSeconds(1);

    private final JobCalls calls;
    private final Inbox inbox;
    private final InstantSource clock;
    private final Set<String> open = ConcurrentHashMap.newKeySet();
    private long looked = System.nanoTime();

    HandedCalls(JobCalls calls, Inbox inbox, InstantSource clock) {
        this.calls = calls;
        this.inbox = inbox;
        this.clock = clock;
    }

    void watch(String call) {
        // Whoever waits for more has no hurry: they are found when it is looked for ends that nobody was told.
        if (open.size() < MOST_WATCHED) {
            open.add(call);
            calls.whenOver(call, () -> mayBeOver(call));
        }
    }

    private void mayBeOver(String call) {
        calls.ended(call).ifPresent(end -> {
            if (open.remove(call)) {
                inbox.say(JobEnd.ofCall(call, end, clock.instant()), Inbox.NO_PLACE);
            }
        });
    }

    /** Whether all are over; those that another node has ended are found within a second. For the worker's thread. */
    boolean over() {
        if (!open.isEmpty() && System.nanoTime() - looked > LOOKS.toNanos()) {
            List.copyOf(open).forEach(this::mayBeOver);
            looked = System.nanoTime();
        }
        return open.isEmpty();
    }
}
