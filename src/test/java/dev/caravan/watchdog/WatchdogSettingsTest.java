package dev.caravan.watchdog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WatchdogSettingsTest {

    @ParameterizedTest
    @CsvSource({
        "90, PT1M30S",
        "1m30s, PT1M30S",
        "250ms, PT0.25S",
        "1.5s, PT1.5S",
        "1h, PT1H",
        "10us, PT0.00001S",
        "0, PT0S"
    })
    void durationsAreSecondsOrGoSyntax(String text, Duration expected) {
        assertThat(WatchdogSettings.duration(text)).hasValue(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "1 m", "-1s", "1m30", "s", "99999999999h"})
    void whatCannotBeReadIsTheDefault(String text) {
        WatchdogSettings settings = WatchdogSettings.from(
                Map.of("fprocess", "cat", "exec_timeout", text, "write_timeout", text, "max_inflight", "many"));

        assertThat(settings.execTimeout()).isZero();
        assertThat(settings.writeTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.maxInflight()).isZero();
    }

    @Test
    void flagsAreOnUnlessTheySayOtherwise() {
        assertThat(WatchdogSettings.from(Map.of("fprocess", "cat")).combineOutput())
                .isTrue();
        assertThat(WatchdogSettings.from(Map.of("fprocess", "cat", "combine_output", "1"))
                        .combineOutput())
                .isFalse();
    }

    @Test
    void theCommandIsSplitAtSingleSpacesWithoutQuoting() {
        assertThat(WatchdogSettings.from(Map.of("function_process", "sh -c 'a b'", "fprocess", "cat"))
                        .command())
                .containsExactly("sh", "-c", "'a", "b'");
    }

    @Test
    void withoutACommandThereIsNothingToWatch() {
        assertThatThrownBy(() -> WatchdogSettings.from(Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("fprocess");
    }
}
