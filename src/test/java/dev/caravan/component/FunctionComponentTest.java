package dev.caravan.component;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.caravan.function.CallEvents;
import dev.caravan.function.FailureCode;
import dev.caravan.function.FunctionCallException;
import dev.caravan.function.FunctionName;
import dev.caravan.testing.FixedReplicas;
import dev.caravan.testing.ScriptedFunction;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Buffered calls, as workers and users' routes make them. */
class FunctionComponentTest {

    private final Vertx vertx = Vertx.vertx();
    private final FixedReplicas replicas = new FixedReplicas();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final DefaultCamelContext camel = new DefaultCamelContext();

    @BeforeEach
    void start() {
        var recorder = new CallEvents() {
            @Override
            public void invocationStarted(FunctionName function) {
                events.add("started " + function);
            }

            @Override
            public void invocationFinished(FunctionName function, int status, Duration took) {
                events.add("finished " + function + " " + status);
            }
        };
        camel.getRegistry()
                .bind(
                        "function",
                        new FunctionComponent(
                                replicas, vertx, recorder, "openfaas-fn", Duration.ofSeconds(5), "caravan/test"));
        camel.start();
    }

    @AfterEach
    void stop() throws Exception {
        camel.close();
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    @Test
    void theAnswerIsOnTheMessageAndInFullOnTheExchange() throws Exception {
        try (var function = ScriptedFunction.answering("hello", "X-Two: 1", "X-Two: 2", "CamelEvil: x")) {
            replicas.with("echo", function.uri());

            Exchange done =
                    call("function:echo", "question", Map.of("X-Id", "7", "CaravanPath", "/a%2Fb", "JMSType", "t"));

            assertThat(done.getException()).isNull();
            assertThat(done.getMessage().getBody(String.class)).isEqualTo("hello");
            assertThat(done.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE)).isEqualTo(200);
            assertThat(done.getMessage().getHeader("X-Two")).isEqualTo("1");
            assertThat(done.getMessage().getHeader("CamelEvil")).isNull();
            var answer = done.getProperty(CaravanHeaders.FUNCTION_ANSWER, FunctionAnswer.class);
            assertThat(answer.headers().get("X-Two")).containsExactly("1", "2");
            assertThat(answer.truncated()).isFalse();
            var seen = function.seen().get(0);
            assertThat(seen.start()).isEqualTo("POST /a%2Fb HTTP/1.1");
            assertThat(seen.value("x-id")).isEqualTo("7");
            assertThat(seen.value("content-length")).isEqualTo("8");
            assertThat(seen.value("jmstype")).isNull();
            assertThat(events).containsExactly("started echo.openfaas-fn", "finished echo.openfaas-fn 200");
        }
    }

    @Test
    void anAnswerAboveTheLimitIsTruncatedAndSaysSo() throws Exception {
        try (var function = ScriptedFunction.answering("0123456789")) {
            replicas.with("long", function.uri());

            Exchange done = call("function:long?maxAnswer=4", null, Map.of());

            var answer = done.getProperty(CaravanHeaders.FUNCTION_ANSWER, FunctionAnswer.class);
            assertThat(answer.body()).asString().isEqualTo("0123");
            assertThat(answer.truncated()).isTrue();
        }
    }

    @Test
    void exactHeadersReplaceTheMessages() throws Exception {
        try (var function = ScriptedFunction.answering("")) {
            replicas.with("echo", function.uri());

            Exchange done = camel.createFluentProducerTemplate()
                    .to("function:*")
                    .withExchange(exchange(
                            null,
                            Map.of("CaravanFunction", "echo", "X-Message", "no"),
                            Map.of("X-Call-Id", List.of("id"), "X-Two", List.of("1", "2"))))
                    .send();

            assertThat(done.getException()).isNull();
            var seen = function.seen().get(0);
            assertThat(seen.values("x-two")).containsExactly("1", "2");
            assertThat(seen.value("x-call-id")).isEqualTo("id");
            assertThat(seen.value("x-message")).isNull();
        }
    }

    @Test
    void aTimeoutCoversTheWholeAnswer() throws Exception {
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
            return in.read() >= 0;
        })) {
            replicas.with("half", function.uri());

            assertThat(failure(call("function:half?timeout=200ms", null, Map.of())))
                    .isEqualTo(FailureCode.TIMEOUT);
            assertThat(events).contains("finished half.openfaas-fn 504");
        }
    }

    @Test
    void halfAnAnswerIsAFailure() throws Exception {
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
            return false;
        })) {
            replicas.with("half", function.uri());

            assertThat(failure(call("function:half", null, Map.of()))).isEqualTo(FailureCode.UNREACHABLE);
        }
    }

    @Test
    void whoCannotBeCalledIsSaidByCode() throws Exception {
        replicas.with("asleep");

        assertThat(failure(call("function:nobody", null, Map.of()))).isEqualTo(FailureCode.UNKNOWN_FUNCTION);
        assertThat(failure(call("function:*", null, Map.of()))).isEqualTo(FailureCode.UNKNOWN_FUNCTION);
        assertThat(failure(call("function:asleep", null, Map.of()))).isEqualTo(FailureCode.NO_REPLICA);
        assertThat(events).isEmpty();
    }

    /** What nobody wants any more is no error of ours; the client library would log it as one. */
    @Test
    void aCallThatIsGivenUpBeforeItIsConnectedIsNoErrorInTheLog() throws Exception {
        var errors = new ListAppender<ILoggingEvent>();
        errors.start();
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.addAppender(errors);
        try (var function = ScriptedFunction.answering("late")) {
            replicas.with("unwanted", function.uri());
            var cancelled = new Cancellation();
            cancelled.cancel();

            for (int i = 0; i < 20; i++) {
                Exchange unwanted = exchange(null, Map.of(), null);
                unwanted.setProperty(CaravanHeaders.CANCELLATION, cancelled);
                camel.createFluentProducerTemplate()
                        .to("function:unwanted")
                        .withExchange(unwanted)
                        .send();
                assertThat(failure(unwanted)).isEqualTo(FailureCode.UNREACHABLE);
            }
            assertThat(call("function:unwanted", null, Map.of()).getException()).isNull();
        } finally {
            root.detachAppender(errors);
        }

        assertThat(errors.list)
                .filteredOn(line -> line.getLevel().isGreaterOrEqual(Level.ERROR))
                .isEmpty();
    }

    private Exchange call(String uri, @Nullable String body, Map<String, Object> headers) {
        return camel.createFluentProducerTemplate()
                .to(uri)
                .withExchange(exchange(body, headers, null))
                .send();
    }

    private Exchange exchange(
            @Nullable String body, Map<String, Object> headers, @Nullable Map<String, List<String>> exact) {
        var exchange = new DefaultExchange(camel);
        exchange.getMessage().setBody(body);
        exchange.getMessage().setHeaders(new HashMap<>(headers));
        if (exact != null) {
            exchange.setProperty(CaravanHeaders.REQUEST_HEADERS, exact);
        }
        return exchange;
    }

    private static FailureCode failure(Exchange done) {
        assertThat(done.getException()).isInstanceOf(FunctionCallException.class);
        return ((FunctionCallException) done.getException()).code();
    }
}
