package dev.caravan.telemetry;

import static dev.caravan.telemetry.Events.FIGLET;
import static dev.caravan.telemetry.Events.attempt;
import static dev.caravan.telemetry.Events.call;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.caravan.function.Attempt;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class TelemetryTest {

    private static final String FN = "function_name=\"figlet.openfaas-fn\"";

    private final Telemetry telemetry = new Telemetry(Events.LEVELS, 3);

    @AfterEach
    void close() {
        telemetry.close();
    }

    @Test
    void invocationsAreCountedUnderTheNamesThatDashboardsAskFor() {
        telemetry.invocationStarted(FIGLET);
        telemetry.invocationFinished(FIGLET, 200, Duration.ofMillis(30));
        telemetry.invocationStarted(FIGLET);
        telemetry.invocationFinished(FIGLET, 502, Duration.ofMillis(4));
        telemetry.invocationStarted(FIGLET);

        Exposition metrics = scrape();

        assertThat(metrics.types)
                .containsEntry("gateway_function_invocation_total", "counter")
                .containsEntry("gateway_functions_seconds", "histogram")
                .containsKey("gateway_function_invocation_started")
                .containsEntry("gateway_function_invocation_inflight", "gauge")
                .containsEntry("gateway_service_count", "gauge");
        assertThat(metrics.value("gateway_function_invocation_total{code=\"200\"," + FN + "}"))
                .isEqualTo(1);
        assertThat(metrics.value("gateway_function_invocation_total{code=\"502\"," + FN + "}"))
                .isEqualTo(1);
        assertThat(metrics.value("gateway_function_invocation_started{" + FN + "}"))
                .isEqualTo(3);
        assertThat(metrics.value("gateway_function_invocation_inflight{" + FN + "}"))
                .isEqualTo(1);
        assertThat(telemetry.invocations(FIGLET)).isEqualTo(2);
    }

    @Test
    void theHistogramHasTheBucketsThatOpenFaasHas() {
        telemetry.invocationFinished(FIGLET, 200, Duration.ofMillis(30));

        Exposition metrics = scrape();

        assertThat(metrics.samples.keySet().stream()
                        .filter(name -> name.startsWith("gateway_functions_seconds_bucket"))
                        .map(name -> name.replaceAll(".*le=\"([^\"]+)\".*", "$1")))
                .containsExactly(
                        "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "+Inf");
        assertThat(metrics.value("gateway_functions_seconds_bucket{code=\"200\"," + FN + ",le=\"0.025\"}"))
                .isZero();
        assertThat(metrics.value("gateway_functions_seconds_bucket{code=\"200\"," + FN + ",le=\"0.05\"}"))
                .isEqualTo(1);
        assertThat(metrics.value("gateway_functions_seconds_count{code=\"200\"," + FN + "}"))
                .isEqualTo(1);
        assertThat(metrics.value("gateway_functions_seconds_sum{code=\"200\"," + FN + "}"))
                .isEqualTo(0.03);
    }

    @Test
    void everyEventOfACallIsCounted() {
        Events.publishAll(telemetry);

        Exposition metrics = scrape();

        assertThat(metrics.value("caravan_calls_accepted_total")).isEqualTo(1);
        assertThat(metrics.value("caravan_calls_refused_total{status=\"503\"}")).isEqualTo(1);
        assertThat(metrics.value("caravan_retries_total{" + FN + "}")).isEqualTo(1);
        assertThat(metrics.value("caravan_dead_letters_total{" + FN + ",reason=\"rejected\"}"))
                .isEqualTo(1);
        assertThat(metrics.value("caravan_replays_total")).isEqualTo(1);
        assertThat(metrics.value("caravan_duplicates_dropped_total")).isEqualTo(1);
        assertThat(metrics.value("caravan_callbacks_delivered_total")).isEqualTo(1);
        assertThat(metrics.value("caravan_calls_cancelled_total{" + FN + "}")).isEqualTo(1);
        // accepted, retried and replayed; cancelled, retried, succeeded and dead
        assertThat(metrics.value("queue_worker_messages_submitted_total{queue_name=\"faas-request\"}"))
                .isEqualTo(3);
        assertThat(metrics.value("queue_worker_messages_processed_total{queue_name=\"faas-request\"}"))
                .isEqualTo(4);
        assertThat(metrics.value("caravan_calls_finished_total{queue=\"faas-request\",state=\"succeeded\"}"))
                .isEqualTo(1);
        assertThat(metrics.value("caravan_calls_finished_total{queue=\"faas-request\",state=\"dead\"}"))
                .isEqualTo(1);
        assertThat(metrics.value("caravan_calls_finished_total{queue=\"faas-request\",state=\"cancelled\"}"))
                .isEqualTo(1);
        // one of ours and one that was reported
        assertThat(metrics.value("gateway_function_invocation_total{code=\"200\"," + FN + "}"))
                .isEqualTo(2);
    }

    @Test
    void whatCallsWaitAndTakeIsMeasuredByQueueAndFunction() {
        Instant accepted = call(FIGLET).submittedAt();
        telemetry.retried(
                call(FIGLET),
                new Attempt(1, accepted.plusSeconds(20), Duration.ofMillis(200), 503, null, null),
                Duration.ofSeconds(1));
        telemetry.succeeded(
                call(FIGLET), new Attempt(2, accepted.plusSeconds(90), Duration.ofMillis(300), 200, null, null));
        telemetry.died(
                call(FIGLET),
                DeadReason.EXPIRED,
                new Attempt(1, accepted.plusSeconds(60), Duration.ZERO, 0, "old", null));

        Exposition metrics = scrape();

        String labels = "{" + FN + ",queue_name=\"faas-request\"";
        assertThat(metrics.value("caravan_call_wait_seconds_count" + labels + "}"))
                .as("of first attempts")
                .isEqualTo(2);
        assertThat(metrics.value("caravan_call_wait_seconds_sum" + labels + "}"))
                .isEqualTo(80);
        assertThat(metrics.value(
                        "caravan_call_wait_seconds_bucket{" + FN + ",le=\"30.0\",queue_name=\"faas-request\"}"))
                .isEqualTo(1);
        assertThat(metrics.value("caravan_call_run_seconds_count" + labels + "}"))
                .as("of attempts that ran")
                .isEqualTo(2);
        assertThat(metrics.value("caravan_call_run_seconds_sum" + labels + "}")).isEqualTo(0.5);
    }

    @Test
    void whatRunsAndWaitsIsSeenUnderTheNamesThatDashboardsAskFor() {
        Exposition metrics = scrape();

        String labels = "{" + FN + ",queue_name=\"faas-request\"}";
        assertThat(metrics.value("queue_worker_pending_messages" + labels)).isEqualTo(7);
        assertThat(metrics.value("queue_worker_function_invocation_inflight" + labels))
                .isEqualTo(4);
        assertThat(metrics.value("caravan_queue_oldest_age_seconds{queue=\"faas-request\"}"))
                .isEqualTo(1.5);
        assertThat(metrics.value("gateway_service_target_load{" + FN + ",scaling_type=\"capacity\"}"))
                .isEqualTo(5);
    }

    @Test
    void levelsAreReadAnewForEachScrapeAndRowsGoWithWhatTheyStoodFor() {
        var replicas = new HashMap<>(Map.of(FIGLET, new Levels.Replicas(3, 2, 1)));
        Levels levels = new Levels() {
            @Override
            public Map<FunctionName, Replicas> replicas() {
                return replicas;
            }

            @Override
            public Map<QueueState, Long> calls() {
                return Events.LEVELS.calls();
            }
        };
        try (var changing = new Telemetry(levels)) {
            Exposition before = Exposition.of(changing.scrape("text/plain; version=0.0.4"));
            assertThat(before.value("gateway_service_count{" + FN + "}")).isEqualTo(3);
            assertThat(before.value("gateway_service_ready_count{" + FN + "}")).isEqualTo(2);
            assertThat(before.value("gateway_service_min{" + FN + "}")).isEqualTo(1);
            assertThat(before.value("caravan_calls{queue=\"faas-request\",state=\"queued\"}"))
                    .isEqualTo(7);

            replicas.put(FIGLET, new Levels.Replicas(1, 1, 1));
            Exposition fewer = Exposition.of(changing.scrape("text/plain; version=0.0.4"));
            assertThat(fewer.value("gateway_service_count{" + FN + "}")).isEqualTo(1);

            replicas.clear();
            Exposition gone = Exposition.of(changing.scrape("text/plain; version=0.0.4"));
            assertThat(gone.samples).doesNotContainKey("gateway_service_count{" + FN + "}");
        }
    }

    /** While the database is away everything else must still be seen. */
    @Test
    void aLevelThatCannotBeReadIsMissingAndCountedAndHidesNothingElse() {
        Levels broken = new Levels() {
            @Override
            public Map<QueueState, Long> calls() {
                throw new IllegalStateException("database away");
            }

            @Override
            public Map<String, Long> deadLetters() {
                return Map.of("faas-request", 2L);
            }
        };
        try (var half = new Telemetry(broken)) {
            Exposition metrics = Exposition.of(half.scrape("text/plain; version=0.0.4"));

            assertThat(metrics.samples.keySet()).noneMatch(name -> name.startsWith("caravan_calls{"));
            assertThat(metrics.value("caravan_dead_letter_depth{queue=\"faas-request\"}"))
                    .isEqualTo(2);
            assertThat(metrics.value("caravan_scrape_failures_total{metric=\"caravan_calls\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void functionsAboveTheLimitAreCountedTogether() {
        LongStream.range(0, 10)
                .mapToObj(i -> new FunctionName("fn-" + i, "openfaas-fn"))
                .forEach(function -> {
                    telemetry.invocationFinished(function, 200, Duration.ofMillis(1));
                    telemetry.died(call(function), DeadReason.UNKNOWN_FUNCTION, attempt("no such function"));
                });

        Exposition metrics = scrape();

        assertThat(metrics.samples.keySet().stream()
                        .filter(name -> name.startsWith("gateway_function_invocation_total")))
                .hasSize(4);
        assertThat(metrics.value("gateway_function_invocation_total{code=\"200\",function_name=\"(others)\"}"))
                .isEqualTo(7);
        assertThat(metrics.value("caravan_dead_letters_total{function_name=\"(others)\",reason=\"unknown-function\"}"))
                .isEqualTo(7);
    }

    @Test
    void aRetryAndADeathAreLoggedWithWhoseTheyAreAndInOneLine() {
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        Logger logger = (Logger) LoggerFactory.getLogger(Telemetry.class);
        logger.addAppender(lines);
        try {
            telemetry.retried(call(FIGLET), attempt("busy\n2026 ERROR forged"), Duration.ofSeconds(2));
            telemetry.died(call(FIGLET), DeadReason.ATTEMPTS_EXHAUSTED, attempt(null));
            telemetry.succeeded(call(FIGLET), attempt(null));
        } finally {
            logger.detachAppender(lines);
        }

        assertThat(lines.list)
                .extracting(line -> line.getLevel() + " " + line.getFormattedMessage())
                .containsExactly(
                        "INFO call retried call=11111111-2222-3333-4444-555555555555 function=figlet.openfaas-fn"
                                + " attempt=1 status=503 delay=2000ms error=busy 2026 ERROR forged",
                        "WARN call dead call=11111111-2222-3333-4444-555555555555 function=figlet.openfaas-fn"
                                + " attempt=1 reason=attempts-exhausted status=503 error=-");
    }

    @Test
    void theJvmIsSeenToo() {
        assertThat(scrape().types.keySet())
                .contains("jvm_memory_used_bytes", "jvm_threads_live_threads", "process_uptime_seconds");
    }

    @Test
    void verbsThatAnybodyMayInventAreCountedTogether() {
        telemetry.answered("FROB", "/system/async-report", 202, Duration.ofMillis(1));
        telemetry.answered("NICATE", "/system/async-report", 202, Duration.ofMillis(1));
        telemetry.answered("POST", "/async-function", 202, Duration.ofMillis(1));

        Exposition metrics = scrape();

        String others = "{method=\"OTHER\",path=\"/system/async-report\",status=\"202\"}";
        assertThat(metrics.samples).containsEntry("http_requests_total" + others, 2.0);
        assertThat(metrics.samples.keySet())
                .noneMatch(sample -> sample.startsWith("provider_") && sample.contains("/async-function"));
    }

    private Exposition scrape() {
        return Exposition.of(telemetry.scrape("text/plain; version=0.0.4"));
    }
}
