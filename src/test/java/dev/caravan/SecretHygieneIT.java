package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.testing.CaravanProcessFixture;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Where a secret's value is after everything was done with it: in its file and with its replicas, nowhere else. */
class SecretHygieneIT extends CaravanProcessFixture {

    private static final String VALUE = "hush-4711-never-seen";
    private static final String RAW = Base64.getEncoder().encodeToString(VALUE.getBytes(StandardCharsets.UTF_8));
    private static final String FUNCTION = "{\"service\":\"reader\",\"image\":\"x\",\"envProcess\":\"wc -c\","
            + "\"envVars\":{\"mode\":\"classic\"},\"secrets\":[\"api-key\"]}";

    @Override
    protected Map<String, String> settings() {
        return Map.of("CARAVAN_LOG_LEVEL", "debug");
    }

    @Test
    void theValueOfASecretIsNowhereButInItsFiles() throws Exception {
        List<String> seen = new ArrayList<>();
        for (String body : List.of(
                secret("api-key", "\"value\":\"" + VALUE + "\""),
                secret("api-key", "\"rawValue\":\"" + RAW + "\""),
                secret("Not A Name", "\"value\":\"" + VALUE + "\""),
                secret("other", "\"rawValue\":\"" + VALUE + "!\""),
                secret("other", "\"value\":[\"" + VALUE + "\"]"),
                secret("other", "\"value\":\"" + VALUE),
                secret("lost", "\"namespace\":\"nowhere\",\"value\":\"" + VALUE + "\""),
                VALUE)) {
            seen.add(ask("POST", "/system/secrets", body));
            seen.add(ask("PUT", "/system/secrets", body));
        }
        seen.add(ask("POST", "/system/functions", FUNCTION));
        seen.add(ask("PUT", "/system/functions", FUNCTION.replace("wc -c", "wc")));
        seen.add(ask("POST", "/function/reader", "x"));
        seen.add(ask("POST", "/async-function/reader", "x"));
        for (String path : List.of(
                "/system/secrets",
                "/system/functions",
                "/system/function/reader",
                "/system/namespaces",
                "/system/namespace/openfaas-fn",
                "/system/info",
                "/system/queues",
                "/system/dead-letters")) {
            seen.add(ask("GET", path, ""));
        }
        seen.add(caravan.send(HttpRequest.newBuilder(caravan.management("/metrics")))
                .body());

        assertThat(seen).noneMatch(SecretHygieneIT::tells);
        assertThat(caravan.output()).doesNotContain(VALUE, RAW);
        assertThat(filesThatTell())
                .isNotEmpty()
                .allMatch(file -> file.equals("secrets/functions/openfaas-fn/api-key")
                        || file.matches("replicas/[0-9.]+/reader-[0-9]+/secrets/api-key"));
        caravan.terminate();
        assertThat(filesThatTell()).containsExactly("secrets/functions/openfaas-fn/api-key");
        assertThat(caravan.output()).doesNotContain(VALUE, RAW);
    }

    @Test
    void aKilledCaravanLeavesNoHolderAndItsCopiesAreGoneAtTheNextStart() throws Exception {
        ask("POST", "/system/secrets", secret("api-key", "\"value\":\"" + VALUE + "\""));
        assertThat(ask("POST", "/system/functions", FUNCTION)).startsWith("202");
        List<String> before = filesThatTell();
        assertThat(before).hasSize(2);

        caravan.kill();

        await("holders end by themselves")
                .atMost(Duration.ofSeconds(20))
                .until(() -> caravan.functionProcesses().isEmpty());
        caravan.restart();
        assertThat(ask("POST", "/function/reader", "12345")).isEqualTo("200 5\n");
        assertThat(filesThatTell()).hasSize(2).isNotEqualTo(before);
    }

    private static String secret(String name, String value) {
        return "{\"name\":\"" + name + "\"," + value + "}";
    }

    private String ask(String verb, String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> answer =
                caravan.send(HttpRequest.newBuilder(caravan.url(path)).method(verb, BodyPublishers.ofString(body)));
        return answer.statusCode() + " " + answer.body();
    }

    private static boolean tells(String text) {
        return text.contains(VALUE) || text.contains(RAW);
    }

    /** Files of the data folder that hold the value, whatever they are. */
    private List<String> filesThatTell() throws IOException {
        List<String> telling = new ArrayList<>();
        try (Stream<Path> files = Files.walk(caravan.data())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (tells(Files.readString(file, StandardCharsets.ISO_8859_1))) {
                    telling.add(caravan.data().relativize(file).toString());
                }
            }
        }
        return telling;
    }
}
