package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.testing.CaravanProcessFixture;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** All calls of one function fail, again and again: its retries stay within their budget, and nobody else waits. */
class RetryStormIT extends CaravanProcessFixture {

    private static final int STORM = 10_000;
    private static final int CALM = 200;

    /** What a function may have at most, see {@code RetryBudgets}: ten seconds of ten at the start, ten a second. */
    private static final double SAVED = 100;

    private static final double FLOOR = 10;
    /** So much that what is planned during the burst would go on at some hundred a second when it is over. */
    private static final double SHARE = 1;

    private static final Duration WATCHED = Duration.ofSeconds(15);

    @Test
    void aStormStaysWithinItsBudgetAndDelaysNobodyElse() throws Exception {
        deploy(
                "storm",
                Map.of(
                        "com.openfaas.retry.attempts", "1000",
                        "com.openfaas.retry.min_wait", "100ms",
                        "com.openfaas.retry.max_wait", "200ms",
                        "dev.caravan.retry-budget", "100%"));
        deploy("calm", Map.of());
        caravan.awaitReplica("storm");
        caravan.awaitReplica("calm");

        long begin = System.nanoTime();
        List<String> storm = callers.accepted(STORM, number -> call("storm", "?status=503"));
        List<String> calm = callers.accepted(CALM, number -> call("calm", ""));
        List<HttpResponse<String>> results = callers.answers(
                CALM,
                number -> HttpRequest.newBuilder(
                        caravan.url("/async-function/" + calm.get(number) + "/result?wait=30s")));
        Map<String, Long> meanwhile = caravan.calls(QUEUE);
        await().atMost(WATCHED.multipliedBy(3))
                .during(WATCHED)
                .untilAsserted(() -> assertThat(retries(storm))
                        .as("after %d s", (System.nanoTime() - begin) / 1_000_000_000)
                        .isLessThan(1.05 * (SAVED + FLOOR * (System.nanoTime() - begin) / 1e9 + SHARE * STORM)));

        assertThat(results).allSatisfy(result -> {
            assertThat(result.statusCode()).as(result.body()).isEqualTo(200);
            assertThat(result.headers().firstValue("X-Function-Status")).contains("200");
        });
        assertThat(meanwhile).containsEntry("succeeded", (long) CALM);
        assertThat(sum(meanwhile)).isEqualTo(STORM + CALM);
        assertThat(retries(storm)).as("it is held back, not stopped").isGreaterThan(SAVED);

        callers.answers(
                STORM,
                number -> HttpRequest.newBuilder(caravan.url("/async-function/" + storm.get(number)))
                        .DELETE());
        awaitCalls(Map.of("cancelled", (long) STORM, "succeeded", (long) CALM));
        assertThat(effects.ended()).containsKeys(calm.toArray(String[]::new));
        assertThat(caravan.get("/system/dead-letters").path("total").asInt()).isZero();
    }

    private double retries(List<String> calls) throws Exception {
        Set<String> ids = new HashSet<>(calls);
        return effects.begun().entrySet().stream()
                .filter(call -> ids.contains(call.getKey()))
                .mapToLong(call -> call.getValue() - 1)
                .sum();
    }

    private static long sum(Map<String, Long> states) {
        return states.values().stream().mapToLong(Long::longValue).sum();
    }
}
