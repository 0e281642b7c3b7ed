package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryPolicyTest {

    private static final String PREFIX = "com.openfaas.retry.";
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private final Map<String, String> invalid = new LinkedHashMap<>();

    @Test
    void aFunctionThatSaysNothingHasTheDefaults() {
        assertThat(RetryPolicy.of(Map.of("other", "x"), invalid::put)).isEqualTo(RetryPolicy.DEFAULT);
        assertThat(invalid).isEmpty();
    }

    @Test
    void aFunctionSaysItsOwn() {
        var annotations = Map.of(
                PREFIX + "attempts",
                " 3 ",
                PREFIX + "codes",
                "500, 418",
                PREFIX + "min_wait",
                "250ms",
                PREFIX + "max_wait",
                "90");

        assertThat(RetryPolicy.of(annotations, invalid::put))
                .isEqualTo(new RetryPolicy(3, Set.of(500, 418), Duration.ofMillis(250), Duration.ofSeconds(90)));
        assertThat(invalid).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "attempts;-1",
                "attempts;ten",
                "attempts;''",
                "attempts;10000",
                "attempts;1.5",
                "codes;''",
                "codes;5xx",
                "codes;500,",
                "codes;600",
                "codes;99",
                "codes;500 503",
                "min_wait;0",
                "min_wait;-1s",
                "min_wait;soon",
                "min_wait;''",
                "max_wait;0s",
                "max_wait;721h",
                "max_wait;1d"
            })
    void whatMakesNoSenseIsSaidAndDefaulted(String key, String text) {
        assertThat(RetryPolicy.of(Map.of(PREFIX + key, text), invalid::put)).isEqualTo(RetryPolicy.DEFAULT);
        assertThat(invalid).containsExactly(Map.entry(PREFIX + key, text));
    }

    @ParameterizedTest
    @CsvSource({"1,1000", "2,2000", "3,4000", "7,64000", "8,120000", "10,120000", "10000,120000"})
    void theWaitDoublesUpToTheLongestAndIsJittered(int attempt, long full) {
        assertThat(delay(attempt, 0)).isEqualTo(Duration.ofMillis(full / 2));
        assertThat(delay(attempt, 0.5)).isEqualTo(Duration.ofMillis(full * 3 / 4));
        assertThat(delay(attempt, Math.nextDown(1.0))).isBetween(Duration.ofMillis(full - 1), Duration.ofMillis(full));
    }

    private static Duration delay(int attempt, double random) {
        return RetryPolicy.DEFAULT.delay(attempt, 500, null, NOW, () -> random);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "429;30;30000",
                "503; 30 ;30000",
                "429;0;1000", // at least min_wait
                "503;999999999;3600000", // at most an hour
                "503;Sun, 01 Mar 2026 12:00:20 GMT;20000",
                "503;Sun, 01 Mar 2026 11:00:00 GMT;1000",
                "503;Sun, 01 Mar 2037 12:00:00 GMT;3600000",
                "503;soon;500",
                "503;-5;500",
                "503;99999999999999999999;500",
                "503;;500",
                "500;30;500", // only 429 and 503 may ask
                "502;Sun, 01 Mar 2026 12:00:20 GMT;500"
            })
    void whatTooManyAndUnavailableAskForIsGranted(int status, String retryAfter, long millis) {
        assertThat(RetryPolicy.DEFAULT.delay(1, status, retryAfter, NOW, () -> 0))
                .isEqualTo(Duration.ofMillis(millis));
    }
}
