package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.CaravanProcess.Exit;
import dev.caravan.testing.CaravanProcessFixture;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** SIGTERM finishes what runs, keeps what waits, and does neither twice. */
class GracefulStopIT extends CaravanProcessFixture {

    private static final Duration DRAIN = Duration.ofSeconds(20);

    /** 128 + SIGTERM: what a process that was asked to end says to whoever asked. */
    private static final int TERMINATED = 143;

    @Override
    protected Map<String, String> settings() {
        return Map.of("CARAVAN_DRAIN", DRAIN.toSeconds() + "s");
    }

    @Test
    void whatRunsIsFinishedAndWhatWaitsRunsAfterTheRestart() throws Exception {
        deploy("slow", Map.of());
        caravan.scale("slow", 0);
        List<String> accepted = callers.accepted(80, number -> call("slow", "?millis=3000"));
        caravan.scale("slow", 1);

        slowly().until(() -> effects.size() >= 30);
        Exit exit = caravan.terminate();

        assertThat(exit.code()).isEqualTo(TERMINATED);
        assertThat(exit.took()).isLessThan(DRAIN.plusSeconds(15));
        assertThat(caravan.output()).doesNotContain("did not stop cleanly");
        assertThat(caravan.functionProcesses()).isEmpty();
        assertThat(effects.ended()).isEqualTo(effects.begun());
        assertThat(effects.size()).isLessThan(80);

        caravan.restart();
        awaitCalls(Map.of("succeeded", 80L));
        assertThat(effects.ended())
                .containsOnlyKeys(accepted)
                .allSatisfy((id, runs) -> assertThat(runs).isEqualTo(1));
    }

    @Test
    void retriesThatFallDueAroundTheStopAreKept() throws Exception {
        deploy("flaky", Map.of("com.openfaas.retry.min_wait", "1s"));
        List<String> accepted = callers.accepted(200, number -> call("flaky", "?fails=1&after=3"));

        // The first have fallen due, the others are about to.
        slowly().until(() -> effects.size() > 200);
        caravan.terminate();
        assertThat(caravan.output()).doesNotContain("did not stop cleanly");
        caravan.restart();
        awaitCalls(Map.of("succeeded", 200L));

        assertThat(effects.ended())
                .containsOnlyKeys(accepted)
                .allSatisfy((id, runs) -> assertThat(runs).isGreaterThanOrEqualTo(2));
    }
}
