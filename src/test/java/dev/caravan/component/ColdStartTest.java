package dev.caravan.component;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.function.CallEvents;
import dev.caravan.function.FailureCode;
import dev.caravan.function.FunctionCallException;
import dev.caravan.function.FunctionName;
import dev.caravan.function.ScaleLabels;
import dev.caravan.scaling.ScaleFromZero;
import dev.caravan.testing.Deployments;
import dev.caravan.testing.FakeFunctionProvider;
import dev.caravan.testing.ScriptedFunction;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What calls do that find no replica ready. */
class ColdStartTest {

    private static final FunctionName LAZY = new FunctionName("lazy", "openfaas-fn");

    private final Vertx vertx = Vertx.vertx();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final FakeFunctionProvider provider = new FakeFunctionProvider();
    private final List<FunctionName> started = new CopyOnWriteArrayList<>();
    private final DefaultCamelContext camel = new DefaultCamelContext();

    @BeforeEach
    void start() {
        var events = new CallEvents() {
            @Override
            public void coldStarted(FunctionName function, Duration waited) {
                started.add(function);
            }
        };
        var scaling = new ScaleFromZero(provider, threads, Duration.ofSeconds(30));
        scaling.start();
        camel.getRegistry()
                .bind(
                        "function",
                        new FunctionComponent(
                                provider,
                                vertx,
                                events,
                                "openfaas-fn",
                                Duration.ofSeconds(20),
                                "caravan/test",
                                scaling));
        camel.start();
        provider.deploy(Deployments.labelled(Deployments.of("lazy"), Map.of(ScaleLabels.MIN, "0")));
    }

    @AfterEach
    void stop() throws Exception {
        camel.close();
        threads.shutdownNow();
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    @Test
    void aCallWaitsForTheReplicaThatItAskedFor() throws Exception {
        try (var function = ScriptedFunction.answering("good morning")) {
            CompletableFuture<Exchange> call = call("function:lazy");
            await().until(() -> provider.requests().contains("scale lazy.openfaas-fn to 1"));
            assertThat(call).isNotDone();

            provider.ready(LAZY, function.uri());

            Exchange done = call.get(15, TimeUnit.SECONDS);
            assertThat(done.getException()).isNull();
            assertThat(done.getMessage().getBody(String.class)).isEqualTo("good morning");
            assertThat(started).containsExactly(LAZY);
        }
    }

    @Test
    void aCallWaitsNoLongerThanItMayTakeAndSaysWhatFor() throws Exception {
        FunctionCallException failure = failure(call("function:lazy?timeout=1500ms"));

        assertThat(failure.code()).isEqualTo(FailureCode.NO_REPLICA);
        // The provider below says at once that it is ready, and has no address.
        assertThat(failure)
                .hasMessage("function \"lazy.openfaas-fn\": no replica got ready within 1500ms: 1 wanted, 1 ready");
    }

    @Test
    void aCallThatComesAgainByItselfOnlyAsks() throws Exception {
        FunctionCallException failure = failure(call("function:lazy?scaleFromZero=ask"));

        assertThat(failure.code()).isEqualTo(FailureCode.NO_REPLICA);
        await().until(() -> provider.requests().contains("scale lazy.openfaas-fn to 1"));
    }

    @Test
    void aCallMayStartNothing() throws Exception {
        FunctionCallException failure = failure(call("function:lazy?scaleFromZero=off"));

        assertThat(failure.code()).isEqualTo(FailureCode.NO_REPLICA);
        assertThat(provider.requests()).containsExactly("deploy lazy.openfaas-fn");
    }

    @Test
    void anUnknownFunctionIsWaitedForByNobody() throws Exception {
        assertThat(failure(call("function:nobody")).code()).isEqualTo(FailureCode.UNKNOWN_FUNCTION);
        assertThat(provider.requests()).containsExactly("deploy lazy.openfaas-fn");
    }

    @Test
    void whoLeavesWaitsNoLonger() throws Exception {
        var cord = new Cancellation();
        var exchange = new DefaultExchange(camel);
        exchange.setProperty(CaravanHeaders.CANCELLATION, cord);
        CompletableFuture<Exchange> call = call("function:lazy", exchange);
        await().until(() -> provider.requests().contains("scale lazy.openfaas-fn to 1"));

        cord.cancel();

        assertThat(failure(call)).hasMessageContaining("given up");
        assertThat(started).isEmpty();
    }

    @Test
    void aWordThatTheOptionDoesNotHaveIsRefused() {
        assertThatThrownBy(() -> camel.getEndpoint("function:lazy?scaleFromZero=maybe")
                        .createProducer()
                        .start())
                .hasMessageContaining("scaleFromZero must be wait, ask or off, got: \"maybe\"");
    }

    private CompletableFuture<Exchange> call(String uri) {
        return call(uri, new DefaultExchange(camel));
    }

    private CompletableFuture<Exchange> call(String uri, Exchange exchange) {
        return CompletableFuture.supplyAsync(
                () -> camel.createFluentProducerTemplate()
                        .to(uri)
                        .withExchange(exchange)
                        .send(),
                threads);
    }

    private static FunctionCallException failure(CompletableFuture<Exchange> call) throws Exception {
        return call.get(15, TimeUnit.SECONDS).getException(FunctionCallException.class);
    }
}
