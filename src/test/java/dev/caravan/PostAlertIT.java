package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.RecordingCallbackReceiver.Recorded;
import dev.caravan.testing.TestServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An alert on its way to somebody who is not always there. */
@Timeout(180)
class PostAlertIT {

    @Test
    void anAlertIsPostedSignedUntilItArrivesAndSoIsItsEnd() throws Exception {
        try (var receiver = new RecordingCallbackReceiver();
                var server = TestServer.with(
                        "CARAVAN_ALERTS=oldest@faas-request>1s",
                        "CARAVAN_ALERT_URL=" + receiver.url("/hook?key=secret"))) {
            receiver.answering("/hook?key=secret", 500, 200);
            server.start();
            Path route = server.routes().resolve("outcome/send-alerts.camel.yaml");
            Files.writeString(route, Files.readString(route).replace("*/10 *", "* *"));
            String answers = server.deployAnswers();
            server.system("POST", "/system/queues/faas-request/pause?function=" + answers, "");
            server.callAsync(answers, "waits");

            List<Recorded> began = receiver.await("/hook?key=secret", 2);
            JsonNode told = new ObjectMapper().readTree(began.get(1).body());
            assertThat(told.get("status").asText()).isEqualTo("firing");
            assertThat(told.get("rule").asText()).isEqualTo("oldest@faas-request>1s");
            assertThat(told.get("text").asText()).startsWith("the oldest call of queue faas-request waits for ");
            assertThat(began.get(1).header("X-Caravan-Signature")).isEqualTo(signature(server, began.get(1)));
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> alerts(server).at("/firing/0/toldAt").isTextual());
            assertThat(server.system("/system/settings").text())
                    .doesNotContain("key=secret")
                    .contains("/(hidden)");

            server.system("POST", "/system/queues/faas-request/resume?function=" + answers, "");
            JsonNode over = new ObjectMapper()
                    .readTree(receiver.await("/hook?key=secret", 3).get(2).body());
            assertThat(over.get("status").asText()).isEqualTo("resolved");
            assertThat(over.get("id")).isEqualTo(told.get("id"));
            assertThat(alerts(server).get("firing")).isEmpty();
            assertThat(alerts(server).at("/over/0/endedAt").asText())
                    .isEqualTo(over.get("endedAt").asText());
        }
    }

    private static JsonNode alerts(TestServer server) {
        return server.system("/system/alerts").json();
    }

    private static String signature(TestServer server, Recorded posted) throws Exception {
        String key =
                Files.readString(server.data().resolve("secrets/callback-key")).strip();
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        mac.update((posted.header("X-Caravan-Timestamp") + ".").getBytes(StandardCharsets.UTF_8));
        return "sha256=" + HexFormat.of().formatHex(mac.doFinal(posted.body()));
    }
}
