package dev.caravan.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.CallState;
import dev.caravan.function.FunctionName;
import dev.caravan.telemetry.History.Invocations;
import dev.caravan.telemetry.History.Question;
import dev.caravan.telemetry.History.View;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HistoryTest {

    private static final FunctionName WC = new FunctionName("wc", "openfaas-fn");

    private volatile Instant now = Instant.parse("2026-03-04T12:00:03Z");
    private final Map<CallState, Long> calls = new HashMap<>();
    private final Map<FunctionName, Invocations> invocations = new HashMap<>();
    private final Map<CallState, Long> callsOfWc = new HashMap<>();
    private double age;
    private boolean brokerAway;
    private long letters;

    private final History history = new History(
            new Levels() {
                @Override
                public Map<QueueState, Long> calls() {
                    var all = new HashMap<QueueState, Long>();
                    calls.forEach((state, count) -> all.put(new QueueState("q", state), count));
                    return all;
                }

                @Override
                public Map<String, Long> deadLetters() {
                    return Map.of("q", letters);
                }

                @Override
                public Map<FunctionState, Long> functionCalls() {
                    var all = new HashMap<FunctionState, Long>();
                    callsOfWc.forEach((state, count) -> all.put(new FunctionState(WC, state), count));
                    return all;
                }

                @Override
                public Map<FunctionName, Double> functionAges() {
                    if (brokerAway) {
                        throw new IllegalStateException("the broker is away");
                    }
                    return age == 0 ? Map.of() : Map.of(WC, age);
                }
            },
            () -> invocations,
            () -> now);

    @Test
    void whatThereIsAndWhatHappenedIsToldStepByStep() {
        calls.put(CallState.QUEUED, 3L);
        calls.put(CallState.RETRYING, 1L);
        calls.put(CallState.SCHEDULED, 1L);
        calls.put(CallState.SUCCEEDED, 100L);
        look();
        calls.put(CallState.QUEUED, 5L);
        calls.put(CallState.RUNNING, 1L);
        calls.put(CallState.SUCCEEDED, 104L);
        calls.put(CallState.DEAD, 2L);
        letters = 2;
        history.look();

        View view = history.queues(Question.all(1));

        assertThat(view.step()).isEqualTo(Duration.ofSeconds(10));
        assertThat(view.from()).isEqualTo(Instant.parse("2026-03-04T11:00:20Z"));
        Map<String, int[]> queue = of(view, "q");
        assertThat(queue.get("depth")).hasSize(360).endsWith(-1, 3, 5);
        assertThat(queue.get("running")).endsWith(0, 1);
        assertThat(queue.get("scheduled")).endsWith(2, 2);
        assertThat(queue.get("deadLetters")).endsWith(0, 2);
        assertThat(queue.get("accepted"))
                .as("what was there at the first look came before")
                .endsWith(-1, 0, 9);
        assertThat(queue.get("succeeded")).endsWith(0, 4);
        assertThat(queue.get("died")).endsWith(0, 2);
    }

    @Test
    void theDaysBeforeAreRoughButNoPeakIsLost() {
        for (int i = 0; i < 60; i++) {
            calls.put(CallState.QUEUED, i == 40 ? 7L : 1L);
            calls.merge(CallState.SUCCEEDED, 2L, Long::sum);
            look();
        }

        View view = history.queues(Question.all(72));

        assertThat(view.step()).isEqualTo(Duration.ofMinutes(5));
        assertThat(view.from()).isEqualTo(Instant.parse("2026-03-01T12:15:00Z"));
        Map<String, int[]> queue = of(view, "q");
        assertThat(queue.get("depth")).hasSize(864).endsWith(-1, 1, 7, -1);
        assertThat(queue.get("succeeded")).endsWith(58, 60, -1);
        assertThat(of(history.queues(Question.all(24)), "q").get("depth"))
                .hasSize(288)
                .endsWith(1, 7, -1);
    }

    @Test
    void aGapStaysAGapAndWhatHappenedInItIsToldBehindIt() {
        invocations.put(WC, new Invocations(10, 1));
        look();
        now = now.plusSeconds(20);
        invocations.put(WC, new Invocations(15, 3));
        history.look();

        Map<String, int[]> function = of(history.functions(Question.all(1)), "wc.openfaas-fn");
        assertThat(function.get("answered")).endsWith(0, -1, -1, 5);
        assertThat(function.get("failed")).endsWith(0, -1, -1, 2);
    }

    @Test
    void aFunctionThatIsCalledForTheFirstTimeBeginsAtNothing() {
        look();
        invocations.put(WC, new Invocations(4, 0));
        history.look();

        assertThat(of(history.functions(Question.all(1)), "wc.openfaas-fn").get("answered"))
                .endsWith(-1, 4);
    }

    @Test
    void aReplayDoesNotMakeDeathsNegative() {
        calls.put(CallState.DEAD, 5L);
        look();
        calls.put(CallState.DEAD, 3L);
        history.look();

        assertThat(of(history.queues(Question.all(1)), "q").get("died")).endsWith(0, 0);
    }

    @Test
    void noMoreThanSoManyAreFollowedAndThoseThatHaveGoneMakeRoom() {
        for (int i = 0; i < History.MOST + 20; i++) {
            invocations.put(new FunctionName("f" + i, "ns"), new Invocations(1, 0));
        }
        look();
        assertThat(history.functions(Question.all(1)).series()).hasSize(History.MOST);

        invocations.clear();
        now = now.plus(Duration.ofHours(73));
        invocations.put(WC, new Invocations(1, 0));
        history.look();
        assertThat(history.functions(Question.all(1)).series()).containsOnlyKeys("wc.openfaas-fn");
        assertThat(of(history.functions(Question.all(1)), "wc.openfaas-fn").get("answered"))
                .endsWith(1);
    }

    @Test
    void whatAFunctionHasInItsQueueIsToldOfItAlone() {
        callsOfWc.put(CallState.SUCCEEDED, 7L);
        look();
        assertThat(history.functions(Question.all(1)).series())
                .as("it may be gone, and nothing happens to it")
                .isEmpty();
        callsOfWc.put(CallState.QUEUED, 3L);
        callsOfWc.put(CallState.SCHEDULED, 1L);
        callsOfWc.put(CallState.SUCCEEDED, 8L);
        callsOfWc.put(CallState.CANCELLED, 1L);
        age = 12.5;
        look();
        brokerAway = true;
        history.look();

        Map<String, int[]> function = of(history.functions(Question.all(1)), "wc.openfaas-fn");
        assertThat(function.get("accepted")).endsWith(-1, 6, 0);
        assertThat(function.get("finished")).endsWith(2, 0);
        assertThat(function.get("waiting")).endsWith(3, 3);
        assertThat(function.get("oldestMillis")).endsWith(12_500, -1);
    }

    @Test
    void timesAreToldByPercentilesOfEachStepAndNotAsTheirAverage() {
        var ran = new TimeBuckets();
        var waited = new TimeBuckets();
        invocations.put(WC, new Invocations(0, 0, 0, ran, waited));
        look();
        for (int i = 1; i <= 100; i++) {
            ran.add(Duration.ofMillis(i <= 90 ? 10 : 1_000));
        }
        waited.add(Duration.ofSeconds(3));
        invocations.put(WC, new Invocations(100, 0, 4, ran, waited));
        look();
        ran.add(Duration.ofMillis(20));
        look();
        history.look();

        Map<String, int[]> closely = of(history.functions(Question.all(1)), "wc.openfaas-fn");
        assertThat(closely.get("runP50Millis")).endsWith(-1, 10, 20, -1);
        assertThat(closely.get("runP95Millis")).endsWith(1_023, 20, -1);
        assertThat(closely.get("waitP50Millis")).endsWith(3_071, -1, -1);
        assertThat(closely.get("retried")).endsWith(4, 0, 0);
        Map<String, int[]> roughly = of(history.functions(Question.all(72)), "wc.openfaas-fn");
        assertThat(roughly.get("runP50Millis")).endsWith(-1, 10);
        assertThat(roughly.get("runP99Millis")).endsWith(-1, 1_023);
        assertThat(roughly.get("waitP99Millis")).endsWith(-1, 3_071);
    }

    @Test
    void aRoughStepBeginsWithNoTimesOfTheOneBefore() {
        var ran = new TimeBuckets();
        invocations.put(WC, new Invocations(1, 0, 0, ran, new TimeBuckets()));
        ran.add(Duration.ofSeconds(60));
        look();
        now = now.plus(Duration.ofMinutes(5));
        ran.add(Duration.ofMillis(1));
        history.look();

        assertThat(of(history.functions(Question.all(72)), "wc.openfaas-fn").get("runP99Millis"))
                .endsWith(61_439, 1);
    }

    @Test
    void onlyWhatIsAskedForIsTold() {
        invocations.put(WC, new Invocations(1, 0));
        invocations.put(new FunctionName("other", "openfaas-fn"), new Invocations(1, 0));
        look();

        View view = history.functions(new Question(1, "wc.openfaas-fn", Set.of("failed", "answered")));

        assertThat(view.series()).containsOnlyKeys("wc.openfaas-fn");
        assertThat(of(view, "wc.openfaas-fn")).containsOnlyKeys("answered", "failed");
    }

    private static Map<String, int[]> of(View view, String name) {
        return Objects.requireNonNull(view.series().get(name));
    }

    private void look() {
        history.look();
        now = now.plus(History.STEP);
    }
}
