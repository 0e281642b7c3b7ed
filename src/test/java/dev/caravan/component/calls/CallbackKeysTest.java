package dev.caravan.component.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.component.calls.CallbackKeys.NoKeyException;
import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.function.SecretName;
import dev.caravan.testing.FakeFunctionProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallbackKeysTest {

    private static final FunctionName PLAIN = new FunctionName("plain", "openfaas-fn");
    private static final FunctionName SIGNED = new FunctionName("signed", "openfaas-fn");
    private static final SecretName SECRET = new SecretName("hooks", "openfaas-fn");

    @TempDir
    Path folder;

    private final FakeFunctionProvider provider = new FakeFunctionProvider();
    private CallbackKeys keys;

    @BeforeEach
    void deploy() {
        keys = new CallbackKeys(provider, folder);
        provider.deploy(deployment("plain", Map.of()));
        provider.deploy(deployment("signed", Map.of(CallbackKeys.ANNOTATION, "hooks")));
    }

    private static FunctionDeployment deployment(String name, Map<String, String> annotations) {
        return new FunctionDeployment(
                name,
                name,
                "openfaas-fn",
                "cat",
                Map.of(),
                List.of(),
                List.of(),
                Map.of(),
                annotations,
                null,
                null,
                false);
    }

    @Test
    void aDefaultKeyIsMadeOnceForThisUserOnly() throws Exception {
        keys.open();
        Path file = folder.resolve("callback-key");
        String made = Files.readString(file);
        keys.open();

        assertThat(made).matches("[0-9a-f]{64}\n");
        assertThat(Files.readString(file)).isEqualTo(made);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("r--------");
        assertThat(text(keys.key(PLAIN))).isEqualTo(made.strip());
    }

    @Test
    void aFunctionsOwnSecretIsItsKeyWithoutTheLineEndBehindIt() throws Exception {
        provider.secrets().create(SECRET, " key\nof two lines \r\n\n".getBytes(StandardCharsets.US_ASCII));

        assertThat(text(keys.key(SIGNED))).isEqualTo(" key\nof two lines ");
    }

    @Test
    void aNewValueHoldsFromTheNextCallbackOn() throws Exception {
        provider.secrets().create(SECRET, new byte[] {'a'});
        keys.key(SIGNED);
        provider.secrets().replace(SECRET, new byte[] {'b'});

        assertThat(text(keys.key(SIGNED))).isEqualTo("b");
    }

    @Test
    void withoutItsSecretAFunctionsCallbacksAreNotSignedWithAnotherKey() {
        keys.open();

        assertThatThrownBy(() -> keys.key(SIGNED))
                .isInstanceOf(NoKeyException.class)
                .hasMessageContaining("dev.caravan.callback-secret");
    }

    @Test
    void anEmptyOrMissingKeyIsNone() throws Exception {
        assertThatThrownBy(() -> keys.key(PLAIN)).isInstanceOf(NoKeyException.class);
        Files.writeString(folder.resolve("callback-key"), "\n");
        assertThatThrownBy(() -> keys.key(PLAIN))
                .isInstanceOf(NoKeyException.class)
                .hasMessageContaining("empty");
    }

    @Test
    void aFolderThatTakesNoKeyDoesNotStopTheStart() {
        var elsewhere = new CallbackKeys(provider, folder.resolve("not/there"));

        elsewhere.open();

        assertThatThrownBy(() -> elsewhere.key(PLAIN)).isInstanceOf(NoKeyException.class);
    }

    /** The expected value is OpenSSL's and Python's. */
    @Test
    void theSignatureIsOverTimestampDotAndBody() {
        byte[] body = "hello \u00e4\0".getBytes(StandardCharsets.UTF_8);

        var signature = CallbackSignature.of(
                "key of nobody".getBytes(StandardCharsets.US_ASCII), Instant.ofEpochSecond(1_700_000_000, 999), body);

        assertThat(signature.timestamp()).isEqualTo("1700000000");
        assertThat(signature.text())
                .isEqualTo("sha256=2df0ee8ed9f721b0bb4993f4090dc1cfcf734a42d75871eb49178169a84a03ad");
    }

    private static String text(byte[] key) {
        return new String(key, StandardCharsets.US_ASCII);
    }
}
