package dev.caravan.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimeBucketsTest {

    private final TimeBuckets times = new TimeBuckets();

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                1,
                31,
                32,
                33,
                63,
                64,
                65,
                100,
                1_000,
                59_999,
                86_400_000,
                Integer.MAX_VALUE,
                Long.MAX_VALUE / 1_000_000
            })
    void aTimeIsToldWithinASixteenth(long millis) {
        times.add(Duration.ofMillis(millis));

        long told = TimeBuckets.percentile(moved(), 50);

        long known = Math.min(millis, Integer.MAX_VALUE);
        assertThat(told).isBetween(known, known + known / 16);
    }

    @Test
    void whatTakesLessThanAMillisecondTakesOne() {
        times.add(Duration.ofNanos(1));
        times.add(Duration.ofSeconds(-1)); // a clock that was set back

        int[] counts = moved();
        assertThat(TimeBuckets.percentile(counts, 99)).isEqualTo(1);
        assertThat(TimeBuckets.percentile(counts, 50)).isZero();
    }

    @Test
    void percentilesAreThoseOfTheSortedTimes() {
        var random = new Random(7);
        long[] all = random.longs(10_001, 1, 100_000).toArray();
        for (long each : all) {
            times.add(Duration.ofMillis(each));
        }
        Arrays.sort(all);

        int[] counts = moved();

        for (int percent : Percentiles.OF) {
            long exact = all[(int) Math.ceil(all.length * percent / 100.0) - 1];
            assertThat((long) TimeBuckets.percentile(counts, percent)).isBetween(exact, exact + exact / 16);
        }
        assertThat(TimeBuckets.percentile(new int[TimeBuckets.SIZE], 50)).isEqualTo(Track.UNKNOWN);
    }

    @Test
    void eachIsMovedOnceWhoeverCountsMeanwhile() throws Exception {
        int each = 50_000;
        var done = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
            new Thread(() -> {
                        for (int n = 0; n < each; n++) {
                            times.add(Duration.ofMillis(n % 100));
                        }
                        done.countDown();
                    })
                    .start();
        }
        int[] sums = new int[TimeBuckets.SIZE];
        while (!done.await(1, TimeUnit.MILLISECONDS)) {
            times.moveTo(sums);
        }
        times.moveTo(sums);

        assertThat(Arrays.stream(sums).sum()).isEqualTo(4 * each);
        assertThat(times.moveTo(sums)).isFalse();
    }

    private int[] moved() {
        int[] counts = new int[TimeBuckets.SIZE];
        assertThat(times.moveTo(counts)).isTrue();
        return counts;
    }
}
