package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ClockWatchTest {

    private Instant clock = Instant.parse("2026-03-01T10:00:00Z");
    private long nanos;
    private final AtomicInteger seen = new AtomicInteger();

    @Test
    void timeThatPassesIsNothing() {
        try (var watch = watch()) {
            for (int i = 0; i < 100; i++) {
                pass(Duration.ofSeconds(i), Duration.ofSeconds(i));
                watch.look();
            }
        }

        assertThat(seen).hasValue(0);
    }

    @Test
    void aClockThatIsDrawnToTheRightTimeIsNothing() {
        try (var watch = watch()) {
            for (int i = 0; i < 100; i++) {
                pass(Duration.ofMillis(1_100), Duration.ofSeconds(1));
                watch.look();
            }
        }

        assertThat(seen).hasValue(0);
    }

    @Test
    void eachTimeThatItIsSetIsSeenOnce() {
        try (var watch = watch()) {
            for (Duration step : new Duration[] {Duration.ofHours(1), Duration.ofHours(-2), Duration.ofSeconds(2)}) {
                pass(step, Duration.ofSeconds(1));
                watch.look();
                watch.look();
            }
        }

        assertThat(seen).hasValue(3);
    }

    private ClockWatch watch() {
        return new ClockWatch(() -> clock, () -> nanos, seen::incrementAndGet);
    }

    private void pass(Duration told, Duration measured) {
        clock = clock.plus(told);
        nanos += measured.toNanos();
    }
}
