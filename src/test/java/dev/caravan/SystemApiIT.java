package dev.caravan;

import static dev.caravan.testing.TestServer.freshName;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What faas-cli, a console and Prometheus ask for, over HTTP (contract sections 0.3, 1.2 to 1.13 and 9). */
class SystemApiIT {

    @RegisterExtension
    static final TestServer server = TestServer.with("CARAVAN_SCALE_FROM_ZERO=false");

    @ParameterizedTest
    @CsvSource({
        "GET, /system/functions",
        "POST, /system/functions",
        "PUT, /system/functions",
        "DELETE, /system/functions",
        "GET, /system/function/echo",
        "POST, /system/scale-function/echo",
        "GET, /system/logs",
        "GET, /system/info",
        "GET, /system/queues",
        "GET, /system/dead-letters",
        "POST, /system/async-report"
    })
    void nothingOfItIsOpen(String method, String path) {
        byte[] nothing = {};

        for (Reply reply : List.of(
                server.send(method, path, nothing),
                server.send(method, path, nothing, "Authorization", "Basic YWRtaW46d3Jvbmc="),
                server.send(method, path, nothing, "Authorization", "Bearer "))) {
            assertThat(reply.status()).isEqualTo(401);
            assertThat(reply.header("WWW-Authenticate")).isEqualTo("Basic realm=\"Restricted\"");
            assertThat(reply.text().strip()).isEqualTo("invalid credentials");
        }
    }

    @Test
    void withoutAuthenticationAnEmptyTokenIsNoObstacle() {
        try (TestServer open = TestServer.with("CARAVAN_AUTH=none").start()) {
            assertThat(open.get("/system/functions", "Authorization", "Bearer ").status())
                    .isEqualTo(200);
            assertThat(open.get("/system/info").status()).isEqualTo(200);
        }
    }

    @Test
    void healthIsOpenToAllAndToHead() {
        assertThat(server.get("/healthz").status()).isEqualTo(200);
        Reply head = server.send("HEAD", "/healthz", new byte[0]);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.bytes()).isEmpty();
    }

    @Test
    void aBrowserIsLedToTheConsole() {
        Reply start = server.get("/");
        assertThat(start.status()).isEqualTo(307);
        assertThat(start.header("Location")).isEqualTo("/ui/");
        assertThat(start.bytes()).isEmpty();

        Reply page = server.get("/ui/");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(page.header("Content-Security-Policy")).contains("default-src 'none'");
        assertThat(page.text()).contains("<caravan-console>", "../openapi.yaml").doesNotContain(server.password());

        assertThat(server.send("HEAD", "/ui/", new byte[0]).status()).isEqualTo(200);
        assertThat(server.get("/ui").status()).isEqualTo(404);
        assertThat(server.get("/ui/nothing.js").status()).isEqualTo(404);
    }

    @Test
    void telemetryIsNotThere() {
        assertThat(server.system("/system/telemetry").status()).isEqualTo(404);
    }

    @Test
    void aFunctionsLogIsReadOverHttp() {
        String echo = server.deploy("echo", "cat");
        server.post("/function/" + echo, "hello");

        await().untilAsserted(() -> assertThat(
                        server.system("/system/logs?name=" + echo).text())
                .contains("\"name\":\"" + echo + "\"", "\"instance\":\"" + echo + "-", "Wrote 5 Bytes"));
        assertThat(server.system("/system/logs?name=" + echo + "&tail=x").status())
                .isEqualTo(400);
        server.delete(echo);
        assertThat(server.system("/system/logs?name=" + echo).status()).isEqualTo(404);
    }

    @Test
    void requestsAreCountedAsGatewayAndAsProvider() {
        server.system("/system/function/nobody");

        await().untilAsserted(() -> {
            assertThat(server.metric(
                            "provider_http_requests_total{code=\"404\",method=\"GET\",path=\"/system/function\"}"))
                    .isPositive();
            assertThat(server.metric("http_requests_total{method=\"GET\",path=\"/system/function\",status=\"404\"}"))
                    .isPositive();
        });
    }

    @Test
    void infoHasBothVersionsWithReleaseAndSha() {
        JsonNode info = server.system("/system/info").json();

        assertThat(info.at("/provider/provider").asText()).isNotEmpty();
        assertThat(info.at("/provider/orchestration").asText()).isNotEmpty();
        for (String version : List.of("/provider/version", "/version")) {
            assertThat(info.at(version + "/release").asText()).isNotEmpty();
            assertThat(info.at(version + "/sha").asText()).isNotEmpty();
        }
        assertThat(info.get("arch").asText()).isNotEmpty();
    }

    @Test
    void aDeployedFunctionIsListedAsClientsReadIt() {
        String echo = server.deploy("echo", "cat", "team=blue");
        server.post("/function/" + echo, "x");

        JsonNode listed = listed(echo);

        assertThat(listed.get("namespace").asText()).isEqualTo("openfaas-fn");
        assertThat(listed.get("image").asText()).isEqualTo(echo + ":latest");
        assertThat(listed.get("envProcess").asText()).isEqualTo("cat");
        assertThat(listed.get("labels").isObject()).isTrue();
        assertThat(listed.at("/annotations/team").asText()).isEqualTo("blue");
        assertThat(listed.get("replicas").isIntegralNumber()).isTrue();
        assertThat(listed.get("availableReplicas").asInt()).isEqualTo(1);
        assertThat(listed.get("createdAt").asText()).matches("[0-9-]+T[0-9:.]+(Z|[+-][0-9:]+)");
        assertThat(listed.get("invocationCount").asDouble()).isEqualTo(1);
    }

    private static JsonNode listed(String name) {
        for (JsonNode function : server.system("/system/functions").json()) {
            if (function.get("name").asText().equals(name)) {
                return function;
            }
        }
        throw new AssertionError(name + " is not listed");
    }

    @Test
    void deployingUpdatingAndDeletingAnswerAsFaasCliNeedsIt() {
        String name = freshName("life");
        String first = "{\"service\":\"" + name + "\",\"image\":\"x\",\"envProcess\":\"cat\"}";
        String second = "{\"service\":\"" + name + "\",\"image\":\"x\",\"envProcess\":\"rev\",\"labels\":null}";

        assertThat(server.system("PUT", "/system/functions", first).status()).isEqualTo(404);
        assertThat(server.system("POST", "/system/functions", first).status()).isEqualTo(202);
        assertThat(server.post("/function/" + name + ".openfaas-fn", "abc").text())
                .isEqualTo("abc");
        assertThat(server.system("PUT", "/system/functions", second).status()).isEqualTo(202);
        assertThat(server.post("/function/" + name, "abc\n").text()).isEqualTo("cba\n");
        String delete = "{\"functionName\":\"" + name + "\"}";
        assertThat(server.system("DELETE", "/system/functions", delete).status())
                .isEqualTo(202);
        assertThat(server.system("DELETE", "/system/functions", delete).status())
                .isEqualTo(404);
        assertThat(server.system("/system/function/" + name).status()).isEqualTo(404);
        assertThat(server.post("/function/" + name, "").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "not json",
                "[]",
                "{\"service\":\"Bad_Name\",\"image\":\"x\",\"envProcess\":\"cat\"}",
                "{\"service\":\"no-command\",\"image\":\"x\"}",
                "{\"image\":\"x\",\"envProcess\":\"cat\"}"
            })
    void aDeploymentThatMakesNoSenseIsRefusedInOneLine(String body) {
        Reply reply = server.system("POST", "/system/functions", body);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.header("Content-Type")).startsWith("text/plain");
        assertThat(reply.text().strip().lines()).hasSize(1);
    }

    @Test
    void replicasFollowTheScale() {
        String echo = server.deploy("echo", "cat");

        server.scale(echo, 3);
        await().untilAsserted(() -> assertThat(available(echo)).isEqualTo(3));
        server.scale(echo, 0);
        await().untilAsserted(() -> assertThat(available(echo)).isZero());

        assertThat(server.post("/function/" + echo, "").status()).isEqualTo(503);
    }

    private static int available(String function) {
        return server.system("/system/function/" + function)
                .json()
                .path("availableReplicas")
                .asInt();
    }

    @Test
    void aReportOfAnotherWorkerIsCounted() {
        String name = freshName("reported");

        Reply reply = server.system(
                "POST", "/system/async-report", "{\"name\":\"" + name + "\",\"statusCode\":201,\"timeTaken\":0.25}");

        assertThat(reply.status()).isEqualTo(202);
        assertThat(server.invocations(name, 201)).isEqualTo(1);
    }

    @Test
    void metricsHaveTheNamesThatDashboardsAskFor() {
        String echo = server.deploy("echo", "cat");
        server.post("/function/" + echo, "");
        server.callAsync(echo, "");
        await().untilAsserted(() -> assertThat(server.invocations(echo, 200)).isEqualTo(2));

        Reply metrics = server.management("/metrics");

        assertThat(metrics.status()).isEqualTo(200);
        assertThat(metrics.text())
                .contains(
                        "gateway_function_invocation_started{function_name=\"" + echo + ".openfaas-fn\"} 2.0",
                        "gateway_functions_seconds_bucket{",
                        "gateway_functions_seconds_count{",
                        "gateway_functions_seconds_sum{",
                        "gateway_service_count{function_name=\"" + echo + ".openfaas-fn\"} 1.0",
                        "gateway_function_invocation_inflight{",
                        "queue_worker_messages_submitted_total{queue_name=\"faas-request\"}",
                        "queue_worker_messages_processed_total{queue_name=\"faas-request\"}",
                        "caravan_calls{queue=\"faas-request\",state=\"succeeded\"}",
                        "caravan_calls_accepted_total",
                        "jvm_memory_used_bytes")
                .doesNotContain("gateway_function_invocation_started_total");
    }

    @Test
    void theManagementPortTellsHealthAndReadiness() {
        assertThat(server.management("/healthz").status()).isEqualTo(200);
        assertThat(server.management("/readyz").status()).isEqualTo(200);
    }

    @Test
    void whatIsNotThereIsNotFoundAndTheWrongVerbNotAllowed() {
        assertThat(server.get("/nowhere").status()).isEqualTo(404);
        assertThat(server.get("/nowhere").text().strip()).isEqualTo("404 page not found");
        assertThat(server.system("PATCH", "/system/functions", "").status()).isEqualTo(405);
    }

    @Test
    void aQueueTellsHowMuchWaitsInItAndForHowLong() {
        String held = server.deploy("held", "cat");
        server.scale(held, 0);
        server.callAsync(held, "");
        server.callAsync(held, "", "X-Delay", "1h");

        await().untilAsserted(() -> {
            JsonNode queue = faasRequest();
            assertThat(queue.get("depth").asInt()).isEqualTo(1);
            assertThat(queue.get("scheduled").asInt()).isEqualTo(1);
            assertThat(queue.get("oldestAgeSeconds").asDouble()).isBetween(0.5, 60.0);
        });
        String pending =
                "queue_worker_pending_messages{function_name=\"" + held + ".openfaas-fn\",queue_name=\"faas-request\"}";
        assertThat(server.metric(pending)).isEqualTo(1);

        server.scale(held, 1);
        await().untilAsserted(
                        () -> assertThat(faasRequest().get("depth").asInt()).isZero());
        assertThat(server.metric(pending)).isZero();
    }

    private static JsonNode faasRequest() {
        for (JsonNode queue : server.system("/system/queues").json()) {
            if (queue.get("name").asText().equals("faas-request")) {
                return queue;
            }
        }
        throw new AssertionError("there is no queue faas-request");
    }

    @Test
    void anUpdateLetsTheCallsThatRunFinish() {
        String slow = server.deployScript("slow", "sleep 1; cat");
        server.callAsync(slow, "");
        String inflight = "gateway_function_invocation_inflight{function_name=\"" + slow + ".openfaas-fn\"}";
        await().until(() -> server.metric(inflight) == 1);

        server.deployAs(slow, "cat", Map.of());

        await().untilAsserted(() -> assertThat(server.invocations(slow, 200)).isEqualTo(1));
        assertThat(server.metric("caravan_retries_total{function_name=\"" + slow + ".openfaas-fn\"}"))
                .isZero();
    }

    @Test
    void queuesAreListedWithAllTheirFigures() {
        JsonNode queues = server.system("/system/queues").json();

        assertThat(queues.findValuesAsText("name")).contains("faas-request", "faas-callback");
        for (JsonNode queue : queues) {
            assertThat(queue.fieldNames())
                    .toIterable()
                    .containsExactlyInAnyOrder(
                            "name",
                            "depth",
                            "running",
                            "scheduled",
                            "deadLetters",
                            "consumers",
                            "concurrency",
                            "oldestAgeSeconds",
                            "enqueued",
                            "dequeued",
                            "paused",
                            "drained",
                            "pausedFunctions");
        }
    }
}
