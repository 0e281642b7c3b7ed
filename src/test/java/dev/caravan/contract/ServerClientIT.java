package dev.caravan.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients ask the server about itself, row by row (contract sections 0.2, 0.3, 1.1 and 1.11 to 1.14). */
class ServerClientIT {

    @RegisterExtension
    static final TestServer server = TestServer.with();

    private final Rows rows = new Rows(server);

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # who   | request                       | body                                           | status | answer
        nobody  | GET /healthz                  | ``                                             | 200    | ``
        wrong   | GET /healthz                  | ``                                             | 200    | ``
        nobody  | HEAD /healthz                 | ``                                             | 200    | ``
        nobody  | POST /healthz                 | ``                                             | 405    | ``
        nobody  | GET /system/info              | ``                                             | 401    | ^invalid credentials
        admin   | GET /system/info              | ``                                             | 200    | "provider":"caravan-process"
        admin   | POST /system/info             | ``                                             | 405    | ``
        nobody  | POST /system/async-report     | {"name":"a","statusCode":200,"timeTaken":0.1}  | 401    | ^invalid credentials
        admin   | POST /system/async-report     | {"name":"a","statusCode":200,"timeTaken":0.1}  | 202    | ``
        admin   | POST /system/async-report     | nonsense                                       | 202    | ``
        admin   | GET /system/async-report      | ``                                             | 202    | ``
        nobody  | GET /                         | ``                                             | 307    | ``
        nobody  | GET /ui/                      | ``                                             | 200    | <html
        nobody  | GET /ui                       | ``                                             | 404    | ^404 page not found
        nobody  | GET /ui/nowhere.js            | ``                                             | 404    | ^404 page not found
        nobody  | POST /system/alert            | {"alerts":[]}                                  | 401    | ^invalid credentials
        admin   | POST /system/alert            | {"alerts":[]}                                  | 200    | ``
        admin   | POST /system/alert            | {"alerts":[{"status":"firing","labels":{"function_name":"nobody.openfaas-fn"}}]} | 200 | ``
        admin   | POST /system/alert            | ``                                             | 400    | empty
        admin   | POST /system/alert            | firing                                         | 400    | JSON
        admin   | GET /system/alert             | ``                                             | 405    | ``
        admin   | GET /system/telemetry         | ``                                             | 404    | ^404 page not found
        nobody  | GET /openapi.yaml             | ``                                             | 200    | ^openapi: 3
        nobody  | GET /nowhere                  | ``                                             | 404    | ^404 page not found
        admin   | GET /system/nowhere           | ``                                             | 404    | ^404 page not found
        """)
    void eachRequestIsAnsweredAsTheTableSays(String who, String request, String body, int status, String answer) {
        rows.send(who, request, body, status, answer);
    }

    @Test
    void aTokenOrAPasswordIsOfNoAccountWhereNobodyIsAsked() {
        try (TestServer open = TestServer.with("CARAVAN_AUTH=none").start()) {
            var unasked = new Rows(open);
            for (String who : new String[] {"nobody", "token", "wrong"}) {
                unasked.send(who, "GET /system/functions", "", 200, "^\\[\\]");
                unasked.send(who, "GET /system/info", "", 200, "-");
            }
        }
    }

    @Test
    void bothVersionsAlwaysSayTheirReleaseAndWhatTheyWereBuiltFrom() {
        Reply reply = rows.send("admin", "GET /system/info", "", 200, "-");

        assertThat(reply.json().at("/version/release").asText()).isNotBlank();
        assertThat(reply.json().at("/version/sha").asText()).isNotBlank();
        assertThat(reply.json().at("/provider/version/release").asText()).isNotBlank();
        assertThat(reply.json().at("/provider/version/sha").asText()).isNotBlank();
    }

    @Test
    void metricsAndHealthStandOnAPortOfTheirOwn() {
        assertThat(server.management("/metrics").text()).contains("gateway_function_invocation_started");
        assertThat(server.management("/healthz").status()).isEqualTo(200);
        assertThat(server.get("/metrics").status()).isEqualTo(404);
    }
}
