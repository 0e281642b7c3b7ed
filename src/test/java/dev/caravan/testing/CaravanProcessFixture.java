package dev.caravan.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.function.CallId;
import dev.caravan.function.CallState;
import dev.caravan.ledger.Ledger;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A test that begins with a Caravan in a process of its own and a file in which its functions leave their traces. */
@Timeout(300)
public abstract class CaravanProcessFixture {

    /** Calls of one queue that run at once; as many may run again after a kill. */
    protected static final int WORKERS = 50;

    protected static final String QUEUE = "faas-request";

    @TempDir
    protected Path folder;

    protected CaravanProcess caravan;
    protected Callers callers;
    protected Effects effects;

    /** {@code CARAVAN_} variables besides ports, data and routes. */
    protected Map<String, String> settings() throws Exception {
        return Map.of();
    }

    @BeforeEach
    final void start() throws Exception {
        effects = new Effects(folder.resolve("effects"));
        caravan = CaravanProcess.start(folder, settings());
        callers = new Callers(caravan);
    }

    @AfterEach
    final void stop() {
        if (caravan != null) {
            caravan.close();
        }
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

    /** Waits until all calls of the queue are over, and there are as many as that. */
    protected final void awaitCalls(Map<String, Long> states) {
        slowly().untilAsserted(() -> assertThat(caravan.calls(QUEUE)).isEqualTo(states));
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
}
