package dev.caravan.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.caravan.ledger.AuditEntry;
import dev.caravan.ledger.LedgerException;
import dev.caravan.testing.FakeFunctionProvider;
import dev.caravan.testing.HttpMessage;
import dev.caravan.testing.RawClient;
import java.util.List;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What is noted of an action and what is not; who did it is RoutesApiTest's. */
@SuppressWarnings("NullAway.Init") // made before each test
class AuditTest {

    private TestGateway gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = new TestGateway();
        gateway.camel
                .getRegistry()
                .bind("functions", new FunctionsApi(new FakeFunctionProvider(), "openfaas-fn", name -> 0.0, "1", "x"));
        gateway.load("deploy-function")
                .load("update-function")
                .load("list-functions")
                .load("delete-function");
        gateway.with(new RouteBuilder() {
            @Override
            public void configure() {
                from("platform-http:/system/fails?httpMethodRestrict=POST")
                        .routeId("fail-always@3")
                        .routeGroup("operator")
                        .throwException(new IllegalStateException("s3cret"));
                from("platform-http:/system/alert?httpMethodRestrict=POST")
                        .routeGroup("operator")
                        .setBody(constant("ok"));
                from("platform-http:/mine?httpMethodRestrict=POST")
                        .routeGroup("operator")
                        .setBody(constant("ok"));
            }
        });
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    @Test
    void anActionIsNotedWithWhatItWasDoneToAndWhatItWasAnswered() throws Exception {
        post("/system/functions", "{\"service\":\"hello\",\"image\":\"x\",\"envVars\":{\"KEY\":\"s3cret\"}}");
        post("/system/functions?x=1", "nonsense");

        assertThat(gateway.done)
                .extracting(AuditEntry::action, AuditEntry::target, AuditEntry::subject, AuditEntry::status)
                .containsExactly(
                        tuple("deploy-function", "POST /system/functions", "hello.openfaas-fn", 202),
                        tuple("deploy-function", "POST /system/functions?x=1", "", 400));
        assertThat(gateway.done).allSatisfy(entry -> {
            assertThat(entry.who()).as("nobody is asked here").isEmpty();
            assertThat(entry.role()).isEqualTo("admin");
        });
        assertThat(gateway.done.toString()).doesNotContain("s3cret");
    }

    @Test
    void whySomebodyDidItIsNotedAsOneReadableLine() throws Exception {
        String body = "{\"service\":\"hello\",\"image\":\"x\"}";
        for (String reason : List.of("order%20%E2%82%AC%205+5%0d%0afaked: line", "50 % off", " ", "%20%00")) {
            RawClient.post(gateway.port(), "/system/functions", body, "X-Reason: " + reason);
        }

        assertThat(gateway.done)
                .extracting(AuditEntry::reason)
                .containsExactly("order € 5+5 faked: line", "50 % off", null, null);
    }

    @Test
    void whatWasChangedIsNotedAsItWasAndAsItIs() throws Exception {
        post("/system/functions", "{\"service\":\"hello\",\"image\":\"x:1\"}");
        String update = "{\"service\":\"hello\",\"image\":\"x:2\"}";
        RawClient.ask(
                gateway.port(),
                "PUT /system/functions HTTP/1.1\nHost: test\nContent-Length: " + update.length(),
                update);

        assertThat(gateway.done)
                .extracting(AuditEntry::before, AuditEntry::after)
                .containsExactly(tuple(null, null), tuple("x:1", "x:2"));
    }

    @Test
    void lookingIsNoActionNorIsWhatMachinesSayNorWhatIsNotTheSystems() throws Exception {
        RawClient.get(gateway.port(), "/system/functions");
        post("/system/alert", "{}");
        post("/mine", "x");

        assertThat(gateway.done).isEmpty();
    }

    @Test
    void anActionThatBrokeIsNotedAndAnsweredAsItWouldBe() throws Exception {
        HttpMessage answer = post("/system/fails", "x");

        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.body()).isEqualTo("internal error\n");
        assertThat(gateway.done)
                .extracting(AuditEntry::action, AuditEntry::status)
                .containsExactly(tuple("fail-always", 500));
        assertThat(gateway.done.toString()).doesNotContain("s3cret");
    }

    @Test
    void anActionThatCannotBeKeptIsAnsweredAllTheSameAndStandsInTheLog() throws Exception {
        var log = new ListAppender<ILoggingEvent>();
        log.start();
        var logger = (Logger) LoggerFactory.getLogger(Audit.class);
        logger.addAppender(log);
        try {
            gateway.trailFailure = new LedgerException("cannot write the ledger: it is away");

            HttpMessage answer = post("/system/functions", "{\"service\":\"hello\",\"image\":\"x\"}");

            assertThat(answer.status()).isEqualTo(202);
            assertThat(log.list)
                    .singleElement()
                    .satisfies(line -> assertThat(line.getFormattedMessage())
                            .contains("operator action not kept", "action=deploy-function", "it is away"));
        } finally {
            logger.detachAppender(log);
        }
    }

    private HttpMessage post(String target, String body) throws Exception {
        return RawClient.post(gateway.port(), target, body);
    }
}
