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
        assertThat(Variables.duration(text)).hasValue(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "1 m", "-1s", "1m30", "s", "99999999999h"})
    void whatCannotBeReadIsTheDefault(String text) {
        WatchdogSettings settings = WatchdogSettings.from(
                Map.of("fprocess", "cat", "exec_timeout", text, "write_timeout", text, "max_inflight", "many"));

        assertThat(settings.timeouts().exec()).isZero();
        assertThat(settings.timeouts().write()).isEqualTo(Duration.ofSeconds(30));
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

    @Test
    void theClassicWatchdogKnowsOnlyTrueAndTheOthersOneToo() {
        assertThat(WatchdogSettings.from(Map.of("fprocess", "cat", "suppress_lock", "1"))
                        .suppressLock())
                .isFalse();
        assertThat(WatchdogSettings.from(Map.of("fprocess", "cat", "mode", "streaming", "suppress_lock", "1"))
                        .suppressLock())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "classic, PT0S, ''",
        "streaming, PT30S, application/octet-stream",
        "http, PT30S, application/octet-stream"
    })
    void defaultsAreThoseOfTheMode(String mode, Duration exec, String contentType) {
        WatchdogSettings settings =
                WatchdogSettings.from(Map.of("fprocess", "cat", "mode", mode, "upstream_url", "http://127.0.0.1:3000"));

        assertThat(settings.timeouts().exec()).isEqualTo(exec);
        assertThat(settings.timeouts().read()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.timeouts().write()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.timeouts().health()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.contentType()).isEqualTo(contentType);
        assertThat(settings.maxInflight()).isZero();
        assertThat(settings.port()).isEqualTo(8080);
        assertThat(settings.metricsPort()).isEqualTo(8081);
        assertThat(settings.staticPath()).hasToString("/home/app/public");
        assertThat(settings.readyPath()).isEmpty();
        assertThat(settings.log().prefix()).isTrue();
        assertThat(settings.log().longestLine()).isEqualTo(65536);
    }

    @Test
    void theHealthCheckIntervalIsTheWriteTimeoutUnlessItIsSet() {
        assertThat(WatchdogSettings.from(Map.of("fprocess", "cat", "write_timeout", "7s"))
                        .timeouts()
                        .health())
                .isEqualTo(Duration.ofSeconds(7));
        assertThat(WatchdogSettings.from(Map.of("fprocess", "cat", "healthcheck_interval", "2s"))
                        .timeouts()
                        .health())
                .isEqualTo(Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"afterburn", "inproc", "fast"})
    void aModeThatIsNotKnownStopsTheStart(String mode) {
        assertThatThrownBy(() -> WatchdogSettings.from(Map.of("fprocess", "cat", "mode", mode)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(mode);
    }

    @Test
    void whatCannotBeDoneStopsTheStart() {
        assertThatThrownBy(() ->
                        WatchdogSettings.from(Map.of("fprocess", "cat", "mode", "streaming", "write_timeout", "0")))
                .hasMessageContaining("write_timeout");
        assertThatThrownBy(() -> WatchdogSettings.from(Map.of("fprocess", "cat", "mode", "http")))
                .hasMessageContaining("upstream_url");
        assertThatThrownBy(() -> WatchdogSettings.from(
                        Map.of("fprocess", "cat", "mode", "http", "upstream_url", "https://127.0.0.1:1")))
                .hasMessageContaining("http://HOST:PORT");
        assertThatThrownBy(() -> WatchdogSettings.from(Map.of("fprocess", "cat", "jwt_auth", "true")))
                .hasMessageContaining("jwt_auth");
    }

    @Test
    void httpUpstreamUrlWins() {
        WatchdogSettings.Upstream upstream = WatchdogSettings.from(Map.of(
                        "fprocess",
                        "app",
                        "mode",
                        "http",
                        "upstream_url",
                        "http://127.0.0.1:1",
                        "http_upstream_url",
                        "http://127.0.0.1:3000/base/"))
                .upstream()
                .orElseThrow();

        assertThat(upstream.address().getPort()).isEqualTo(3000);
        assertThat(upstream.path()).isEqualTo("/base");
    }

    @ParameterizedTest
    @CsvSource({"PT0S, 0s", "PT30S, 30s", "PT1M30S, 1m30s", "PT2H, 2h0m0s", "PT1.5S, 1.5s", "PT1M, 1m0s"})
    void durationsAreSaidAsGoSaysThem(Duration duration, String expected) {
        assertThat(WatchdogSettings.said(duration)).isEqualTo(expected);
    }
}
