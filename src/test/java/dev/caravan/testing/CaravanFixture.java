package dev.caravan.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import dev.caravan.ledger.Ledger;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Timeout;

/** A test of a Caravan in a process of its own, with a file in which the test's functions leave their traces. */
@Timeout(300)
public abstract class CaravanFixture {

    /** Calls of one queue that run at once; as many may run again after a kill. */
    protected static final int WORKERS = 50;

    protected static final String QUEUE = "faas-request";

    protected CaravanProcess caravan;
    protected Callers callers;
    protected Effects effects;

    private Map<String, Long> before = Map.of();

    /** {@code CARAVAN_} variables besides ports, data and routes. */
    protected Map<String, String> settings() throws Exception {
        return Map.of();
    }

    final void begin(CaravanProcess running, Path traces) throws IOException, InterruptedException {
        caravan = running;
        callers = new Callers(running);
        effects = new Effects(traces);
        before = running.calls(QUEUE);
    }

    /** Deploys an {@link EffectsFunction}. */
    protected final void deploy(String function, Map<String, String> annotations) throws Exception {
        caravan.deploy(function, effects.function(), Map.of("mode", "http"), annotations);
    }

    protected final HttpRequest.Builder call(String function, String query) {
        return HttpRequest.newBuilder(caravan.url("/async-function/" + function + query))
                .POST(BodyPublishers.ofString("hello"));
    }

    /** A limit far beyond what the slowest machine needs. */
    protected static ConditionFactory slowly() {
        return await().atMost(Duration.ofSeconds(150)).pollInterval(Duration.ofMillis(100));
    }

    /** How many calls of the queue are in each state, those of earlier tests left out. */
    protected final Map<String, Long> calls() throws IOException, InterruptedException {
        var since = new TreeMap<>(caravan.calls(QUEUE));
        before.forEach((state, count) -> since.merge(state, -count, Long::sum));
        since.values().removeIf(count -> count == 0);
        return since;
    }

    /** What the ledger says of each call once the process has let go of it. */
    protected final void assertStates(Collection<String> calls, CallState state) throws Exception {
        caravan.terminate();
        try (var ledger = new Ledger(caravan.data().resolve("ledger"), InstantSource.system())) {
            ledger.open();
            assertThat(calls)
                    .allSatisfy(id -> assertThat(
                                    ledger.call(new CallId(id)).orElseThrow().state())
                            .isEqualTo(state));
        }
    }

    /** Waits until all calls of the queue are over, and there are as many as that. */
    protected final void awaitCalls(Map<String, Long> states) {
        slowly().untilAsserted(() -> assertThat(calls()).isEqualTo(states));
    }
}
