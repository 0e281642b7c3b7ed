package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.RecordingCallbackReceiver.Recorded;
import dev.caravan.testing.TestServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who receives a callback can tell that it comes from here, and when it was sent. */
class CallbackSignatureIT {

    private static final String QUICK = "com.openfaas.retry.min_wait=100ms";

    @RegisterExtension
    static final TestServer server = TestServer.with();

    @RegisterExtension
    static final RecordingCallbackReceiver receiver = new RecordingCallbackReceiver();

    private static String defaultKey() throws Exception {
        return Files.readString(server.data().resolve("secrets/callback-key")).strip();
    }

    private static void secret(String name, String value) {
        assertThat(server.system("POST", "/system/secrets", "{\"name\":\"" + name + "\",\"value\":\"" + value + "\"}")
                        .status())
                .isEqualTo(202);
    }

    private static void assertSigned(Recorded callback, String key) throws Exception {
        String timestamp = callback.header("X-Caravan-Timestamp");
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        mac.update((timestamp + ".").getBytes(StandardCharsets.US_ASCII));
        assertThat(callback.header("X-Caravan-Signature"))
                .isEqualTo("sha256=" + HexFormat.of().formatHex(mac.doFinal(callback.body())));
        assertThat(Instant.ofEpochSecond(Long.parseLong(timestamp)))
                .isBetween(Instant.now().minusSeconds(120), Instant.now().plusSeconds(1));
    }

    @Test
    void everyFunctionsCallbacksAreSignedWithTheDefaultKey() throws Exception {
        String bytes = server.deploy("bytes", "head -c 200000 /dev/urandom");

        server.callAsync(bytes, "", "X-Callback-Url", receiver.url("/default"));

        Recorded callback = receiver.awaitOnly("/default");
        assertThat(callback.body()).hasSize(200_000);
        assertSigned(callback, defaultKey());
    }

    @Test
    void aFunctionMayHaveAKeyOfItsOwn() throws Exception {
        secret("own-key", "known to two");
        String echo = server.deploy("echo", "cat", "dev.caravan.callback-secret=own-key");

        server.callAsync(echo, "mine", "X-Callback-Url", receiver.url("/own"));

        assertSigned(receiver.awaitOnly("/own"), "known to two");
    }

    @Test
    void withoutItsKeyACallbackWaitsAndIsNeverSentUnsigned() throws Exception {
        String echo = server.deploy("echo", "cat", "dev.caravan.callback-secret=late-key", QUICK);

        server.callAsync(echo, "late", "X-Callback-Url", receiver.url("/late"));
        await().until(() -> server.metric("caravan_retries_total{function_name=\"" + echo + ".openfaas-fn\"}") > 0);
        assertThat(receiver.received("/late")).isEmpty();
        secret("late-key", "at last");

        assertSigned(receiver.awaitOnly("/late"), "at last");
    }

    @Test
    void aCallbackWithoutAKeyDiesAndSaysWhyWithoutSayingMore() {
        String echo = server.deploy(
                "echo", "cat", "dev.caravan.callback-secret=no-such-key", "com.openfaas.retry.attempts=0");

        server.callAsync(echo, "x", "X-Callback-Url", receiver.url("/never"));

        await().untilAsserted(() -> assertThat(letters(echo)).hasSize(1));
        JsonNode letter = letters(echo).get(0);
        assertThat(letter.get("reason").asText()).isEqualTo("attempts-exhausted");
        assertThat(letter.get("error").asText())
                .isEqualTo("not sent: the secret that the annotation dev.caravan.callback-secret names cannot be read");
        assertThat(receiver.received("/never")).isEmpty();
    }

    private static JsonNode letters(String function) {
        return server.system("/system/dead-letters?queue=faas-callback&function=" + function)
                .json()
                .get("items");
    }

    @Test
    void everyAttemptIsSignedAnew() throws Exception {
        String echo = server.deploy("echo", "cat", "com.openfaas.retry.min_wait=2s");
        receiver.answering("/again", 503, 200);

        server.callAsync(echo, "again", "X-Callback-Url", receiver.url("/again"));

        List<Recorded> callbacks = receiver.await("/again", 2);
        for (Recorded callback : callbacks) {
            assertSigned(callback, defaultKey());
        }
        assertThat(callbacks.get(1).header("X-Caravan-Signature"))
                .isNotEqualTo(callbacks.get(0).header("X-Caravan-Signature"));
    }

    @Test
    void aFunctionCannotSayWhatIsCaravansToSay() throws Exception {
        String answers = server.deployAnswers();

        server.callAsync(
                answers + "/200?X-Caravan-Signature=sha256%3Dforged&X-Caravan-Timestamp=1&X-Caravan-Generation=9"
                        + "&X-Caravan-Depth=0&X-Retry=7&Host=elsewhere&X-Mine=kept",
                "x",
                "X-Callback-Url",
                receiver.url("/forged"));

        Recorded callback = receiver.awaitOnly("/forged");
        assertSigned(callback, defaultKey());
        assertThat(callback.values("X-Caravan-Generation")).isEmpty();
        assertThat(callback.header("X-Caravan-Depth")).isEqualTo("1");
        assertThat(callback.header("X-Retry")).isEqualTo("0");
        assertThat(callback.header("Host")).startsWith("127.0.0.1:");
        assertThat(callback.header("X-Mine")).isEqualTo("kept");
    }

    @Test
    void theKeyIsInNoAnswer() throws Exception {
        Path key = server.data().resolve("secrets/callback-key");
        String value = defaultKey();

        for (String path : List.of("/system/functions", "/system/info", "/system/dead-letters", "/system/secrets")) {
            assertThat(server.system(path).text()).doesNotContain(value, "callback-key");
        }
        assertThat(Files.getPosixFilePermissions(key)).hasSize(1);
    }
}
