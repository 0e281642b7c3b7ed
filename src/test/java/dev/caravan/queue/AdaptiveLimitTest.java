package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.CallId;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AdaptiveLimitTest {

    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final CallId CALL = CallId.random();

    private final AdaptiveLimit adaptive = new AdaptiveLimit(0);

    private boolean push(int inFlight, long began, long now) {
        return adaptive.pushedBack(CallId.random(), inFlight, began * MILLI, now * MILLI, Duration.ZERO);
    }

    @Test
    void nothingIsLimitedBeforeTheFirstPushBack() {
        adaptive.succeeded(CALL, 40);

        assertThat(adaptive.limit()).isEqualTo(Integer.MAX_VALUE);
        assertThat(adaptive.pause(0)).isZero();
    }

    @Test
    void aPushBackHalvesWhatRanAtOnceAndPauses() {
        push(40, 0, 100);

        assertThat(adaptive.limit()).isEqualTo(20);
        assertThat(adaptive.pause(100 * MILLI)).isEqualTo(200 * MILLI);
        assertThat(adaptive.pause(301 * MILLI)).isZero();
    }

    @Test
    void oneRoundOfPushBacksCountsOnce() {
        push(40, 0, 100);
        push(39, 0, 101);
        push(38, 50, 150);

        assertThat(adaptive.limit()).isEqualTo(20);
    }

    @Test
    void pausesGrowToFiveSecondsAndTheLimitNeverFallsBelowOne() {
        long now = 100;
        for (int round = 0; round < 10; round++) {
            push(Math.min(40, adaptive.limit()), now, now);
            now += TimeUnit.NANOSECONDS.toMillis(adaptive.pause(now * MILLI)) + 1;
        }

        assertThat(adaptive.limit()).isEqualTo(1);
        push(1, now, now);
        assertThat(adaptive.pause(now * MILLI)).isEqualTo(5_000 * MILLI);
    }

    @Test
    void aRoundOfSuccessesRaisesItByOne() {
        push(8, 0, 0);
        for (int i = 0; i < 5; i++) {
            adaptive.succeeded(CALL, 4);
        }

        assertThat(adaptive.limit()).isEqualTo(5);
    }

    @Test
    void successesBelowTheLimitDoNotRaiseIt() {
        push(40, 0, 0);
        for (int i = 0; i < 100; i++) {
            adaptive.succeeded(CALL, 2);
        }

        assertThat(adaptive.limit()).isEqualTo(20);
    }

    @Test
    void retryAfterIsHeededForUpToAMinute() {
        adaptive.pushedBack(CALL, 1, 0, 0, Duration.ofSeconds(7));
        assertThat(adaptive.pause(0)).isEqualTo(7_000 * MILLI);

        adaptive.pushedBack(CALL, 1, 0, 0, Duration.ofSeconds(Long.MAX_VALUE));
        assertThat(adaptive.pause(0)).isEqualTo(60_000 * MILLI);
    }

    @Test
    void aLimitIsForgottenTenMinutesAfterTheLastPushBack() {
        push(40, 0, 0);
        adaptive.pause(TimeUnit.MINUTES.toNanos(9));
        assertThat(adaptive.limit()).isEqualTo(20);

        adaptive.pause(TimeUnit.MINUTES.toNanos(11));

        assertThat(adaptive.limit()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void aCallThatIsRefusedAgainAndAgainWhileOthersSucceedHasFailed() {
        int held = 0;
        while (adaptive.pushedBack(CALL, 1, 0, 0, Duration.ZERO)) {
            adaptive.succeeded(CallId.random(), 1);
            held++;
        }

        assertThat(held).isEqualTo(20);
        assertThat(adaptive.pushedBack(CALL, 1, 0, 0, Duration.ZERO))
                .as("its next attempt is patiently held again")
                .isTrue();
    }

    @Test
    void whileNothingSucceedsNobodyIsToBlame() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(adaptive.pushedBack(CALL, 1, 0, 0, Duration.ZERO)).isTrue();
        }
    }
}
