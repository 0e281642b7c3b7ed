package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.function.CallId;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WriteScheduleTest {

    private static final Duration LINGER = Duration.ofMillis(200);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final AtomicLong nanos = new AtomicLong();
    private final WriteSchedule schedule = new WriteSchedule(nanos::get);
    private final CallId first = CallId.random();
    private final CallId second = CallId.random();

    private Set<CallId> next() throws InterruptedException {
        return schedule.next(100, Duration.ZERO, false);
    }

    private void pass(long millis) {
        nanos.addAndGet(Duration.ofMillis(millis).toNanos());
    }

    @Test
    void whatNobodyWaitsForGathersAndIsWrittenTogether() throws Exception {
        schedule.later(first, LINGER);
        pass(240);
        schedule.later(second, LINGER);
        assertThat(next()).as("due, and alone").isEmpty();

        pass(209);
        assertThat(next()).as("both due, the first for 249 ms").isEmpty();
        pass(1);
        assertThat(next()).containsExactly(first, second);
        assertThat(schedule.isEmpty()).isTrue();
    }

    @Test
    void whatIsNotDueStaysWhenABatchIsWritten() throws Exception {
        schedule.later(first, LINGER);
        schedule.later(second, MINUTE);
        pass(450);

        assertThat(next()).containsExactly(first);
        assertThat(schedule.isEmpty()).isFalse();
    }

    @Test
    void whatSomebodyWaitsForIsWrittenAtOnceAndAlone() throws Exception {
        schedule.later(first, LINGER);
        pass(300);
        schedule.now(second);

        assertThat(next()).containsExactly(second);
    }

    @Test
    void atTheEndNothingIsWaitedFor() throws Exception {
        schedule.later(first, MINUTE);

        assertThat(schedule.next(100, Duration.ZERO, true)).containsExactly(first);
    }

    @Test
    void whoeverReadsTheDatabaseNeedNotWaitForABatch() throws Exception {
        schedule.later(first, LINGER);

        CompletableFuture<Void> reader = CompletableFuture.runAsync(() -> schedule.await(LINGER, MINUTE));

        await().until(() -> next().contains(first));
        schedule.passBarriers();
        await().until(reader::isDone);
    }
}
