package dev.caravan.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.Contract;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A function's log, row by row as {@code faas-cli} and the SDKs ask for it (contract sections 1.9 and 1.16). */
class LogsClientIT {

    @RegisterExtension
    static final TestServer server = TestServer.with();

    private final Rows rows = new Rows(server);

    @BeforeAll
    static void write() {
        server.deployAs("silent", "cat", Map.of());
        server.deployAs("chatty", "cat", Map.of());
        server.awaitReplica("chatty");
        server.post("/function/chatty", "hello");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(
                                server.system("/system/logs?name=chatty").text())
                        .contains("Wrote 5 Bytes"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # who   | request                                                           | status | answer
        nobody  | GET /system/logs?name=chatty                                      | 401    | ^invalid credentials
        admin   | GET /system/logs?name=chatty                                      | 200    | Wrote 5 Bytes
        admin   | GET /system/logs?name=chatty&tail=-1&follow=false                 | 200    | Wrote 5 Bytes
        admin   | GET /system/logs?name=chatty&tail=-1&follow=0&namespace=openfaas-fn | 200  | Wrote 5 Bytes
        admin   | GET /system/logs?name=chatty.openfaas-fn&follow=junk              | 200    | Wrote 5 Bytes
        admin   | GET /system/logs?name=chatty&since=2020-01-01T00:00:00%2B01:00    | 200    | Wrote 5 Bytes
        admin   | GET /system/logs?name=chatty&since=2999-01-01T00:00:00Z           | 200    | ``
        admin   | GET /system/logs?name=chatty&instance=nobody                      | 200    | ``
        admin   | GET /system/logs?name=nobody&name=chatty                          | 200    | Wrote 5 Bytes
        admin   | GET /system/logs?name=silent                                      | 200    | -
        admin   | GET /system/logs                                                  | 400    | name
        admin   | GET /system/logs?name=chatty&since=yesterday                      | 400    | since
        admin   | GET /system/logs?name=chatty&tail=many                            | 400    | tail
        admin   | GET /system/logs?name=nobody                                      | 404    | nobody
        admin   | POST /system/logs?name=chatty                                     | 405    | ``
        """)
    void eachRequestIsAnsweredAsTheTableSays(String who, String request, int status, String answer) {
        rows.send(who, request, "", status, answer);
    }

    @Test
    void eachLineIsAnObjectWithATimeThatNoClientStumblesOver() {
        Reply reply = rows.send("admin", "GET /system/logs?name=chatty&tail=1", "", 200, "-");

        assertThat(reply.header("Content-Type")).isEqualTo("application/x-ndjson");
        JsonNode lines = Contract.body(reply);
        assertThat(lines).hasSize(1);
        assertThat(lines.get(0).get("name").asText()).isEqualTo("chatty");
        assertThat(lines.get(0).get("namespace").asText()).isEqualTo("openfaas-fn");
        assertThat(OffsetDateTime.parse(lines.get(0).get("timestamp").asText())).isNotNull();
    }
}
