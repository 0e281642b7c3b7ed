package dev.caravan.letters;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {

    private long now;

    @Test
    void itAllowsWhatTheRateSaysAndMakesUpForALateStep() {
        var pace = new Pace(500, () -> now);

        assertThat(pace.allowed()).isZero();
        pass(10);
        assertThat(pace.allowed()).isEqualTo(5);
        pace.used(2);
        assertThat(pace.allowed()).isEqualTo(3);
        pass(100);
        assertThat(pace.allowed()).isEqualTo(53);
    }

    @Test
    void ofALongStandstillLittleIsMadeUpFor() {
        var pace = new Pace(50, () -> now);

        pass(60_000);

        assertThat(pace.allowed()).isEqualTo(25);
        pace.restart();
        assertThat(pace.allowed()).isZero();
    }

    @Test
    void lessThanOneASecondIsARateToo() {
        var pace = new Pace(0.5, () -> now);

        pass(1_999);
        assertThat(pace.allowed()).isZero();
        assertThat(pace.millisToNext()).isEqualTo(1);
        pass(1);
        assertThat(pace.allowed()).isEqualTo(1);
    }

    @Test
    void withoutARateOnlyTheStepIsBounded() {
        assertThat(new Pace(0, () -> now).allowed()).isEqualTo(Pace.MOST);
    }

    private void pass(long millis) {
        now += TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
