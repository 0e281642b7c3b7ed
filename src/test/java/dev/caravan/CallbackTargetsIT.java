package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.CaravanProcessFixture;
import dev.caravan.testing.RecordingCallbackReceiver;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where callbacks may go when private addresses are refused, and what is left of a URL that was refused. */
class CallbackTargetsIT extends CaravanProcessFixture {

    private final RecordingCallbackReceiver allowed = new RecordingCallbackReceiver();
    private final RecordingCallbackReceiver internal = new RecordingCallbackReceiver();

    @Override
    protected Map<String, String> settings() {
        return Map.of(
                "CARAVAN_CALLBACK_DENY_PRIVATE", "true",
                "CARAVAN_CALLBACK_ALLOW", URI.create(allowed.url("/")).getAuthority(),
                "CARAVAN_LOG_LEVEL", "debug");
    }

    @AfterEach
    void stopReceivers() {
        allowed.close();
        internal.close();
    }

    private HttpResponse<String> call(String callbackUrl) throws Exception {
        return caravan.send(call("echo", "").header("X-Callback-Url", callbackUrl));
    }

    @Test
    void aPrivateAddressIsRefusedAtTheDoorAndANameOfOneAtTheDelivery() throws Exception {
        deploy("echo", Map.of());

        HttpResponse<String> literal = call(internal.url("/literal"));
        HttpResponse<String> named = call(internal.url("/named").replace("127.0.0.1", "localhost"));
        HttpResponse<String> exempt = call(allowed.url("/exempt"));

        assertThat(literal.statusCode()).isEqualTo(400);
        assertThat(literal.body()).isEqualTo("X-Callback-Url must not be a private address\n");
        assertThat(named.statusCode()).isEqualTo(202);
        assertThat(exempt.statusCode()).isEqualTo(202);
        allowed.awaitOnly("/exempt");
        slowly().untilAsserted(() -> assertThat(letters()).hasSize(1));
        JsonNode letter = letters().get(0);
        assertThat(letter.get("reason").asText()).isEqualTo("rejected");
        assertThat(letter.get("attempts").asInt()).isEqualTo(1);
        assertThat(letter.get("error").asText()).isEqualTo("the callback URL leads to a private address");
        assertThat(internal.received("/literal")).isEmpty();
        assertThat(internal.received("/named")).isEmpty();
    }

    private JsonNode letters() throws Exception {
        return caravan.get("/system/dead-letters?queue=faas-callback").get("items");
    }

    @Test
    void aPasswordInAUrlIsRefusedAndLeavesNoTrace() throws Exception {
        deploy("echo", Map.of());
        String password = "pa55-4711";

        for (String url : List.of(
                "http://ann:" + password + "@example.com/",
                "ftp://ann:" + password + "@example.com/",
                "http://ann:" + password + " @example.com/")) {
            HttpResponse<String> refused = call(url);

            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body())
                    .startsWith("X-Callback-Url must be an absolute http or https URL without user and password")
                    .doesNotContain(password, "ann");
        }

        assertThat(caravan.output()).doesNotContain(password);
        caravan.terminate();
        await().untilAsserted(() -> assertThat(filesWith(password)).isEmpty());
    }

    private List<Path> filesWith(String text) throws Exception {
        try (Stream<Path> files = Files.walk(caravan.data())) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> {
                        try {
                            return Files.readString(file, StandardCharsets.ISO_8859_1)
                                    .contains(text);
                        } catch (java.io.IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    })
                    .toList();
        }
    }
}
