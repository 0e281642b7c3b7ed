package dev.caravan;

import static dev.caravan.testing.TestServer.freshName;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets over HTTP as {@code faas-cli} and the SDKs ask for them (contract section 1.8, traps 3, 9 and 33). */
class SecretsIT {

    private static final String SECRETS = "/system/secrets";

    @RegisterExtension
    static final TestServer server = TestServer.with();

    @Test
    void aSecretIsMadeOnceChangedAndDeletedWithTheStatusesClientsAccept() {
        String name = freshName("life");
        String body = "{\"name\":\"" + name + "\",\"value\":\"first\"}";

        assertThat(line(server.system("PUT", SECRETS, body)))
                .isEqualTo("404 secret \"" + name + "\" not found in namespace \"openfaas-fn\"");
        assertThat(line(server.system("POST", SECRETS, body))).isEqualTo("202 ");
        assertThat(line(server.system("POST", SECRETS, body)))
                .isEqualTo("409 secret \"" + name + "\" is there already in namespace \"openfaas-fn\"; update it");
        assertThat(line(server.system("PUT", SECRETS, body))).isEqualTo("202 ");
        assertThat(line(server.system("DELETE", SECRETS, "{\"name\":\"" + name + "\"}")))
                .isEqualTo("202 ");
        assertThat(line(server.system("DELETE", SECRETS, "{\"name\":\"" + name + "\"}")))
                .isEqualTo("404 secret \"" + name + "\" not found in namespace \"openfaas-fn\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "PUT", "DELETE"})
    void nothingOfItIsOpen(String verb) {
        assertThat(line(server.send(verb, SECRETS, new byte[0]))).isEqualTo("401 invalid credentials");
    }

    @Test
    void theListHasNamesAndTheNamespaceAsItWasAskedFor() {
        String name = create("listed", "\"value\":\"x\"");

        Reply plain = server.system(SECRETS);
        Reply named = server.system(SECRETS + "?namespace=openfaas-fn");

        assertThat(plain.status()).isEqualTo(200);
        assertThat(plain.header("Content-Type")).isEqualTo("application/json");
        assertThat(entry(plain, name).toString()).isEqualTo("{\"name\":\"" + name + "\",\"namespace\":\"\"}");
        assertThat(entry(named, name).toString())
                .isEqualTo("{\"name\":\"" + name + "\",\"namespace\":\"openfaas-fn\"}");
    }

    @Test
    void bytesInBase64WinOverTextWhenThereAreAny() {
        String raw = Base64.getEncoder().encodeToString("raw".getBytes());

        assertThat(revealed(create("both", "\"value\":\"text\",\"rawValue\":\"" + raw + "\"")))
                .isEqualTo("raw");
        assertThat(revealed(create("text", "\"value\":\"grüße\",\"rawValue\":\"\"")))
                .isEqualTo("grüße");
        assertThat(revealed(create("null", "\"value\":\"text\",\"rawValue\":null")))
                .isEqualTo("text");
    }

    @Test
    void theNamespaceMayStandInTheBodyOrInTheQueryAndTheBodyWins() {
        String staging = freshName("staging");
        server.system("POST", "/system/namespace/", "{\"name\":\"" + staging + "\"}");
        String inBody = ",\"namespace\":\"" + staging + "\"";

        assertThat(line(server.system("POST", SECRETS + "?namespace=" + staging, "{\"name\":\"a\",\"value\":\"1\"}")))
                .isEqualTo("202 ");
        assertThat(line(server.system(
                        "POST", SECRETS + "?namespace=openfaas-fn", "{\"name\":\"b\",\"value\":\"1\"" + inBody + "}")))
                .isEqualTo("202 ");
        assertThat(server.system(SECRETS + "?namespace=" + staging).json().findValuesAsText("name"))
                .containsExactly("a", "b");
        assertThat(server.system(SECRETS).json().findValuesAsText("name")).doesNotContain("a", "b");
        assertThat(line(server.system("DELETE", SECRETS + "?namespace=" + staging, "{\"name\":\"a\"}")))
                .isEqualTo("202 ");
        assertThat(line(server.system("DELETE", SECRETS, "{\"name\":\"b\"" + inBody + "}")))
                .isEqualTo("202 ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|400 the body is empty, expected a JSON object",
                "[]|400 the body must be a JSON object, got an array",
                "{\"value\":\"hush-hush\"|400 the body is not JSON: it ends too early near line 1, column 21",
                "{\"value\":\"hush-hush\"}|400 field \"name\" is missing",
                "{\"name\":\"\",\"value\":\"hush-hush\"}|400 field \"name\" is missing",
                "{\"name\":\"x\"}|400 field \"value\" is missing, or \"rawValue\" in base64",
                "{\"name\":\"x\",\"value\":\"\"}|400 field \"value\" is missing, or \"rawValue\" in base64",
                "{\"name\":\"x\",\"value\":47110815}|400 field \"value\" must be a text in quotes, got a number",
                "{\"name\":\"x\",\"rawValue\":\"hush-hush!\"}|400 field \"rawValue\" must be base64",
                "{\"name\":\"a/b\",\"value\":\"hush-hush\"}|400 field \"name\": secret name must be a DNS subdomain"
                        + " (a-z, 0-9, -, .; at most 253): \"a/b\"",
                "{\"name\":\"..\",\"value\":\"hush-hush\"}|400 field \"name\": secret name must be a DNS subdomain"
                        + " (a-z, 0-9, -, .; at most 253): \"..\"",
                "{\"name\":\" \",\"value\":\"hush-hush\"}|400 field \"name\": secret name must be a DNS subdomain"
                        + " (a-z, 0-9, -, .; at most 253): \" \"",
                "{\"name\":\"x\",\"namespace\":\"N S\",\"value\":\"hush-hush\"}|400 field \"namespace\": namespace must be"
                        + " a DNS label (a-z, 0-9, -; at most 63): \"N S\"",
            })
    void aBrokenSecretSaysWhatIsWrongAndNotWhatItsValueIs(String body, String line) {
        assertThat(line(server.system("POST", SECRETS, body))).isEqualTo(line).doesNotContain("hush");
        assertThat(line(server.system("PUT", SECRETS, body))).isEqualTo(line);
    }

    @Test
    void aNamespaceThatDoesNotExistIs400() {
        String line = "400 namespace \"nowhere\" does not exist; create it by POST /system/namespace/";

        assertThat(line(server.system(SECRETS + "?namespace=nowhere"))).isEqualTo(line);
        assertThat(line(server.system("POST", SECRETS, "{\"name\":\"x\",\"namespace\":\"nowhere\",\"value\":\"y\"}")))
                .isEqualTo(line);
    }

    @Test
    void oneMebibyteIsTakenAndOneByteMoreIs413() {
        String name = freshName("large");
        byte[] most = new byte[1 << 20];
        byte[] more = new byte[(1 << 20) + 1];

        assertThat(line(server.system("POST", SECRETS, raw(name, more))))
                .isEqualTo("413 secret \"" + name + "\" has 1048577 bytes; at most 1048576 are taken");
        assertThat(line(server.system("POST", SECRETS, raw(name, most)))).isEqualTo("202 ");
    }

    @Test
    void aFunctionThatAsksForASecretThatDoesNotExistIs400() {
        String name = freshName("wanting");
        String deployment = "{\"service\":\"" + name
                + "\",\"image\":\"x\",\"envProcess\":\"cat\",\"secrets\":[\"no-such-secret\"],\"labels\":null}";

        Reply refused = server.system("POST", "/system/functions", deployment);

        assertThat(line(refused))
                .isEqualTo("400 function \"" + name + "\" asks for secret \"no-such-secret\", which does not exist in"
                        + " namespace \"openfaas-fn\"; create it first");
        assertThat(server.system("PUT", "/system/functions", deployment).status())
                .as("faas-cli creates it then")
                .isEqualTo(404);
        server.deployAs(name, "cat", Map.of());
        assertThat(line(server.system("PUT", "/system/functions", deployment))).isEqualTo(line(refused));
    }

    @Test
    void aSecretInUseMayBeDeletedAndMadeAgainAsSecretApplyDoes() {
        String name = create("applied", "\"value\":\"old\"");
        String function = deploy(name);

        assertThat(server.system("DELETE", SECRETS, "{\"name\":\"" + name + "\"}")
                        .status())
                .isEqualTo(202);
        assertThat(server.post("/function/" + function, "").text()).isEqualTo("old");
        server.system("POST", SECRETS, "{\"name\":\"" + name + "\",\"value\":\"new\"}");

        assertThat(server.post("/function/" + function, "").text()).isEqualTo("new");
    }

    private static String create(String stem, String value) {
        String name = freshName(stem);
        Reply reply = server.system("POST", SECRETS, "{\"name\":\"" + name + "\"," + value + "}");
        assertThat(line(reply)).isEqualTo("202 ");
        return name;
    }

    private static String revealed(String secret) {
        return server.post("/function/" + deploy(secret), "").text();
    }

    /** Deploys a function that answers with its secret. */
    private static String deploy(String secret) {
        String script = server.deployScript("script", "cat $SECRETS_PATH/" + secret);
        String command = server.system("/system/function/" + script)
                .json()
                .get("envProcess")
                .asText();
        String name = freshName("reader");
        Reply deployed = server.system(
                "POST",
                "/system/functions",
                "{\"service\":\"" + name + "\",\"image\":\"x\",\"envProcess\":\"" + command + "\",\"secrets\":[\""
                        + secret + "\"]}");
        assertThat(line(deployed)).isEqualTo("202 ");
        return name;
    }

    private static String raw(String name, byte[] value) {
        return "{\"name\":\"" + name + "\",\"rawValue\":\""
                + Base64.getEncoder().encodeToString(value) + "\"}";
    }

    private static JsonNode entry(Reply list, String name) {
        for (JsonNode secret : list.json()) {
            if (secret.get("name").asText().equals(name)) {
                return secret;
            }
        }
        throw new AssertionError(name + " is not listed");
    }

    private static String line(Reply reply) {
        return reply.status() + " " + reply.text().strip();
    }
}
