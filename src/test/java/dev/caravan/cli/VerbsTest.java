package dev.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.cli.Param.Place;
import dev.caravan.docs.MarkdownTable;
import dev.caravan.testing.Contract;
import dev.caravan.testing.Contract.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Holds the verbs to the contract, both ways, and the page about them to both. */
class VerbsTest {

    private static final String OF_FAAS_CLI = "faas-cli does it: deploying is the developer's";
    private static final String OF_MACHINES = "a machine says it, no operator";
    private static final String OF_THE_CONSOLE = "the console's own: sessions, saved views, charts";
    private static final String TWICE = "the same as another operation, for other clients";

    /** Operations below {@code /system} that are no verbs, and why. */
    private static final Map<String, String> NO_VERBS = Map.ofEntries(
            Map.entry("deployFunction", OF_FAAS_CLI),
            Map.entry("updateFunction", OF_FAAS_CLI),
            Map.entry("deleteFunction", OF_FAAS_CLI),
            Map.entry("listSecrets", OF_FAAS_CLI),
            Map.entry("createSecret", OF_FAAS_CLI),
            Map.entry("updateSecret", OF_FAAS_CLI),
            Map.entry("deleteSecret", OF_FAAS_CLI),
            Map.entry("listNamespaces", OF_FAAS_CLI),
            Map.entry("createNamespace", OF_FAAS_CLI),
            Map.entry("showNamespace", OF_FAAS_CLI),
            Map.entry("updateNamespace", OF_FAAS_CLI),
            Map.entry("deleteNamespace", OF_FAAS_CLI),
            Map.entry("createNamespaceInPlural", TWICE),
            Map.entry("showNamespaceInPlural", TWICE),
            Map.entry("updateNamespaceInPlural", TWICE),
            Map.entry("deleteNamespaceInPlural", TWICE),
            Map.entry("showAsyncReport", TWICE),
            Map.entry("reportAsync", OF_MACHINES),
            Map.entry("followAlerts", OF_MACHINES),
            Map.entry("signIn", OF_THE_CONSOLE),
            Map.entry("signOut", OF_THE_CONSOLE),
            Map.entry("listViews", OF_THE_CONSOLE),
            Map.entry("saveView", OF_THE_CONSOLE),
            Map.entry("deleteView", OF_THE_CONSOLE),
            Map.entry("showHistory", OF_THE_CONSOLE),
            Map.entry("countDeadLetters", OF_THE_CONSOLE),
            Map.entry(
                    "saveRouteSource", "an edit belongs into the folder, or the console, which shows the difference"));

    private static Map<String, Operation> operations() {
        Map<String, Operation> operations = new HashMap<>();
        Contract.SERVED.operations().forEach(operation -> operations.put(id(operation), operation));
        return operations;
    }

    private static String id(Operation operation) {
        return operation.node().path("operationId").asText();
    }

    @Test
    void everyOperationOfTheSystemIsAVerbOrSaysWhyNot() {
        Set<String> system = new TreeSet<>();
        operations().forEach((id, operation) -> {
            if (operation.path().startsWith("/system/")) {
                system.add(id);
            }
        });
        Set<String> said = new TreeSet<>(NO_VERBS.keySet());
        Verbs.ALL.stream()
                .filter(verb -> verb.path().startsWith("/system/"))
                .forEach(verb -> said.add(verb.operation()));

        assertThat(said).isEqualTo(system);
        assertThat(Verbs.ALL).extracting(Verb::operation).doesNotContainAnyElementsOf(NO_VERBS.keySet());
    }

    @TestFactory
    Stream<DynamicTest> everyVerbAsksForWhatTheContractHas() {
        Map<String, Operation> operations = operations();
        return Verbs.ALL.stream()
                .map(verb -> DynamicTest.dynamicTest(verb.noun() + " " + verb.word(), () -> {
                    Operation operation = operations.get(verb.operation());
                    assertThat(operation).as(verb.operation()).isNotNull();
                    assertThat(verb.method()).isEqualTo(operation.verb());
                    // An asynchronous call's id stands where the function's name does.
                    assertThat(verb.path().replace("{id}", "{name}"))
                            .isEqualTo(operation.path().replace("{id}", "{name}"));
                    assertThat(targets(verb, Place.QUERY)).isSubsetOf(parameters(operation));
                    assertThat(targets(verb, Place.FIELD)).isSubsetOf(fields(operation));
                }));
    }

    private static List<String> targets(Verb verb, Place place) {
        return verb.params().stream()
                .filter(param -> param.place() == place)
                .map(Param::target)
                .toList();
    }

    private static Set<String> parameters(Operation operation) {
        Set<String> names = new TreeSet<>();
        operation
                .node()
                .path("parameters")
                .forEach(parameter -> names.add(
                        Contract.SERVED.resolved(parameter).path("name").asText()));
        return names;
    }

    private static Set<String> fields(Operation operation) {
        Set<String> names = new TreeSet<>();
        JsonNode media = operation.node().path("requestBody").path("content").path("application/json");
        Contract.SERVED
                .resolved(media.path("schema"))
                .path("properties")
                .fieldNames()
                .forEachRemaining(names::add);
        return names;
    }

    @Test
    void nothingIsSaidTwice() {
        assertThat(Verbs.ALL)
                .extracting(verb -> verb.noun() + " " + verb.word())
                .doesNotHaveDuplicates();
        Verbs.ALL.forEach(
                verb -> assertThat(verb.params()).extracting(Param::name).doesNotHaveDuplicates());
    }

    @Test
    void thePageListsEveryVerbAsItIs() throws IOException {
        List<List<String>> rows = MarkdownTable.rows(Path.of("docs/reference/cli.md")).stream()
                .filter(row -> row.size() == 3)
                .toList();

        assertThat(rows)
                .containsExactlyElementsOf(
                        Verbs.ALL.stream().map(VerbsTest::row).toList());
    }

    private static List<String> row(Verb verb) {
        return List.of("`" + verb.usage() + "`", verb.summary(), "`" + verb.method() + " " + verb.path() + "`");
    }
}
