package dev.caravan.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.HttpMessage;
import dev.caravan.testing.RawClient;
import dev.caravan.testing.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The requests of {@code faas-cli}, byte for byte as it sends them, and the answers it takes for success (contract
 * section 1.16). {@link FaasCliIT} asks the program itself, where there is one.
 */
class FaasCliWireIT {

    @RegisterExtension
    static final TestServer server = TestServer.with();

    private String name = "";

    @BeforeEach
    void name() {
        name = TestServer.freshName("wire");
    }

    private HttpMessage ask(String request, String body) throws IOException {
        return RawClient.ask(
                server.port(),
                request + " HTTP/1.1\nHost: 127.0.0.1:" + server.port()
                        + "\nUser-Agent: faas-cli/0.17.8\nAuthorization: " + server.authorization()
                        + (body.isEmpty()
                                ? ""
                                : "\nContent-Length: " + body.getBytes(StandardCharsets.UTF_8).length
                                        + "\nContent-Type: application/json")
                        + "\nAccept-Encoding: gzip\nConnection: close",
                body);
    }

    private String deployment() {
        return "{\"service\":\"" + name + "\",\"image\":\"" + name + ":latest\",\"envProcess\":\"cat\",\"envVars\":{},"
                + "\"labels\":{},\"annotations\":null}";
    }

    private void deploy() throws IOException {
        assertThat(ask("POST /system/functions", deployment()).status()).isEqualTo(202);
    }

    @Test
    void loginTakesOnly200() throws IOException {
        assertThat(ask("GET /system/functions", "").status()).isEqualTo(200);
    }

    @Test
    void deployUpdatesAndOn404CreatesWithTheSameBody() throws IOException {
        assertThat(ask("PUT /system/functions", deployment()).status()).isEqualTo(404);
        assertThat(ask("POST /system/functions", deployment()).status()).isEqualTo(202);
        assertThat(ask("PUT /system/functions", deployment()).status()).isEqualTo(202);
    }

    @Test
    void describeAsksForUsageAndReadyForAvailableReplicas() throws IOException {
        deploy();
        server.awaitReplica(name);

        HttpMessage answer = ask("GET /system/function/" + name + "?usage=1", "");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).contains("\"availableReplicas\":1");
        assertThat(ask("GET /system/function/" + name + "-not?usage=1", "").status())
                .isEqualTo(404);
    }

    @Test
    void invokeNamesTheDefaultNamespace() throws IOException {
        deploy();
        server.awaitReplica(name);

        HttpMessage answer = ask("POST /function/" + name + ".openfaas-fn", "hello");
        HttpMessage later = ask("POST /async-function/" + name + ".openfaas-fn", "hello");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("hello");
        assertThat(later.status()).isEqualTo(202);
        assertThat(later.body()).isEmpty();
    }

    @Test
    void removeSendsTheNamespaceInTheBodyOrAsItDidIn2021InTheQuery() throws IOException {
        deploy();
        String body = "{\"functionName\":\"" + name + "\",\"namespace\":\"openfaas-fn\"}";
        assertThat(ask("DELETE /system/functions", body).status()).isEqualTo(202);
        assertThat(ask("DELETE /system/functions", body).status()).isEqualTo(404);

        deploy();
        String old = "{\"functionName\":\"" + name + "\"}";
        assertThat(ask("DELETE /system/functions?namespace=openfaas-fn", old).status())
                .isEqualTo(202);
    }

    @Test
    void readyAndVersionTakeOnly200() throws IOException {
        assertThat(RawClient.get(server.port(), "/healthz", "User-Agent: faas-cli/0.17.8")
                        .status())
                .isEqualTo(200);
        assertThat(ask("GET /system/info", "").status()).isEqualTo(200);
    }

    @Test
    void theSdkScalesWithTheNamespaceInTheBody() throws IOException {
        deploy();

        assertThat(ask(
                                "POST /system/scale-function/" + name,
                                "{\"serviceName\":\"" + name + "\",\"namespace\":\"openfaas-fn\",\"replicas\":2}")
                        .status())
                .isEqualTo(202);
    }
}
