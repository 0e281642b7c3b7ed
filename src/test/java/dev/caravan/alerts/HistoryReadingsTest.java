package dev.caravan.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.Settings;
import dev.caravan.function.CallState;
import dev.caravan.function.FunctionName;
import dev.caravan.telemetry.History;
import dev.caravan.telemetry.History.Invocations;
import dev.caravan.telemetry.Levels;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What rules are held against, from the same figures as the charts. */
class HistoryReadingsTest {

    private static final FunctionName WC = new FunctionName("wc", "openfaas-fn");

    private Instant now = Instant.parse("2026-03-04T12:00:03Z");
    private final Map<CallState, Long> calls = new HashMap<>();
    private final Map<FunctionName, Invocations> invocations = new HashMap<>();
    private final Levels levels = new Levels() {
        @Override
        public Map<QueueState, Long> calls() {
            var all = new HashMap<QueueState, Long>();
            calls.forEach((state, count) -> all.put(new QueueState("q", state), count));
            return all;
        }

        @Override
        public Map<String, Double> oldestAges() {
            return Map.of("q", 61.0);
        }
    };
    private final History history = new History(levels, () -> invocations, () -> now);
    private final Readings readings = new HistoryReadings(history, levels);

    @Test
    void depthAndAgeAreOfNow() {
        calls.put(CallState.QUEUED, 9L);
        look();
        calls.put(CallState.QUEUED, 3L);
        look();

        assertThat(of("depth>1")).containsExactly(Map.entry("q", 3.0));
        assertThat(of("oldest>1m")).containsExactly(Map.entry("q", 61.0));
    }

    @Test
    void deathsAreCountedOverTheWindow() {
        calls.put(CallState.DEAD, 100L); // before anybody looked
        look();
        calls.put(CallState.DEAD, 105L);
        look();
        assertThat(of("dead>1/1m")).containsExactly(Map.entry("q", 5.0));
        for (int i = 0; i < 10; i++) {
            look();
        }
        assertThat(of("dead>1/1m")).containsExactly(Map.entry("q", 0.0));
        assertThat(of("dead>1/10m")).containsExactly(Map.entry("q", 5.0));
    }

    @Test
    void howManyPercentFailedIsSaidOfTenAndMore() {
        look();
        invocations.put(WC, new Invocations(9, 9));
        look();
        assertThat(of("failures>1%")).containsExactly(Map.entry("wc.openfaas-fn", 0.0));
        invocations.put(WC, new Invocations(20, 15));
        look();
        assertThat(of("failures>1%")).containsExactly(Map.entry("wc.openfaas-fn", 75.0));
    }

    private Map<String, Double> of(String rule) {
        return readings.of(
                Settings.from(Map.of("CARAVAN_ALERTS", rule)).alerts().rules().get(0));
    }

    private void look() {
        now = now.plus(Duration.ofSeconds(10));
        history.look();
    }
}
