package dev.caravan.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.function.FunctionNamespace;
import dev.caravan.function.Resources;
import dev.caravan.function.SecretName;
import dev.caravan.function.Usage;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.testing.FakeFunctionProvider;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FunctionsApiTest {

    /** Converts bodies; never started. */
    private static final CamelContext CAMEL = new DefaultCamelContext();

    private static final String HELLO = "{\"service\":\"hello\",\"image\":\"hello:1\"}";

    private final FakeFunctionProvider provider = new FakeFunctionProvider();
    private final FunctionsApi api = new FunctionsApi(
            provider, "openfaas-fn", function -> (double) function.name().length(), "0.1.0", "abc123");

    @BeforeEach
    void makeWhatDeploymentsName() {
        provider.namespaces().create(FunctionNamespace.named("staging"));
        for (String namespace : List.of("openfaas-fn", "staging")) {
            provider.secrets().create(new SecretName("key", namespace), new byte[] {1});
        }
    }

    @Test
    void deployingAnswers202AndNothingElse() {
        Answer answer = ask(api::deploy, HELLO);

        assertThat(answer).isEqualTo(new Answer(202, null, ""));
        assertThat(provider.status(new FunctionName("hello", "openfaas-fn"))).isPresent();
    }

    @Test
    void everyFieldOfADeploymentReachesTheProvider() {
        ask(api::deploy, """
                {"service":"hello","image":"hello:1","namespace":"staging","envProcess":"cat",
                 "envVars":{"A":"1"},"constraints":["zone=a"],"secrets":["key"],
                 "labels":{"com.openfaas.scale.min":"2"},"annotations":{"topic":"orders"},
                 "limits":{"memory":"64Mi","cpu":"100m","nvidia.com/gpu":"1"},"requests":{"memory":"32Mi"},
                 "readOnlyRootFilesystem":true}""");

        assertThat(provider.status(new FunctionName("hello", "staging"))
                        .orElseThrow()
                        .deployment())
                .isEqualTo(new FunctionDeployment(
                        "hello",
                        "hello:1",
                        "staging",
                        "cat",
                        Map.of("A", "1"),
                        List.of("zone=a"),
                        List.of("key"),
                        Map.of("com.openfaas.scale.min", "2"),
                        Map.of("topic", "orders"),
                        new Resources("64Mi", "100m", Map.of("nvidia.com/gpu", "1")),
                        new Resources("32Mi", null, Map.of()),
                        true));
    }

    @Test
    void nullStandsForNotGivenAndUnknownFieldsAreSkipped() {
        Answer answer = ask(api::deploy, """
                {"service":"hello","image":"hello:1","namespace":null,"envProcess":null,"envVars":null,
                 "constraints":null,"secrets":null,"labels":null,"annotations":null,"limits":null,
                 "requests":null,"readOnlyRootFilesystem":null,"network":"func","registryAuth":""}""");

        assertThat(answer.status()).isEqualTo(202);
        assertThat(read(ask(api::describe, null, "name", "hello"))).isEqualTo(json("""
                                {"name":"hello","image":"hello:1","namespace":"openfaas-fn","labels":{},"annotations":{},
                                 "invocationCount":5.0,"replicas":1,"availableReplicas":1,
                                 "createdAt":"2026-03-04T05:06:07Z"}"""));
    }

    @Test
    void whatAFunctionUsesIsToldToWhoAsks() {
        ask(api::deploy, HELLO);
        ask(api::deploy, "{\"service\":\"unmeasured\",\"image\":\"x\"}");
        provider.uses(new FunctionName("hello", "openfaas-fn"), new Usage(12.5, 4_096));

        JsonNode usage = json("{\"cpu\":12.5,\"totalMemoryBytes\":4096}");
        assertThat(read(ask(api::describe, null, "name", "hello", "usage", "1")).get("usage"))
                .isEqualTo(usage);
        JsonNode listed = read(ask(api::list, null, "usage", "true"));
        assertThat(listed.get(0).get("usage")).isEqualTo(usage);
        assertThat(listed.get(1).has("usage")).isFalse();
        assertThat(read(ask(api::describe, null, "name", "hello")).has("usage")).isFalse();
        assertThat(read(ask(api::list, null, "usage", "false")).get(0).has("usage"))
                .isFalse();
    }

    @Test
    void aNullInsideAMapIsAnEmptyText() {
        ask(api::deploy, "{\"service\":\"hello\",\"image\":\"hello:1\",\"labels\":{\"a\":null}}");

        assertThat(read(ask(api::describe, null, "name", "hello")).get("labels"))
                .isEqualTo(json("{\"a\":\"\"}"));
    }

    @Test
    void aNameThatIsTakenIs400() {
        ask(api::deploy, HELLO);

        Answer answer = ask(api::deploy, HELLO);

        assertThat(answer).isEqualTo(text(400, "function \"hello.openfaas-fn\" exists"));
    }

    @Test
    void updatingAnUnknownFunctionIsExactly404() {
        Answer answer = ask(api::update, HELLO);

        assertThat(answer).isEqualTo(text(404, "function \"hello.openfaas-fn\" not found"));
    }

    @Test
    void updatingReplacesTheDeployment() {
        ask(api::deploy, HELLO);

        Answer answer = ask(api::update, "{\"service\":\"hello\",\"image\":\"hello:2\"}");

        assertThat(answer).isEqualTo(new Answer(202, null, ""));
        assertThat(read(ask(api::describe, null, "name", "hello")).get("image").textValue())
                .isEqualTo("hello:2");
    }

    @Test
    void whatTheProviderRefusesIsOneReadableLine() {
        Answer answer = ask(api::deploy, "{\"service\":\"hello\",\"image\":\"cannot-run:1\"}");

        assertThat(answer).isEqualTo(text(400, "cannot run image \"cannot-run:1\": set envProcess"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|the body is empty, expected a JSON object",
                "[]|the body must be a JSON object, got an array",
                "{\"service\":\"hello\"|the body is not JSON: it ends too early near line 1, column 19",
                "{\"service\":hello}|the body is not JSON: unexpected text near line 1, column 18",
                "{} x|the body is not JSON: unexpected text near line 1, column 5",
                "{}|field \"service\" is missing",
                "{\"service\":\"\",\"image\":\"i\"}|field \"service\" is missing",
                "{\"service\":\"hello\"}|field \"image\" is missing",
                "{\"service\":1,\"image\":\"i\"}|field \"service\" must be a text in quotes, got a number",
                "{\"service\":\"Hello\",\"image\":\"i\"}"
                        + "|field \"service\": function name must be a DNS label (a-z, 0-9, -; at most 63): \"Hello\"",
                "{\"service\":\"../x\",\"image\":\"i\"}"
                        + "|field \"service\": function name must be a DNS label (a-z, 0-9, -; at most 63): \"../x\"",
                "{\"service\":\"a\",\"image\":\"i\",\"namespace\":\"N\"}"
                        + "|field \"namespace\": namespace must be a DNS label (a-z, 0-9, -; at most 63): \"N\"",
                "{\"service\":\"a\",\"image\":\"i\",\"labels\":{\"n\":1}}"
                        + "|field \"labels.n\" must be a text in quotes, got a number",
                "{\"service\":\"a\",\"image\":\"i\",\"labels\":[]}|field \"labels\" must be an object, got an array",
                "{\"service\":\"a\",\"image\":\"i\",\"secrets\":\"s\"}"
                        + "|field \"secrets\" must be an array of texts, got a text",
                "{\"service\":\"a\",\"image\":\"i\",\"secrets\":[\"s\",{}]}"
                        + "|field \"secrets[1]\" must be a text in quotes, got an object",
                "{\"service\":\"a\",\"image\":\"i\",\"limits\":{\"memory\":64}}"
                        + "|field \"limits.memory\" must be a text in quotes, got a number",
                "{\"service\":\"a\",\"image\":\"i\",\"readOnlyRootFilesystem\":\"yes\"}"
                        + "|field \"readOnlyRootFilesystem\" must be true or false, got a text",
            })
    void aBrokenDeploymentSaysWhatIsWrongAndWhere(String body, String line) {
        assertThat(ask(api::deploy, body)).isEqualTo(text(400, line));
        assertThat(ask(api::update, body)).isEqualTo(text(400, line));
        assertThat(provider.requests()).isEmpty();
    }

    @Test
    void aSyntaxErrorNamesItsLine() {
        Answer answer = ask(api::deploy, "{\n  \"service\": \"a\",\n  image: \"b\"\n}");

        assertThat(answer.body()).contains("line 3, column 3");
    }

    @Test
    void bytesThatAreNoTextAre400() {
        Exchange exchange = exchange(new byte[] {'{', '"', (byte) 0xff, (byte) 0xfe, '"', ':', '1', '}'});

        api.deploy(exchange);

        assertThat(Answer.of(exchange).status()).isEqualTo(400);
        assertThat(Answer.of(exchange).body())
                .startsWith("the body is not JSON")
                .doesNotContain("com.fasterxml");
    }

    @Test
    void theListFollowsEveryRuleThatBreaksAClient() {
        ask(api::deploy, HELLO);
        ask(api::deploy, "{\"service\":\"away\",\"image\":\"i\",\"namespace\":\"staging\"}");

        Answer answer = ask(api::list, null);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.contentType()).isEqualTo("application/json");
        assertThat(read(answer)).hasSize(1);
        JsonNode function = read(answer).get(0);
        assertThat(function.get("labels").isObject()).isTrue();
        assertThat(function.get("annotations").isObject()).isTrue();
        assertThat(function.get("replicas").isInt()).isTrue();
        assertThat(function.get("availableReplicas").isInt()).isTrue();
        assertThat(function.get("invocationCount").isNumber()).isTrue();
        assertThat(OffsetDateTime.parse(function.get("createdAt").textValue()).toInstant())
                .isEqualTo(FakeFunctionProvider.CREATED);
    }

    @Test
    void aDeploymentIsEchoedExactly() {
        String given = """
                "image":"hello:1","namespace":"openfaas-fn","envProcess":"cat","envVars":{"A":"1"},
                "constraints":["zone=a"],"secrets":["key"],"labels":{"l":"1"},"annotations":{"topic":"orders"},
                "limits":{"memory":"64Mi","cpu":"100m","nvidia.com/gpu":"1"},"requests":{"memory":"32Mi"},"readOnlyRootFilesystem":true""";
        ask(api::deploy, "{\"service\":\"hello\"," + given + "}");

        assertThat(read(ask(api::list, null)).get(0))
                .isEqualTo(
                        json(
                                "{\"name\":\"hello\"," + given
                                        + ",\"invocationCount\":5.0,\"replicas\":1,\"availableReplicas\":1,\"createdAt\":\"2026-03-04T05:06:07Z\"}"));
    }

    @Test
    void noReplicasAreLeftOut() {
        ask(api::deploy, HELLO);
        ask(api::scale, "{\"serviceName\":\"hello\",\"replicas\":0}", "name", "hello");

        JsonNode function = read(ask(api::describe, null, "name", "hello"));

        assertThat(function.has("replicas")).isFalse();
        assertThat(function.has("availableReplicas")).isFalse();
    }

    @Test
    void aCountThatIsNoNumberDoesNotBreakTheList() {
        var counting = new FunctionsApi(provider, "openfaas-fn", function -> Double.NaN, "0.1.0", "abc123");
        ask(api::deploy, HELLO);

        Answer answer = ask(counting::list, null);

        assertThat(read(answer).get(0).get("invocationCount").doubleValue()).isZero();
    }

    @Test
    void theListTakesItsNamespaceFromTheQuery() {
        ask(api::deploy, HELLO);
        ask(api::deploy, "{\"service\":\"away\",\"image\":\"i\",\"namespace\":\"staging\"}");

        JsonNode functions = read(ask(api::list, null, "namespace", "staging"));

        assertThat(functions.findValuesAsText("name")).containsExactly("away");
    }

    @Test
    void aNamespaceWithoutFunctionsIsAnEmptyArray() {
        assertThat(ask(api::list, null, "namespace", "staging").body()).isEqualTo("[]");
    }

    @Test
    void deployingIntoANamespaceThatDoesNotExistIs400() {
        Answer answer = ask(api::deploy, "{\"service\":\"hello\",\"image\":\"i\",\"namespace\":\"nowhere\"}");

        assertThat(answer)
                .isEqualTo(text(400, "namespace \"nowhere\" does not exist; create it by POST /system/namespace/"));
    }

    @Test
    void askingForASecretThatDoesNotExistIs400() {
        Answer answer = ask(api::deploy, "{\"service\":\"hello\",\"image\":\"i\",\"secrets\":[\"key\",\"other\"]}");

        assertThat(answer).isEqualTo(text(400, "secret \"other\" does not exist"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nowhere", "Upper", "a b", "../etc", "a.b", "kube-system"})
    void aNamespaceThatDoesNotExistIs400(String namespace) {
        Answer answer = ask(api::list, null, "namespace", namespace);

        assertThat(answer)
                .isEqualTo(text(
                        400, "namespace \"" + namespace + "\" does not exist; create it by POST /system/namespace/"));
    }

    @ParameterizedTest
    @CsvSource({"hello,", "hello,openfaas-fn", "hello.openfaas-fn,", "hello.openfaas-fn,openfaas-fn"})
    void aFunctionIsFoundByNameAndNamespace(String name, @Nullable String namespace) {
        ask(api::deploy, HELLO);

        Answer answer = ask(api::describe, null, "name", name, "namespace", namespace);

        assertThat(read(answer).get("name").textValue()).isEqualTo("hello");
    }

    @ParameterizedTest
    @CsvSource({"other,,404", "hello,staging,404", "hello.staging,,404", "Hello,,400", "a.b.c,,400"})
    void aFunctionThatIsNotThereIsNotFound(String name, @Nullable String namespace, int status) {
        ask(api::deploy, HELLO);

        Answer answer = ask(api::describe, null, "name", name, "namespace", namespace);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.body()).hasLineCount(1).contains(name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"functionName\":\"away\",\"namespace\":\"staging\"}|",
                "{\"functionName\":\"away\"}|staging",
                "{\"functionName\":\"away\",\"namespace\":\"staging\"}|openfaas-fn"
            })
    void deletingTakesTheNamespaceFromTheBodyOrTheQueryAndTheBodyWins(String body, @Nullable String namespace) {
        ask(api::deploy, "{\"service\":\"away\",\"image\":\"i\",\"namespace\":\"staging\"}");

        Answer answer = ask(api::delete, body, "namespace", namespace);

        assertThat(answer).isEqualTo(new Answer(202, null, ""));
        assertThat(provider.list("staging")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"functionName\":\"hello\"}|404|function \"hello.openfaas-fn\" not found",
                "{\"functionName\":\"\"}|400|field \"functionName\" is missing",
                "{}|400|field \"functionName\" is missing",
                "``|400|the body is empty, expected a JSON object",
                "{|400|the body is not JSON: it ends too early near line 1, column 2",
                "{\"functionName\":\"a/b\"}|400"
                        + "|field \"functionName\": function name must be a DNS label (a-z, 0-9, -; at most 63): \"a/b\""
            })
    void deletingWhatIsNotThereOrHasNoNameIsRefused(String body, int status, String line) {
        assertThat(ask(api::delete, body)).isEqualTo(text(status, line));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"serviceName\":\"away\",\"replicas\":3,\"namespace\":\"staging\"}|away|",
                "{\"serviceName\":\"away\",\"replicas\":3}|away|staging",
                "{\"serviceName\":\"away\",\"replicas\":3}|away.staging|staging",
                "{\"replicas\":3}|away.staging|",
                "{\"serviceName\":\"away.staging\",\"replicas\":3}|away.staging|",
            })
    void scalingTakesTheNamespaceFromBodyQueryOrPath(String body, String name, @Nullable String namespace) {
        ask(api::deploy, "{\"service\":\"away\",\"image\":\"i\",\"namespace\":\"staging\"}");

        Answer answer = ask(api::scale, body, "name", name, "namespace", namespace);

        assertThat(answer).isEqualTo(new Answer(202, null, ""));
        assertThat(provider.requests()).endsWith("scale away.staging to 3");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"serviceName\":\"hello\",\"replicas\":1}|404|function \"hello.openfaas-fn\" not found",
                "{\"serviceName\":\"other\",\"replicas\":1}|400"
                        + "|the path names \"hello.openfaas-fn\", field \"serviceName\" names \"other.openfaas-fn\"",
                "{\"serviceName\":\"hello\"}|400"
                        + "|field \"replicas\" must be a whole number from 0 to 9999, it is missing",
                "{\"replicas\":-1}|400|field \"replicas\" must be a whole number from 0 to 9999",
                "{\"replicas\":10000}|400|field \"replicas\" must be a whole number from 0 to 9999",
                "{\"replicas\":99999999999999999999}|400|field \"replicas\" must be a whole number from 0 to 9999",
                "{\"replicas\":1.5}|400|field \"replicas\" must be a whole number from 0 to 9999, got a number",
                "{\"replicas\":\"2\"}|400|field \"replicas\" must be a whole number from 0 to 9999, got a text",
                "{\"replicas\":|400|the body is not JSON: it ends too early near line 1, column 13",
                "``|400|the body is empty, expected a JSON object",
            })
    void scalingSaysWhatIsWrong(String body, int status, String line) {
        assertThat(ask(api::scale, body, "name", "hello")).isEqualTo(text(status, line));
    }

    @Test
    void theInfoAlwaysHasBothVersions() {
        var nameless = new FunctionsApi(provider, "openfaas-fn", function -> 0.0, "", "");
        provider.identity(new FunctionProvider.Identity("process", "local", ""));

        JsonNode known = read(ask(api::info, null));
        JsonNode unknown = read(ask(nameless::info, null));

        assertThat(known.at("/version")).isEqualTo(json("{\"release\":\"0.1.0\",\"sha\":\"abc123\"}"));
        assertThat(unknown.at("/version")).isEqualTo(json("{\"release\":\"dev\",\"sha\":\"unknown\"}"));
        assertThat(unknown.at("/provider")).isEqualTo(json("""
                                {"provider":"process","orchestration":"local",
                                 "version":{"release":"dev","sha":"unknown"}}"""));
        assertThat(known.at("/arch").textValue()).isNotEmpty();
    }

    @Test
    void healthFollowsTheProvider() {
        Answer up = ask(api::health, null);
        provider.health(new FunctionProvider.Health(false, "engine away"));
        Answer down = ask(api::health, null);

        assertThat(up).isEqualTo(new Answer(200, null, ""));
        assertThat(down).isEqualTo(text(503, "engine away"));
    }

    @Test
    void anErrorIsNotGuessedToBeAPage() {
        Exchange exchange = exchange("<script>".getBytes(StandardCharsets.UTF_8));

        api.deploy(exchange);

        assertThat(exchange.getMessage().getHeader("X-Content-Type-Options")).isEqualTo("nosniff");
    }

    @Test
    void theTypeOfTheRequestDoesNotDescribeTheAnswer() {
        Exchange exchange = exchange(HELLO.getBytes(StandardCharsets.UTF_8));
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");

        api.deploy(exchange);

        assertThat(exchange.getMessage().getHeader(Exchange.CONTENT_TYPE)).isNull();
    }

    private static Answer ask(Consumer<Exchange> method, @Nullable String body, @Nullable String... headers) {
        Exchange exchange = exchange(body == null ? null : body.getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < headers.length; i += 2) {
            exchange.getMessage().setHeader(String.valueOf(headers[i]), headers[i + 1]);
        }
        method.accept(exchange);
        return Answer.of(exchange);
    }

    private static Exchange exchange(byte @Nullable [] body) {
        var exchange = new DefaultExchange(CAMEL);
        exchange.getMessage().setBody(body);
        return exchange;
    }

    private static Answer text(int status, String line) {
        return new Answer(status, "text/plain; charset=utf-8", line + "\n");
    }

    private static JsonNode read(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return json(answer.body());
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }

    private record Answer(int status, @Nullable String contentType, String body) {

        static Answer of(Exchange exchange) {
            return new Answer(
                    exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class),
                    exchange.getMessage().getHeader(Exchange.CONTENT_TYPE, String.class),
                    exchange.getMessage().getBody(String.class));
        }
    }
}
