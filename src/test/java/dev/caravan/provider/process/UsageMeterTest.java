package dev.caravan.provider.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.Usage;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UsageMeterTest {

    private static final long SECOND = 1_000_000_000L;

    private final UsageMeter meter = new UsageMeter();

    @Test
    void theFirstTimeItIsTheMeanSinceTheStart() {
        // Started 10 s after boot, looked at 30 s after boot: 5 s of processor time in 20 s.
        Usage usage = meter.read(Map.of(7L, new GroupUse(500, 4_096, 1_000)), 0, 30);

        assertThat(usage).isEqualTo(new Usage(250, 4_096));
    }

    @Test
    void fromThenOnItIsWhatWasUsedSince() {
        meter.read(Map.of(7L, new GroupUse(500, 4_096, 1_000)), 0, 30);

        Usage usage = meter.read(
                Map.of(7L, new GroupUse(700, 8_192, 1_000), 8L, new GroupUse(50, 1_024, 3_200)), 2 * SECOND, 32);

        assertThat(usage).as("2 s and 0.5 s in 2 s").isEqualTo(new Usage(1_250, 9_216));
    }

    @Test
    void askedAgainAtOnceItSaysTheSameOfTheProcessor() {
        meter.read(Map.of(7L, new GroupUse(500, 4_096, 1_000)), 0, 30);

        Usage usage = meter.read(Map.of(7L, new GroupUse(501, 2_048, 1_000)), SECOND / 10, 30.1);

        assertThat(usage).isEqualTo(new Usage(250, 2_048));
    }

    @Test
    void aProcessThatTookItsTimeAlongMakesNothingNegative() {
        meter.read(Map.of(7L, new GroupUse(500, 4_096, 1_000)), 0, 30);

        assertThat(meter.read(Map.of(7L, new GroupUse(300, 4_096, 1_000)), SECOND, 31))
                .isEqualTo(new Usage(0, 4_096));
    }

    @Test
    void whatDoesNotRunUsesNothing() {
        assertThat(meter.read(Map.of(), 0, 30)).isEqualTo(new Usage(0, 0));
    }
}
