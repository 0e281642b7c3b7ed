package dev.caravan.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.testing.RawClient;
import dev.caravan.testing.ScriptedFunction;
import java.time.Duration;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Test;

/** What is told of answers, for metrics. */
class CountedRequestsTest {

    @Test
    void eachAnswerIsToldOnceWithTheRoutesPathAndNoNames() throws Exception {
        try (var gateway = new TestGateway().with(new RouteBuilder() {
            @Override
            public void configure() {
                from("platform-http:/system/things/{id}/open?httpMethodRestrict=GET,POST")
                        .group("public")
                        .setBody()
                        .constant("here");
                from("platform-http:/system/broken").process(exchange -> {
                    throw new HttpFailure(409, "not now");
                });
            }
        })) {
            RawClient.get(gateway.port(), "/system/things/secret-name/open?x=y");
            RawClient.post(gateway.port(), "/system/things/other/open", "body");
            RawClient.get(gateway.port(), "/system/broken");
            RawClient.get(gateway.port(), "/nobody/serves/this");

            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(gateway.answered())
                            .containsExactly(
                                    "GET /system/things/open 200",
                                    "POST /system/things/open 200",
                                    "GET /system/broken 409"));
        }
    }

    @Test
    void callsOfFunctionsAreToldElsewhere() throws Exception {
        try (var function = ScriptedFunction.answering("ok");
                var gateway = new TestGateway()) {
            gateway.replicas.with("echo", function.uri());

            assertThat(RawClient.get(gateway.port(), "/function/echo").status()).isEqualTo(200);

            assertThat(gateway.answered()).isEmpty();
        }
    }
}
