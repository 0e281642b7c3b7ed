package dev.caravan.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.testing.Contract;
import dev.caravan.testing.Contract.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The contract and the routes name the same paths and verbs, and the contract is whole in itself. */
class ContractTest {

    private static final String SCHEME = "platform-http:";
    private static final Pattern PARAMETER = Pattern.compile("\\{([^}]+)}");
    private static final Contract CONTRACT = Contract.SERVED;

    @Test
    void theRoutesServeWhatTheContractSaysToWhomItSaysAndNothingElse() throws IOException {
        Set<String> documented = new TreeSet<>();
        CONTRACT.operations()
                .forEach(operation -> documented.add((operation.anyVerb() ? "ANY" : operation.verb()) + " "
                        + comparable(operation.path())
                        + (operation.prefix() ? "…" : "")
                        + " for "
                        + operation.node().path("x-role").asText("public")));

        assertThat(served()).isEqualTo(documented);
    }

    private static Set<String> served() throws IOException {
        Set<String> served = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of("routes"))) {
            for (Path file : files.filter(each -> each.toString().endsWith(".camel.yaml"))
                    .toList()) {
                JsonNode routes = new ObjectMapper()
                        .valueToTree(new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file)));
                routes.findValues("route").forEach(route -> addServed(route, served));
            }
        }
        return served;
    }

    private static void addServed(JsonNode route, Set<String> served) {
        JsonNode from = route.path("from");
        String uri = from.path("uri").asText();
        if (uri.startsWith(SCHEME)) {
            JsonNode parameters = from.path("parameters");
            String below = parameters.path("matchOnUriPrefix").asBoolean() ? "…" : "";
            for (String verb :
                    parameters.path("httpMethodRestrict").asText("ANY").split(",")) {
                served.add(verb.strip() + " " + comparable(uri.substring(SCHEME.length())) + below + " for "
                        + route.path("group").asText("admin"));
            }
        }
    }

    /** A slash at the end makes no difference, nor does the name of a parameter. */
    private static String comparable(String path) {
        String plain = PARAMETER.matcher(path).replaceAll("{}");
        return plain.length() > 1 && plain.endsWith("/") ? plain.substring(0, plain.length() - 1) : plain;
    }

    @Test
    void everyReferenceLeadsSomewhereAndEveryComponentIsReferredTo() {
        Set<String> used = new TreeSet<>();
        each(CONTRACT.root(), node -> {
            if (node.path("$ref").isTextual()) {
                used.add(node.get("$ref").asText());
                assertThat(CONTRACT.resolved(node).isMissingNode())
                        .as(node.toString())
                        .isFalse();
            }
        });

        Set<String> there = new TreeSet<>();
        JsonNode components = CONTRACT.root().get("components");
        for (String kind : List.of("parameters", "headers", "responses", "schemas")) {
            components.get(kind).fieldNames().forEachRemaining(name -> there.add("#/components/" + kind + "/" + name));
        }
        assertThat(used).isEqualTo(there);
    }

    @Test
    void everyOperationHasANameOfItsOwnASummaryATagAndItsParameters() {
        Set<String> names = new HashSet<>();
        for (Operation operation : CONTRACT.operations()) {
            assertThat(names.add(operation.node().path("operationId").asText()))
                    .as(operation.toString())
                    .isTrue();
            assertThat(operation.node().path("summary").asText())
                    .as(operation.toString())
                    .isNotBlank();
            assertThat(CONTRACT.root().get("tags").findValuesAsText("name"))
                    .contains(operation.node().at("/tags/0").asText());
            List<String> declared = new ArrayList<>();
            parameters(operation)
                    .filter(each -> each.get("in").asText().equals("path"))
                    .forEach(each -> declared.add(each.get("name").asText()));
            assertThat(declared)
                    .as(operation.toString())
                    .containsExactlyElementsOf(PARAMETER
                            .matcher(operation.path())
                            .results()
                            .map(found -> found.group(1))
                            .toList());
        }
    }

    @Test
    void whoMustSignInAndMayNotIsToldSo() {
        assertThat(CONTRACT.operations()).allSatisfy(operation -> {
            String role = operation.node().path("x-role").asText();
            JsonNode responses = operation.node().get("responses");
            assertThat(role.isEmpty()).as(operation.toString()).isEqualTo(operation.open());
            assertThat(responses.path("401").path("$ref").asText().endsWith("/WhoAreYou"))
                    .as(operation.toString())
                    .isEqualTo(!operation.open());
            assertThat(responses.has("403"))
                    .as(operation.toString())
                    .isEqualTo(role.equals("operator") || role.equals("admin"));
        });
    }

    @Test
    void theExamplesFollowTheirSchemas() {
        List<String> problems = new ArrayList<>();
        for (Operation operation : CONTRACT.operations()) {
            parameters(operation)
                    .filter(each -> each.has("example"))
                    .forEach(each -> add(problems, operation, each.get("schema"), each.get("example")));
            checkExamples(problems, operation, operation.node().path("requestBody"));
            operation.node().get("responses").forEach(response -> checkExamples(problems, operation, response));
        }

        assertThat(problems).isEmpty();
    }

    private static Stream<JsonNode> parameters(Operation operation) {
        List<JsonNode> parameters = new ArrayList<>();
        operation.item().path("parameters").forEach(each -> parameters.add(CONTRACT.resolved(each)));
        operation.node().path("parameters").forEach(each -> parameters.add(CONTRACT.resolved(each)));
        return parameters.stream();
    }

    private static void checkExamples(List<String> problems, Operation operation, JsonNode message) {
        CONTRACT.resolved(message)
                .path("content")
                .forEach(media -> media.path("examples").forEach(example -> {
                    if (media.has("schema")) {
                        add(problems, operation, media.get("schema"), example.get("value"));
                    }
                }));
    }

    private static void add(List<String> problems, Operation operation, JsonNode schema, JsonNode value) {
        CONTRACT.problems(schema, value).forEach(problem -> problems.add(operation + ": " + problem));
    }

    @ParameterizedTest
    @ValueSource(strings = {"listFunctions", "showInfo", "listQueues", "listDeadLetters", "showDeadLetter"})
    void aFieldThatIsNotDocumentedIsAProblem(String operation) {
        JsonNode media = CONTRACT.operations().stream()
                .filter(each -> each.node().get("operationId").asText().equals(operation))
                .map(each -> each.node().at("/responses/200/content/application~1json"))
                .findFirst()
                .orElseThrow();
        JsonNode good = media.get("examples").elements().next().get("value");
        JsonNode more = good.deepCopy();
        deepest(more).put("surprise", 1);

        assertThat(CONTRACT.problems(media.get("schema"), good)).isEmpty();
        assertThat(CONTRACT.problems(media.get("schema"), more))
                .singleElement()
                .asString()
                .contains("surprise");
    }

    private static ObjectNode deepest(JsonNode node) {
        JsonNode inner = node.isArray() ? node.get(0) : node.path("items").path(0);
        return (ObjectNode) (inner.isObject() ? inner : node);
    }

    @Test
    void everyExampleBelongsToACallThatIsMade() {
        for (Operation operation : CONTRACT.operations()) {
            JsonNode calls = operation.node().path("x-calls");
            examples(operation.node().path("requestBody"))
                    .forEach(name -> assertThat(calls.has(name))
                            .as("%s, request %s", operation, name)
                            .isTrue());
            operation
                    .node()
                    .get("responses")
                    .properties()
                    .forEach(response -> examples(response.getValue())
                            .forEach(name -> assertThat(
                                            calls.path(name).path("status").asText())
                                    .as("%s, answer %s", operation, name)
                                    .isEqualTo(response.getKey())));
        }
    }

    private static Set<String> examples(JsonNode message) {
        Set<String> names = new TreeSet<>();
        CONTRACT.resolved(message)
                .path("content")
                .forEach(media -> media.path("examples").fieldNames().forEachRemaining(names::add));
        return names;
    }

    @Test
    void whatTheContractSaysAboutItsReleaseIsTrue() throws IOException {
        Matcher version = Pattern.compile("<artifactId>caravan</artifactId>\\s*<version>([^<]+)</version>")
                .matcher(Files.readString(Path.of("pom.xml")));

        assertThat(version.find()).isTrue();
        assertThat(CONTRACT.root().at("/info/version").asText()).isEqualTo(version.group(1));
    }

    private static void each(JsonNode node, Consumer<JsonNode> visitor) {
        visitor.accept(node);
        node.forEach(child -> each(child, visitor));
    }
}
