package dev.caravan.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionNamespace;
import dev.caravan.function.ScaleLabels;
import dev.caravan.provider.ProviderException;
import dev.caravan.provider.ProviderException.Code;
import dev.caravan.scaling.ScaleByAlerts;
import dev.caravan.testing.Deployments;
import dev.caravan.testing.FakeFunctionProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FollowAlertsTest {

    /** Converts bodies; never started. */
    private static final CamelContext CAMEL = new DefaultCamelContext();

    private final FakeFunctionProvider provider = new FakeFunctionProvider();
    private final FollowAlerts alerts = new FollowAlerts(new ScaleByAlerts(provider), "openfaas-fn");

    @Test
    void eachAlertOfAMessageIsFollowedByItsOwnStatus() throws IOException {
        deploy("hello", "openfaas-fn");
        provider.namespaces().create(FunctionNamespace.named("staging"));
        deploy("quiet", "staging");
        provider.scale(new FunctionName("quiet", "staging"), 9);

        Message answer = post(fixture());

        assertThat(answer.getHeader(Exchange.HTTP_RESPONSE_CODE)).isEqualTo(200);
        assertThat(answer.getBody()).isNull();
        assertThat(provider.requests()).endsWith("scale hello.openfaas-fn to 5", "scale quiet.staging to 1");
    }

    @Test
    void aNameWithoutANamespaceIsInTheDefaultOne() {
        deploy("hello", "openfaas-fn");

        post(firing("hello"));

        assertThat(provider.requests()).endsWith("scale hello.openfaas-fn to 5");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"alerts\":null}",
                "{\"alerts\":[]}",
                "{\"alerts\":[{}]}",
                "{\"alerts\":[{\"status\":\"firing\"}]}",
                "{\"alerts\":[{\"status\":\"firing\",\"labels\":{\"function_name\":\"\"}}]}",
                "{\"alerts\":[{\"status\":\"firing\",\"labels\":{\"function_name\":\"no/name\"}}]}",
                "{\"alerts\":[{\"status\":\"firing\",\"labels\":{\"function_name\":\"unknown\"}}]}"
            })
    void whatIsAboutNoFunctionIsPassedOver(String body) {
        assertThat(post(body).getHeader(Exchange.HTTP_RESPONSE_CODE)).isEqualTo(200);
        assertThat(provider.requests()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``                                     | the body is empty, expected a JSON object
            []                                     | the body must be a JSON object, got an array
            {"alerts":                             | the body is not JSON: it ends too early near line 1, column 11
            {"alerts":{}}                          | field "alerts" must be an array of objects, got an object
            {"alerts":[1]}                         | field "alerts[0]" must be an object, got a number
            {"alerts":[{"status":7}]}              | field "alerts[0].status" must be a text in quotes, got a number
            {"alerts":[{"labels":[]}]}             | field "alerts[0].labels" must be an object, got an array
            """)
    void whatIsNoAlertMessageIsTheSendersMistake(String body, String line) {
        assertThatThrownBy(() -> post(body))
                .isInstanceOf(ProviderException.class)
                .hasMessageContaining(line)
                .extracting(refused -> ((ProviderException) refused).code().status())
                .isEqualTo(400);
    }

    @Test
    void eachFunctionThatCouldNotBeScaledIsANumberedLine() {
        deploy("one", "openfaas-fn");
        deploy("two", "openfaas-fn");
        deploy("three", "openfaas-fn");
        provider.refuseToScale(
                new ProviderException(Code.UNAVAILABLE, "engine\naway"),
                new ProviderException(Code.INVALID, "too many"));

        Message answer = post(firing("one", "two", "three"));

        assertThat(answer.getHeader(Exchange.HTTP_RESPONSE_CODE)).isEqualTo(500);
        assertThat(answer.getHeader(Exchange.CONTENT_TYPE)).isEqualTo("text/plain; charset=utf-8");
        assertThat(answer.getBody()).isEqualTo("""
                1. cannot scale "one.openfaas-fn" to 5: engine away
                2. cannot scale "two.openfaas-fn" to 5: too many
                """);
        assertThat(provider.requests()).endsWith("scale three.openfaas-fn to 5");
    }

    @Test
    void theAnswerIsBoundedHoweverManyFail() {
        deploy("one", "openfaas-fn");
        provider.refuseToScale(Collections.nCopies(250, new ProviderException(Code.INVALID, "no"))
                .toArray(ProviderException[]::new));

        Message answer = post(firing(Collections.nCopies(250, "one").toArray(String[]::new)));

        assertThat(answer.getBody(String.class).lines()).hasSize(101).last().isEqualTo("and 150 more");
    }

    private Message post(String body) {
        var exchange = new DefaultExchange(CAMEL);
        exchange.getMessage().setHeader("X-Request", "1");
        exchange.getMessage().setBody(body.getBytes(StandardCharsets.UTF_8));
        alerts.process(exchange);
        assertThat(exchange.getMessage().getHeader("X-Request")).isNull();
        return exchange.getMessage();
    }

    private static String firing(String... functions) {
        return List.of(functions).stream()
                .map(name -> "{\"status\":\"firing\",\"labels\":{\"function_name\":\"" + name + "\"}}")
                .collect(Collectors.joining(",", "{\"alerts\":[", "]}"));
    }

    private static String fixture() throws IOException {
        try (InputStream file = FollowAlertsTest.class.getResourceAsStream("alertmanager.json")) {
            return new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void deploy(String name, String namespace) {
        provider.deploy(Deployments.labelled(
                Deployments.running(name, namespace, null, Map.of()), Map.of(ScaleLabels.MAX, "20")));
    }
}
