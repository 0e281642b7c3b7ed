package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import dev.caravan.config.Rate;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenBucketTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** Takes whatever it is given for a while, each time woken a little late. */
    private static int taken(TokenBucket bucket, long seconds, long late) {
        int taken = 0;
        long now = 0;
        while (now < seconds * SECOND) {
            long early = bucket.early(now);
            if (early == 0) {
                bucket.take();
                taken++;
            } else {
                now += early + late;
            }
        }
        return taken;
    }

    @ParameterizedTest
    @CsvSource({"10/s, 10", "600/m, 10", "500/s, 500", "6000/h, 2", "2/s, 2"})
    void overAWhileItLetsThroughWhatTheRateSaysAndTheBurst(String rate, int burst) {
        var parsed = Rate.parse(rate);
        double expected = parsed.perSecond() * 600 + burst;

        assertThat((double) taken(new TokenBucket(parsed, burst, 0), 600, 0)).isCloseTo(expected, withPercentage(0.5));
        assertThat((double) taken(new TokenBucket(parsed, burst, 0), 600, TimeUnit.MILLISECONDS.toNanos(15)))
                .as("by a worker that is woken 15 ms late")
                .isCloseTo(expected, withPercentage(2));
    }

    @Test
    void afterAPauseThereIsOneBurstHoweverLongItWas() {
        var bucket = new TokenBucket(Rate.parse("10/s"), 3, 0);
        long later = 3600 * SECOND;
        int taken = 0;
        while (bucket.early(later) == 0) {
            bucket.take();
            taken++;
        }

        assertThat(taken).isEqualTo(3);
        assertThat(bucket.early(later)).isEqualTo(SECOND / 10);
    }

    @Test
    void whatIsGivenBackIsThereForTheNext() {
        var bucket = new TokenBucket(Rate.parse("1/h"), 1, 0);
        assertThat(bucket.early(0)).isZero();
        bucket.take();
        assertThat(bucket.early(0)).isPositive();

        bucket.giveBack();

        assertThat(bucket.early(0)).isZero();
    }
}
