package dev.caravan.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import dev.caravan.function.FailureCode;
import dev.caravan.function.FunctionCallException;
import dev.caravan.function.FunctionName;
import dev.caravan.function.ScaleLabels;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.ProviderException.Code;
import dev.caravan.testing.Deployments;
import dev.caravan.testing.FakeFunctionProvider;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ScaleFromZeroTest {

    private static final FunctionName HELLO = new FunctionName("hello", "openfaas-fn");
    private static final URI HERE = URI.create("http://127.0.0.1:1");

    private final FakeFunctionProvider provider = new FakeFunctionProvider();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ScaleFromZero scaling = new ScaleFromZero(provider, threads, Duration.ofSeconds(30));

    @BeforeEach
    void start() {
        scaling.start();
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void howeverManyWaitAFunctionIsAskedForOnce() throws Exception {
        deploy(Map.of(ScaleLabels.MIN, "0"));
        List<CompletableFuture<List<URI>>> waiters = Collections.synchronizedList(new ArrayList<>());

        for (int i = 0; i < 50; i++) {
            threads.execute(() -> waiters.add(scaling.await(HELLO)));
        }
        await().until(() -> waiters.size() == 50 && scalings().size() == 1);
        assertThat(waiters).noneMatch(CompletableFuture::isDone);
        provider.ready(HELLO, HERE);

        for (CompletableFuture<List<URI>> waiter : waiters) {
            assertThat(waiter.get(10, TimeUnit.SECONDS)).containsExactly(HERE);
        }
        assertThat(scalings()).containsExactly("scale hello.openfaas-fn to 1");
    }

    @Test
    void asManyAsTheMinimumAreAskedFor() {
        deploy(Map.of(ScaleLabels.MIN, "3"));
        provider.scale(HELLO, 0);

        scaling.await(HELLO);

        await().untilAsserted(() ->
                assertThat(scalings()).containsExactly("scale hello.openfaas-fn to 0", "scale hello.openfaas-fn to 3"));
    }

    @Test
    void replicasThatOnlyStartAreWaitedForAndNotAskedFor() throws Exception {
        deploy(Map.of());

        CompletableFuture<List<URI>> waiter = scaling.await(HELLO);
        assertThat(waiter).isNotDone();
        provider.ready(HELLO, HERE);

        assertThat(waiter.get(10, TimeUnit.SECONDS)).containsExactly(HERE);
        assertThat(scalings()).isEmpty();
    }

    @Test
    void oneThatGotReadyJustBeforeIsNotMissed() {
        deploy(Map.of());
        provider.ready(HELLO, HERE);

        assertThat(scaling.await(HELLO)).isCompletedWithValue(List.of(HERE));
    }

    @Test
    void whoeverScalesToZeroWhileCallersWaitIsOverruled() {
        deploy(Map.of());
        scaling.await(HELLO);

        provider.scale(HELLO, 0);
        provider.ready(HELLO);

        await().until(() -> scalings().contains("scale hello.openfaas-fn to 1"));
    }

    @Test
    void aFunctionThatIsDeletedMeanwhileIsUnknown() {
        deploy(Map.of());
        CompletableFuture<List<URI>> waiter = scaling.await(HELLO);

        provider.delete(HELLO);

        assertThat(failure(waiter).code()).isEqualTo(FailureCode.UNKNOWN_FUNCTION);
    }

    @Test
    void anEngineThatIsAwayForAMomentIsAskedAgain() throws Exception {
        deploy(Map.of(ScaleLabels.MIN, "0"));
        provider.refuseToScale(away(), away());

        CompletableFuture<List<URI>> waiter = scaling.await(HELLO);
        await().until(() -> provider.status(HELLO).orElseThrow().replicas() == 1);
        provider.ready(HELLO, HERE);

        assertThat(waiter.get(10, TimeUnit.SECONDS)).containsExactly(HERE);
        assertThat(scalings()).hasSize(3);
    }

    @Test
    void anEngineThatStaysAwayIsSaidAndTheNextCallAsksAnew() throws Exception {
        deploy(Map.of(ScaleLabels.MIN, "0"));
        provider.refuseToScale(Collections.nCopies(20, away()).toArray(ProviderException[]::new));

        FunctionCallException failure = failure(scaling.await(HELLO));
        CompletableFuture<List<URI>> next = scaling.await(HELLO);
        await().until(() -> provider.status(HELLO).orElseThrow().replicas() == 1);
        provider.ready(HELLO, HERE);

        assertThat(failure.code()).isEqualTo(FailureCode.PROVIDER_UNAVAILABLE);
        assertThat(failure).hasMessage("function \"hello.openfaas-fn\" could not be started: engine away");
        assertThat(next.get(10, TimeUnit.SECONDS)).containsExactly(HERE);
    }

    @Test
    void whatCanNeverWorkIsNotTriedAgain() {
        deploy(Map.of(ScaleLabels.MIN, "0"));
        provider.refuseToScale(new ProviderException(Code.INVALID, "no room"));

        FunctionCallException failure = failure(scaling.await(HELLO));

        assertThat(failure.code()).isEqualTo(FailureCode.NO_REPLICA);
        assertThat(failure).hasMessageContaining("no room");
        assertThat(scalings()).hasSize(1);
    }

    @Test
    void askingDoesNotWait() {
        deploy(Map.of(ScaleLabels.MIN, "0"));

        scaling.ask(HELLO);

        await().untilAsserted(() -> assertThat(scalings()).containsExactly("scale hello.openfaas-fn to 1"));
        scaling.ask(HELLO);
        assertThat(scalings()).hasSize(1);
    }

    @Test
    void whoStillWaitsAtTheEndIsSentAwayAndSoIsWhoeverComes() {
        deploy(Map.of());
        CompletableFuture<List<URI>> waiter = scaling.await(HELLO);

        scaling.close();

        assertThat(failure(waiter)).hasMessageContaining("stopping");
        assertThat(failure(scaling.await(HELLO)).code()).isEqualTo(FailureCode.NO_REPLICA);
    }

    private List<String> scalings() {
        return provider.requests().stream()
                .filter(request -> request.startsWith("scale"))
                .toList();
    }

    private static ProviderException away() {
        return new ProviderException(Code.UNAVAILABLE, "engine away");
    }

    private static FunctionCallException failure(CompletableFuture<List<URI>> waiter) {
        return assertThat(waiter)
                .failsWithin(Duration.ofSeconds(20))
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .asInstanceOf(type(FunctionCallException.class))
                .actual();
    }

    private void deploy(Map<String, String> labels) {
        provider.deploy(Deployments.labelled(Deployments.of("hello"), labels));
    }
}
