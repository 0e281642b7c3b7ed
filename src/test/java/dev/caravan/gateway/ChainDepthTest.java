package dev.caravan.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.HttpMessage;
import dev.caravan.testing.RawClient;
import dev.caravan.testing.ScriptedFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How calls that come from calls are counted, and that they end; the limit is 16 here. */
class ChainDepthTest {

    private TestGateway gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = new TestGateway();
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    private HttpMessage call(String... headers) throws Exception {
        return RawClient.post(gateway.port(), "/function/echo", "x", headers);
    }

    @Test
    void aCallIsOneDeeperThanTheOneItComesFrom() throws Exception {
        try (var function = ScriptedFunction.answering("ok")) {
            gateway.replicas.with("echo", function.uri());

            call();
            call("X-Caravan-Depth: 1");
            call("x-caravan-depth: 3", "X-Caravan-Depth: 15");

            assertThat(function.seen())
                    .extracting(seen -> seen.values("x-caravan-depth"))
                    .map(Object::toString)
                    .containsExactly("[]", "[2]", "[16]");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"16", "17", "999999999"})
    void aChainThatIsTooLongEndsAtTheDoor(String depth) throws Exception {
        try (var function = ScriptedFunction.answering("ok")) {
            gateway.replicas.with("echo", function.uri());

            HttpMessage answer = call("X-Caravan-Depth: " + depth);

            assertThat(answer.status()).isEqualTo(508);
            assertThat(answer.value("x-openfaas-internal")).isEqualTo("proxy");
            assertThat(answer.body())
                    .isEqualTo("loop detected: " + depth
                            + " calls in a row led to this one (CARAVAN_CHAIN_DEPTH is 16)\n");
            assertThat(function.seen()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "deep", "1000000000", "1, 2", ""})
    void whatIsNoNumberIsABadRequest(String depth) throws Exception {
        HttpMessage answer = call("X-Caravan-Depth: " + depth);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).startsWith("X-Caravan-Depth must be the number");
    }
}
