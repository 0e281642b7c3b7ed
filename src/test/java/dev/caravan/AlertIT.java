package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code POST /system/alert} as Alertmanager uses it. */
class AlertIT {

    @RegisterExtension
    static final TestServer server = TestServer.with();

    @Test
    void anAlertStepsUpWhileItFiresAndGoesBackWhenItIsOver() throws Exception {
        String echo = deploy("{\"com.openfaas.scale.max\":\"3\",\"com.openfaas.scale.factor\":\"50\"}");
        String firing = Files.readString(Path.of("src/test/resources/dev/caravan/gateway/alertmanager.json"))
                .replace("hello.openfaas-fn", echo + ".openfaas-fn");

        assertThat(alert(firing)).isEqualTo("200 ");
        assertThat(replicas(echo)).isEqualTo(3);
        assertThat(alert(firing)).isEqualTo("200 ");
        assertThat(replicas(echo)).isEqualTo(3);
        assertThat(alert(firing.replace("\"firing\"", "\"resolved\""))).isEqualTo("200 ");
        assertThat(replicas(echo)).isEqualTo(1);
    }

    @Test
    void whatCannotBeReadIs400AndWhatCannotBeDoneIs500() {
        String greedy = deploy("{\"com.openfaas.scale.max\":\"900\",\"com.openfaas.scale.factor\":\"100\"}");

        assertThat(alert("{\"alerts\":"))
                .isEqualTo("400 the body is not JSON: it ends too early near line 1, column 11\n");
        assertThat(alert("")).isEqualTo("400 the body is empty, expected a JSON object\n");
        assertThat(alert("{\"alerts\":[{\"status\":\"firing\",\"labels\":{\"function_name\":\"" + greedy + "\"}}]}"))
                .isEqualTo("500 1. cannot scale \"" + greedy + ".openfaas-fn\" to 900: cannot run 900 replicas of \""
                        + greedy + ".openfaas-fn\": processes scale from 0 to 100\n");
        assertThat(replicas(greedy)).isEqualTo(1);
    }

    @Test
    void onlyTheUserOfSystemMayAlert() {
        assertThat(server.post("/system/alert", "{}").status()).isEqualTo(401);
        assertThat(server.system("GET", "/system/alert", "").status()).isEqualTo(405);
    }

    @Test
    void aMinimumAboveTheMaximumIsRefusedInOneLine() {
        Reply reply = server.system("POST", "/system/functions", """
                {"service":"torn","image":"torn","envProcess":"cat",
                 "labels":{"com.openfaas.scale.min":"3","com.openfaas.scale.max":"2"}}""");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text()).isEqualTo("label com.openfaas.scale.min (3) is above com.openfaas.scale.max (2)\n");
    }

    @Test
    void aNodeWithoutTheRoleDoesNotScale() {
        try (TestServer other =
                TestServer.with("CARAVAN_ROLES=gateway,worker,outcome").start()) {
            assertThat(other.system("POST", "/system/alert", "{}").status()).isEqualTo(404);
        }
    }

    private static String deploy(String labels) {
        String name = TestServer.freshName("scaled");
        Reply reply = server.system(
                "POST",
                "/system/functions",
                "{\"service\":\"" + name + "\",\"image\":\"x\",\"envProcess\":\"cat\",\"labels\":" + labels + "}");
        assertThat(reply.status()).as(reply.toString()).isEqualTo(202);
        return name;
    }

    private static String alert(String body) {
        Reply reply = server.system("POST", "/system/alert", body);
        return reply.status() + " " + reply.text();
    }

    private static int replicas(String function) {
        return server.system("/system/function/" + function)
                .json()
                .path("replicas")
                .asInt();
    }
}
