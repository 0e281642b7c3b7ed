package dev.caravan.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.FakeFunctionProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.PluginHelper;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The route files themselves, on an engine without a network. */
class FunctionRoutesTest {

    private static final Path ROUTES = Path.of("routes", "gateway");

    private final FakeHttpEngine engine = new FakeHttpEngine();
    private final DefaultCamelContext camel = new DefaultCamelContext();

    @AfterEach
    void stop() {
        camel.stop();
    }

    @ParameterizedTest
    @CsvSource({
        "list-functions, GET /system/functions, 200",
        "deploy-function, POST /system/functions, 202",
        "update-function, PUT /system/functions, 404",
        "delete-function, DELETE /system/functions, 404",
        "describe-function, GET /system/function/{name}, 404",
        "scale-function, POST /system/scale-function/{name}, 404",
        "show-info, GET /system/info, 200",
        "check-health, 'GET,HEAD /healthz', 200",
    })
    void everyRouteAnswersItsRequest(String id, String request, int status) throws Exception {
        start();
        load(id);

        Route route = camel.getRoute(id);
        assertThat(route).isNotNull();
        assertThat(route.getDescription()).hasSizeBetween(20, 120);
        Exchange answered = engine.ask(request, exchange -> {
            exchange.getMessage().setHeader("name", "hello");
            exchange.getMessage().setBody("""
                            {"service":"hello","image":"hello:1","functionName":"hello","replicas":1}""".getBytes(StandardCharsets.UTF_8));
        });
        assertThat(answered.getException()).isNull();
        assertThat(answered.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE)).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "list-functions",
                "deploy-function",
                "update-function",
                "delete-function",
                "describe-function",
                "scale-function",
                "show-info",
                "check-health"
            })
    void everyFileNamesItsSchemaAndShowsItsRequest(String id) throws IOException {
        List<String> lines = Files.readAllLines(ROUTES.resolve(id + ".camel.yaml"));

        assertThat(lines.get(0)).startsWith("# yaml-language-server: $schema=https://");
        assertThat(lines.get(1)).startsWith("# curl ");
    }

    private void start() {
        camel.getRegistry().bind(PlatformHttpConstants.PLATFORM_HTTP_ENGINE_NAME, engine);
        camel.getRegistry()
                .bind(
                        "functions",
                        new FunctionsApi(new FakeFunctionProvider(), "openfaas-fn", function -> 0.0, "0.1.0", "abc"));
        camel.start();
    }

    private void load(String id) throws Exception {
        var file = PluginHelper.getResourceLoader(camel).resolveResource("file:" + ROUTES.resolve(id + ".camel.yaml"));
        PluginHelper.getRoutesLoader(camel).loadRoutes(file);
    }

    /** Keeps who listens where, as "verbs path". */
    private static final class FakeHttpEngine implements PlatformHttpEngine {

        private final Map<String, Processor> listeners = new ConcurrentHashMap<>();
        private @Nullable PlatformHttpEndpoint latest;

        @Override
        public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
            latest = endpoint;
            listeners.put(endpoint.getHttpMethodRestrict() + " " + endpoint.getPath(), processor);
            return new FakeConsumer(endpoint, processor);
        }

        Exchange ask(String request, java.util.function.Consumer<Exchange> fill) throws Exception {
            assertThat(listeners).containsKey(request);
            Exchange exchange = Objects.requireNonNull(latest).createExchange();
            fill.accept(exchange);
            Objects.requireNonNull(listeners.get(request)).process(exchange);
            return exchange;
        }
    }

    private static final class FakeConsumer extends DefaultConsumer implements PlatformHttpConsumer, Consumer {

        FakeConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
            super(endpoint, processor);
        }

        @Override
        public PlatformHttpEndpoint getEndpoint() {
            return (PlatformHttpEndpoint) super.getEndpoint();
        }
    }
}
