package dev.caravan.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.io.IOException;
import java.time.OffsetDateTime;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Deploying, scaling and looking at functions, row by row as their clients do (contract sections 1.2 and 1.5 to 1.7). */
class FunctionsClientIT {

    @RegisterExtension
    static final TestServer server = TestServer.with();

    private final Rows rows = new Rows(server);

    @BeforeAll
    static void addUsers() throws IOException {
        Rows.addUsers(server);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # who   | request                                                 | body                                                                  | status | answer
        nobody  | GET /system/functions                                   | ``                                                                    | 401    | ^invalid credentials
        wrong   | GET /system/functions                                   | ``                                                                    | 401    | ^invalid credentials
        token   | GET /system/functions                                   | ``                                                                    | 401    | ^invalid credentials
        nobody  | POST /system/functions                                  | {"service":"row","image":"row:1","envProcess":"cat"}                  | 401    | ^invalid credentials
        nobody  | PUT /system/functions                                   | {"service":"row","image":"row:1","envProcess":"cat"}                  | 401    | ^invalid credentials
        nobody  | DELETE /system/functions                                | {"functionName":"row"}                                                | 401    | ^invalid credentials
        admin   | GET /system/functions?namespace=nobody-lives-here       | ``                                                                    | 400    | nobody-lives-here
        admin   | PUT /system/functions                                   | {"service":"row","image":"row:1","envProcess":"cat"}                  | 404    | not deployed
        admin   | POST /system/functions                                  | {"service":"row","image":"row:1","envProcess":"cat"}                  | 202    | ``
        admin   | POST /system/functions                                  | {"service":"row","image":"row:1","envProcess":"cat"}                  | 400    | row
        admin   | PUT /system/functions                                   | {"service":"row","image":"row:2","envProcess":"cat"}                  | 202    | ``
        admin   | GET /system/functions                                   | ``                                                                    | 200    | "image":"row:2"
        admin   | GET /system/functions?namespace=openfaas-fn             | ``                                                                    | 200    | "name":"row"
        admin   | GET /system/functions?namespace=no_label                | ``                                                                    | 400    | namespace
        admin   | POST /system/functions                                  | {"service":"row"                                                      | 400    | JSON
        admin   | POST /system/functions                                  | []                                                                    | 400    | object
        admin   | POST /system/functions                                  | {"image":"row:1","envProcess":"cat"}                                  | 400    | service
        admin   | POST /system/functions                                  | {"service":"Row","image":"row:1","envProcess":"cat"}                  | 400    | service
        admin   | POST /system/functions                                  | {"service":"other","envProcess":"cat"}                                | 400    | image
        admin   | POST /system/functions                                  | {"service":"other","image":"other:1"}                                 | 400    | envProcess
        admin   | POST /system/functions                                  | {"service":"other","image":"x","envProcess":"cat","namespace":"a.b"}  | 400    | namespace
        admin   | POST /system/functions                                  | {"service":"other","image":"x","envProcess":"cat","namespace":"nobody-lives-here"} | 400 | nobody-lives-here
        admin   | POST /system/functions                                  | {"service":"other","image":"x","envProcess":"cat","secrets":["lost"]} | 400    | lost
        vera    | GET /system/functions                                   | ``                                                                    | 200    | -
        vera    | POST /system/functions                                  | {"service":"other","image":"x","envProcess":"cat"}                    | 403    | admin
        olga    | PUT /system/functions                                   | {"service":"row","image":"x","envProcess":"cat"}                      | 403    | admin
        olga    | DELETE /system/functions                                | {"functionName":"row"}                                                | 403    | admin
        vera    | POST /system/scale-function/row                         | {"serviceName":"row","replicas":1}                                    | 403    | admin
        vera    | GET /system/function/row                                | ``                                                                    | 200    | -
        admin   | PATCH /system/functions                                 | ``                                                                    | 405    | ``
        nobody  | GET /system/function/row                                | ``                                                                    | 401    | ^invalid credentials
        admin   | GET /system/function/row                                | ``                                                                    | 200    | "name":"row"
        admin   | GET /system/function/row.openfaas-fn                    | ``                                                                    | 200    | "name":"row"
        admin   | GET /system/function/row?namespace=openfaas-fn&usage=1  | ``                                                                    | 200    | "name":"row"
        admin   | GET /system/function/row?usage=true                     | ``                                                                    | 200    | "name":"row"
        admin   | GET /system/function/row?usage=false                    | ``                                                                    | 200    | "name":"row"
        admin   | GET /system/function/row?namespace=no_label             | ``                                                                    | 400    | namespace
        admin   | GET /system/function/nobody                             | ``                                                                    | 404    | nobody
        admin   | POST /system/function/row                               | ``                                                                    | 405    | ``
        nobody  | POST /system/scale-function/row                         | {"serviceName":"row","replicas":2}                                    | 401    | ^invalid credentials
        admin   | POST /system/scale-function/row                         | {"serviceName":"row","replicas":2}                                    | 202    | ``
        admin   | POST /system/scale-function/row                         | {"serviceName":"row","namespace":"openfaas-fn","replicas":0}          | 202    | ``
        admin   | POST /system/scale-function/row?namespace=openfaas-fn   | {"replicas":1}                                                        | 202    | ``
        admin   | POST /system/scale-function/row                         | {"serviceName":"row"}                                                 | 400    | replicas
        admin   | POST /system/scale-function/row                         | {"serviceName":"row","replicas":-1}                                   | 400    | replicas
        admin   | POST /system/scale-function/row                         | {"serviceName":"row","replicas":1.5}                                  | 400    | replicas
        admin   | POST /system/scale-function/row                         | not json                                                              | 400    | JSON
        admin   | POST /system/scale-function/nobody                      | {"serviceName":"nobody","replicas":1}                                 | 404    | nobody
        admin   | GET /system/scale-function/row                          | ``                                                                    | 405    | ``
        admin   | DELETE /system/functions                                | not json                                                              | 400    | JSON
        admin   | DELETE /system/functions                                | {"functionName":""}                                                   | 400    | functionName
        admin   | DELETE /system/functions                                | {"functionName":"nobody"}                                             | 404    | nobody
        admin   | DELETE /system/functions?namespace=openfaas-fn          | {"functionName":"row"}                                                | 202    | ``
        admin   | DELETE /system/functions                                | {"functionName":"row","namespace":"openfaas-fn"}                      | 404    | row
        """)
    void eachRequestIsAnsweredAsTheTableSays(String who, String request, String body, int status, String answer) {
        rows.send(who, request, body, status, answer);
    }

    @Test
    void the401AsksABrowserForThePassword() {
        assertThat(rows.send("nobody", "GET /system/functions", "", 401, "-").header("WWW-Authenticate"))
                .isEqualTo("Basic realm=\"Restricted\"");
    }

    @Test
    void theListIsOneThatNoClientStumblesOver() {
        String hello = server.deploy("hello", "cat");
        server.awaitReplica(hello);

        Reply reply = rows.send("admin", "GET /system/functions", "", 200, "-");

        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertThat(reply.json().isArray()).isTrue();
        for (JsonNode function : reply.json()) {
            assertThat(function.get("labels").isObject()).isTrue();
            assertThat(function.get("annotations").isObject()).isTrue();
            assertThat(function.path("replicas").asText("1")).matches("[0-9]+");
            assertThat(function.path("availableReplicas").asText("1")).matches("[0-9]+");
            assertThat(function.get("invocationCount").isNumber()).isTrue();
            assertThat(OffsetDateTime.parse(function.get("createdAt").asText()))
                    .isAfter(OffsetDateTime.parse("2020-01-01T00:00:00Z"));
        }
    }

    @Test
    void invocationsAreCountedWhateverTheirStatusAndShownInBothPlaces() {
        String answers = server.deployAnswers();
        server.post("/function/" + answers, "");
        server.post("/function/" + answers + "/500", "");

        await().untilAsserted(() -> {
            assertThat(status(answers).get("invocationCount").asDouble()).isEqualTo(2);
            assertThat(listed(answers).get("invocationCount").asDouble()).isEqualTo(2);
        });
    }

    @Test
    void aDeploymentComesBackExactlyAndWithNothingAdded() {
        String deployment = """
                {"service":"exact","image":"exact:1","namespace":"openfaas-fn","envProcess":"cat",
                 "envVars":{"A":"1"},"constraints":["zone=a"],
                 "labels":{"team":"blue"},"annotations":{"topic":"orders"},
                 "limits":{"memory":"64Mi","cpu":"100m"},"requests":{"memory":"32Mi"},"readOnlyRootFilesystem":true}""";
        rows.send("admin", "POST /system/functions", deployment, 202, "");

        JsonNode status = status("exact");

        assertThat(status.get("envVars").toString()).isEqualTo("{\"A\":\"1\"}");
        assertThat(status.get("constraints").toString()).isEqualTo("[\"zone=a\"]");
        assertThat(status.get("labels").toString()).isEqualTo("{\"team\":\"blue\"}");
        assertThat(status.get("annotations").toString()).isEqualTo("{\"topic\":\"orders\"}");
        assertThat(status.get("limits").toString()).isEqualTo("{\"memory\":\"64Mi\",\"cpu\":\"100m\"}");
        assertThat(status.get("requests").toString()).isEqualTo("{\"memory\":\"32Mi\"}");
        assertThat(status.get("readOnlyRootFilesystem").asBoolean()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "2"})
    void asManyReplicasStartAsTheLabelSays(String wanted) {
        String name = TestServer.freshName("min");
        String deployment = "{\"service\":\"" + name + "\",\"image\":\"x\",\"envProcess\":\"cat\","
                + "\"labels\":{\"com.openfaas.scale.min\":\"" + wanted + "\"}}";
        rows.send("admin", "POST /system/functions", deployment, 202, "");

        assertThat(status(name).path("replicas").asText("0")).isEqualTo(wanted);
    }

    private static JsonNode status(String function) {
        return server.system("/system/function/" + function).json();
    }

    private static JsonNode listed(String function) {
        for (JsonNode each : server.system("/system/functions").json()) {
            if (each.get("name").asText().equals(function)) {
                return each;
            }
        }
        throw new AssertionError(function + " is not listed");
    }
}
