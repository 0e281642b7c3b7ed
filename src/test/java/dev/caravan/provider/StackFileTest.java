package dev.caravan.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StackFileTest {

    @TempDir
    private Path folder;

    @Test
    void everythingThatMattersToADeploymentIsRead() throws Exception {
        StackFile stack = read("""
                version: 1.0
                provider:
                  name: openfaas
                  gateway: http://127.0.0.1:8080
                functions:
                  hello:
                    lang: python3-http
                    handler: ./hello
                    image: hello:1
                    fprocess: python3 index.py
                    namespace: staging
                    environment:
                      A: b
                    labels:
                      com.openfaas.scale.min: "2"
                    annotations:
                      topic: orders
                    constraints:
                      - zone=a
                    secrets:
                      - key
                    limits:
                      memory: 64Mi
                      cpu: 100m
                    requests:
                      memory: 32Mi
                    readonly_root_filesystem: true
                    skip_build: true
                """);

        assertThat(stack.entries())
                .containsExactly(new StackFile.Ready(
                        "hello",
                        new FunctionDeployment(
                                "hello",
                                "hello:1",
                                "staging",
                                "python3 index.py",
                                Map.of("A", "b"),
                                List.of("zone=a"),
                                List.of("key"),
                                Map.of("com.openfaas.scale.min", "2"),
                                Map.of("topic", "orders"),
                                new Resources("64Mi", "100m", Map.of()),
                                new Resources("32Mi", null, Map.of()),
                                true)));
    }

    @Test
    void valuesWithoutQuotesReachTheFunctionAsTheyAreWritten() throws Exception {
        FunctionDeployment hello = onlyDeployment("""
                functions:
                  hello:
                    image: hello:1
                    environment: {number: 1.10, octal: 007, flag: yes, truth: true, none: null, tilde: ~, date: 2026-01-02}
                    labels:
                      com.openfaas.scale.min: 2
                    limits:
                      cpu: 1
                """);

        assertThat(hello.envVars())
                .isEqualTo(Map.of(
                        "number",
                        "1.10",
                        "octal",
                        "007",
                        "flag",
                        "yes",
                        "truth",
                        "true",
                        "none",
                        "",
                        "tilde",
                        "",
                        "date",
                        "2026-01-02"));
        assertThat(hello.minimumReplicas()).isEqualTo(2);
        assertThat(hello.limits()).isEqualTo(new Resources(null, "1", Map.of()));
        assertThat(hello.namespace()).isEqualTo("openfaas-fn");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "${SET}/x|value/x",
                "${UNSET}x|x",
                "${UNSET:-default}|default",
                "${EMPTY:-default}|default",
                "${SET:-default}|value",
                "${UNSET:-a-b.c:1}|a-b.c:1",
                "$${SET}|${SET}",
                "$SET $1 ${1}|$SET $1 ${1}",
                "${DOLLARS}|$1 and ${SET}",
            })
    void variablesArePutIn(String written, String read) throws Exception {
        FunctionDeployment hello = onlyDeployment(
                "functions:\n  hello:\n    image: hello:1\n    fprocess: \"" + written + "\"\n",
                Map.of("SET", "value", "EMPTY", "", "DOLLARS", "$1 and ${SET}"));

        assertThat(hello.envProcess()).isEqualTo(read);
    }

    @Test
    void environmentFilesStandBesideTheStackFileAndWin() throws Exception {
        Files.writeString(folder.resolve("one.yaml"), "environment:\n  A: one\n  B: one\n");
        Files.writeString(folder.resolve("two.yaml"), "environment:\n  B: 2\n");

        FunctionDeployment hello = onlyDeployment("""
                functions:
                  hello:
                    image: hello:1
                    environment: {A: inline, C: inline}
                    environment_file: [one.yaml, two.yaml]
                """);

        assertThat(hello.envVars()).isEqualTo(Map.of("A", "one", "B", "2", "C", "inline"));
    }

    @Test
    void defaultsAreMergedIn() throws Exception {
        FunctionDeployment hello = onlyDeployment("""
                configuration: &defaults
                  image: shared:1
                  fprocess: cat
                functions:
                  hello:
                    <<: *defaults
                    fprocess: rev
                """);

        assertThat(hello.image()).isEqualTo("shared:1");
        assertThat(hello.envProcess()).isEqualTo("rev");
    }

    @Test
    void unknownKeysAreIgnored() throws Exception {
        assertThat(onlyDeployment("extra: 1\nfunctions:\n  hello:\n    image: hello:1\n    shiny: true\n")
                        .image())
                .isEqualTo("hello:1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{fprocess: cat}|:2: functions.bad.image is missing",
                "{image: [a]}|:2: functions.bad.image must be a single value",
                "{image: a, labels: [b]}|:2: functions.bad.labels must be a mapping",
                "{image: a, labels: {b: [c]}}|:2: functions.bad.labels.b must be a single value",
                "{image: a, secrets: key}|:2: functions.bad.secrets must be a list",
                "{image: a, readonly_root_filesystem: maybe}"
                        + "|:2: functions.bad.readonly_root_filesystem must be true or false",
                "{image: a, namespace: A}"
                        + "|:2: functions.bad cannot be deployed: namespace must be a DNS label (a-z, 0-9, -; at most 63): \"A\"",
                "{image: a, annotations: {dev.caravan.auth: yes}}"
                        + "|:2: functions.bad cannot be deployed:"
                        + " annotation \"dev.caravan.auth\" must be none or basic, got: \"yes\"",
                "|:2: functions.bad is empty; give it an \"image\" or remove it",
                "text|:2: functions.bad must be a mapping",
            })
    void aBrokenEntrySaysWhereAndLeavesTheOthersAlone(String bad, String reason) throws Exception {
        StackFile stack = read("functions:\n  bad: " + (bad == null ? "" : bad) + "\n  good: {image: good:1}\n");

        assertThat(stack.entries().get(0)).isEqualTo(new StackFile.Broken("bad", stack.file() + reason));
        assertThat(stack.entries().get(1)).isInstanceOf(StackFile.Ready.class);
    }

    @Test
    void aNameThatCannotBeIsBroken() throws Exception {
        StackFile stack = read("functions:\n  Bad_Name: {image: a}\n");

        assertThat(stack.entries()).singleElement().isInstanceOf(StackFile.Broken.class);
    }

    @Test
    void aMissingEnvironmentFileBreaksItsEntry() throws Exception {
        StackFile stack = read("functions:\n  a: {image: a, environment_file: [gone.yaml]}\n");

        assertThat(stack.entries())
                .singleElement()
                .isInstanceOfSatisfying(
                        StackFile.Broken.class,
                        broken -> assertThat(broken.reason())
                                .contains(folder.resolve("gone.yaml").toString()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "functions: {a: [}|:1: not YAML",
                "functions:~  a:~    image: b~   c: d|:4: not YAML",
                "functions: [a]|:1: functions must be a mapping",
                "[a]|:1: must hold a mapping",
                "functions:~  a: {image: b}~  a: {image: c}|:3: functions.a stands here twice",
            })
    void aBrokenFileSaysWhere(String text, String problem) {
        assertThatThrownBy(() -> read(text.replace('~', '\n')))
                .isInstanceOf(StackFileException.class)
                .hasMessageStartingWith(folder.resolve("stack.yaml") + problem)
                .hasMessageNotContaining("\n");
    }

    @Test
    void anEmptyFileAndAMissingFileAreSaidToBeSo() {
        assertThatThrownBy(() -> read("")).hasMessageContaining("is empty");
        assertThatThrownBy(() -> StackFile.read(folder.resolve("gone.yaml"), Map.of(), "openfaas-fn"))
                .isInstanceOf(StackFileException.class)
                .hasMessageContaining("cannot read " + folder.resolve("gone.yaml"));
    }

    @Test
    void aFileWithoutFunctionsIsFine() throws Exception {
        assertThat(read("version: 1.0\nfunctions:\n").entries()).isEmpty();
    }

    private FunctionDeployment onlyDeployment(String text) throws Exception {
        return onlyDeployment(text, Map.of());
    }

    private FunctionDeployment onlyDeployment(String text, Map<String, String> variables) throws Exception {
        List<StackFile.Entry> entries = read(text, variables).entries();
        assertThat(entries).singleElement().isInstanceOf(StackFile.Ready.class);
        return ((StackFile.Ready) entries.get(0)).deployment();
    }

    private StackFile read(String text) throws IOException, StackFileException {
        return read(text, Map.of());
    }

    private StackFile read(String text, Map<String, String> variables) throws IOException, StackFileException {
        return StackFile.read(Files.writeString(folder.resolve("stack.yaml"), text), variables, "openfaas-fn");
    }
}
