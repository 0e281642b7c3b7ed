package dev.caravan.resque;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What becomes of jobs, as others tell their worker. Anybody writes, one reads. */
final class Inbox {

    /** Its place when it frees none. */
    static final int NO_PLACE = -1;

    /** @param place the one that is free by it, or {@link #NO_PLACE} */
    record Said(JobEnd end, int place) {}

    private static final Said WAKE = new Said(JobEnd.done("", ""), NO_PLACE);

    private final LinkedBlockingQueue<Said> said = new LinkedBlockingQueue<>();

    void say(JobEnd end, int place) {
        said.add(new Said(end, place));
    }

    /** Has the reader look up. */
    void wake() {
        said.add(WAKE);
    }

    boolean isEmpty() {
        return said.isEmpty();
    }

    /** Waits until there is something, or the time is over. */
    List<Said> read(Duration atMost, int most) throws InterruptedException {
        var heard = new ArrayList<Said>();
        Said first = said.poll(atMost.toNanos(), TimeUnit.NANOSECONDS);
        if (first != null) {
            heard.add(first);
            said.drainTo(heard, most);
        }
        heard.removeIf(one -> one == WAKE);
        return heard;
    }
}
