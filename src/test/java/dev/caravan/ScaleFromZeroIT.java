package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.caravan.provider.process.ProcessProvider;
import dev.caravan.testing.RawClient;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

/** Calls of functions that have no replica, with real processes. */
@Timeout(180)
class ScaleFromZeroIT {

    private static final Path ANSWERS =
            Path.of("src/test/resources/dev/caravan/testing/answers.py").toAbsolutePath();
    private static final Map<String, String> HTTP = Map.of("mode", "http");

    @RegisterExtension
    static final TestServer server = TestServer.with();

    @Test
    void fiftyCallersOfAFunctionWithoutReplicasStartItOnceAndAreAllAnswered() throws Exception {
        String answers = server.deployAnswers();
        server.scale(answers, 0);
        List<String> scalings = new CopyOnWriteArrayList<>();
        var log = (Logger) LoggerFactory.getLogger(ProcessProvider.class);
        var appender = new AppenderBase<ILoggingEvent>() {
            @Override
            protected void append(ILoggingEvent event) {
                if (event.getFormattedMessage().startsWith("function scaled function=" + answers + ".")) {
                    scalings.add(event.getFormattedMessage());
                }
            }
        };
        appender.setContext(log.getLoggerContext());
        appender.start();
        log.addAppender(appender);
        ExecutorService callers = Executors.newFixedThreadPool(50);
        try {
            List<Future<Reply>> calls = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                calls.add(callers.submit(() -> server.post("/function/" + answers + "/200", "x")));
            }

            for (Future<Reply> call : calls) {
                assertThat(call.get(120, TimeUnit.SECONDS).status()).isEqualTo(200);
            }
        } finally {
            callers.shutdownNow();
            log.detachAppender(appender);
        }
        assertThat(scalings).hasSize(1);
        assertThat(server.metric("caravan_cold_start_seconds_count{function_name=\"" + answers + ".openfaas-fn\"}"))
                .isBetween(1.0, 50.0);
    }

    @Test
    void aFunctionThatStillStartsIsWaitedFor() {
        String name = TestServer.freshName("starting");

        server.deployAs(name, "python3 " + ANSWERS, HTTP);

        assertThat(server.post("/function/" + name + "/200", "x").status()).isEqualTo(200);
    }

    @Test
    void aFunctionThatNeverGetsReadyIsSaidToBeSoInTime() {
        try (TestServer impatient =
                TestServer.with("CARAVAN_SCALE_FROM_ZERO_WAIT=2s").start()) {
            String name = TestServer.freshName("never");
            impatient.deployAs(name, "false", HTTP);
            impatient.scale(name, 0);

            Reply reply = impatient.post("/function/" + name, "x");

            assertThat(reply.status()).isEqualTo(503);
            assertThat(reply.header("X-OpenFaaS-Internal")).isEqualTo("proxy");
            assertThat(reply.header("Retry-After")).isEqualTo("1");
            assertThat(reply.text())
                    .isEqualTo("function \"" + name + ".openfaas-fn\": no replica got ready within 2s:"
                            + " its process ended by itself, exit status 1\n");
        }
    }

    @Test
    void aClientThatLeavesDoesNotCallAnyMore() throws Exception {
        Path go = server.folder().resolve("go");
        String late = server.deployScript(
                "late", "while [ ! -e " + go + " ]; do sleep 0.1; done; exec python3 " + ANSWERS + "\n", HTTP);
        try (var client = new RawClient(server.port())) {
            client.send("POST /function/" + late + "/200 HTTP/1.1\nHost: test\nContent-Length: 0", "");
            passEveryLoop();
        }
        passEveryLoop();

        Files.createFile(go);
        Reply second = server.post("/function/" + late + "/200", "x");

        assertThat(second.status()).isEqualTo(200);
        assertThat(server.metric("gateway_function_invocation_started{function_name=\"" + late + ".openfaas-fn\"}"))
                .isEqualTo(1);
    }

    /** Connections go to the event loops in turns, and each loop takes its events in their order. */
    private static void passEveryLoop() throws Exception {
        for (int i = 0; i < 16; i++) {
            assertThat(RawClient.get(server.port(), "/healthz").status()).isEqualTo(200);
        }
    }

    @Test
    void anAsynchronousCallStartsItsFunctionAndLosesNoAttempt() {
        String answers = server.deployAnswers();
        server.scale(answers, 0);

        server.callAsync(answers + "/200", "x");

        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(server.invocations(answers, 200)).isEqualTo(1));
        assertThat(server.metric("caravan_retries_total{function_name=\"" + answers + ".openfaas-fn\"}"))
                .isZero();
        assertThat(server.metric("gateway_function_invocation_started{function_name=\"" + answers + ".openfaas-fn\"}"))
                .isEqualTo(1);
    }

    @Test
    void anAsynchronousCallOfOneThatNeverGetsReadyWaitsInItsQueueAndHoldsUpNobody() {
        String never = TestServer.freshName("never");
        server.deployAs(never, "false", HTTP);
        String echo = server.deploy("echo", "cat");
        server.callAsync(never, "x");

        server.callAsync(echo, "x");

        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(server.invocations(echo, 200)).isEqualTo(1));
        assertThat(server.deadLetters(never)).isEmpty();
        assertThat(server.metric("caravan_retries_total{function_name=\"" + never + ".openfaas-fn\"}"))
                .isZero();
        server.delete(never);
    }

    @Test
    void anUnknownFunctionIsNotFound() {
        assertThat(server.post("/function/nobody", "x").status()).isEqualTo(404);
    }
}
