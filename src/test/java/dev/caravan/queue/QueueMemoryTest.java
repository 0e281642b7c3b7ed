package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.activemq.usage.MemoryUsage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QueueMemoryTest {

    private static final long MIB = 1 << 20;

    private final MemoryUsage all = new MemoryUsage("all");
    private final QueueMemory one = new QueueMemory(all, 8 * MIB);
    private final MemoryUsage held = new MemoryUsage(one, "held");

    @BeforeEach
    void start() {
        all.setLimit(10 * MIB);
        all.start();
        held.start();
    }

    @Test
    void whileThereIsRoomAQueueHoldsWhatItMay() {
        held.increaseUsage(2 * MIB);
        assertThat(one.getPercentUsage()).isEqualTo(25);

        held.increaseUsage(6 * MIB);
        assertThat(one.getPercentUsage()).isEqualTo(100);
        assertThat(all.getUsage()).isEqualTo(8 * MIB);
    }

    @Test
    void whenOthersHoldAllOfItAQueueHasItsRation() {
        all.increaseUsage(10 * MIB);
        assertThat(one.getPercentUsage()).isZero();

        held.increaseUsage(QueueMemory.RATION);
        assertThat(one.getPercentUsage()).isEqualTo(100);

        held.decreaseUsage(1);
        assertThat(one.getPercentUsage()).isZero();
    }

    @Test
    void whenMemoryIsReallyShortNobodyHasAny() {
        all.increaseUsage(20 * MIB);

        assertThat(one.getPercentUsage()).isEqualTo(100);
    }
}
