package dev.caravan.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.testing.Deployments;
import dev.caravan.testing.FakeFunctionProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StackDeployerTest {

    private static final FunctionName HELLO = new FunctionName("hello", "openfaas-fn");

    @TempDir
    private Path folder;

    private final FakeFunctionProvider provider = new FakeFunctionProvider();

    @Test
    void theFirstStartDeploysEverything() throws IOException {
        var applied = apply("functions:\n  hello: {image: hello:1}\n  bye: {image: bye:1}\n");

        assertThat(applied.deployed()).containsExactly("hello", "bye");
        assertThat(applied.summary()).isEqualTo("2 deployed");
        assertThat(provider.requests()).containsExactly("deploy hello.openfaas-fn", "deploy bye.openfaas-fn");
    }

    @Test
    void theNextStartLeavesAloneWhatDidNotChange() throws IOException {
        apply("functions:\n  hello: {image: hello:1, labels: {a: 1, b: 2, c: 3}}\n");

        var applied = apply("# moved\nfunctions:\n  hello: {labels: {c: 3, b: 2, a: 1}, image: \"hello:1\"}\n");

        assertThat(applied.unchanged()).containsExactly("hello");
        assertThat(provider.requests()).hasSize(1);
    }

    @Test
    void aChangedEntryIsUpdated() throws IOException {
        apply("functions:\n  hello: {image: hello:1}\n  bye: {image: bye:1}\n");

        var applied = apply("functions:\n  hello: {image: hello:2}\n  bye: {image: bye:1}\n");

        assertThat(applied.summary()).isEqualTo("1 updated, 1 unchanged");
        assertThat(provider.status(HELLO).orElseThrow().deployment().image()).isEqualTo("hello:2");
    }

    @Test
    void aChangedVariableIsAChange() throws IOException {
        String text = "functions:\n  hello: {image: \"hello:${TAG:-1}\"}\n";
        apply(text);

        var applied = apply(text, Map.of("TAG", "2"));

        assertThat(applied.updated()).containsExactly("hello");
    }

    @Test
    void whatWasRemovedByApiStaysRemovedUntilTheFileSaysSomethingNew() throws IOException {
        apply("functions:\n  hello: {image: hello:1}\n");
        provider.delete(HELLO);

        apply("functions:\n  hello: {image: hello:1}\n");
        boolean cameBack = provider.status(HELLO).isPresent();
        apply("functions:\n  hello: {image: hello:2}\n");

        assertThat(cameBack).isFalse();
        assertThat(provider.status(HELLO)).isPresent();
    }

    @Test
    void whatWasChangedByApiStaysChanged() throws IOException {
        apply("functions:\n  hello: {image: hello:1}\n");
        FunctionDeployment changed = Deployments.of("hello");
        provider.update(changed);

        apply("functions:\n  hello: {image: hello:1}\n");

        assertThat(provider.status(HELLO).orElseThrow().deployment()).isEqualTo(changed);
    }

    @Test
    void whatTheFileNoLongerNamesIsLeftRunningAndAppliedWhenItReturns() throws IOException {
        apply("functions:\n  hello: {image: hello:1}\n");

        apply("functions: {}\n");
        boolean stillThere = provider.status(HELLO).isPresent();
        var applied = apply("functions:\n  hello: {image: hello:1}\n");

        assertThat(stillThere).isTrue();
        assertThat(applied.updated()).containsExactly("hello");
    }

    @Test
    void oneBrokenEntryNeverStopsTheOthersAndIsTriedAgain() throws IOException {
        String text =
                "functions:\n  bad: {fprocess: cat}\n  refused: {image: cannot-run:1}\n  hello: {image: hello:1}\n";

        var first = apply(text);
        var second = apply(text);

        assertThat(first.deployed()).containsExactly("hello");
        assertThat(first.failed()).containsOnlyKeys("bad", "refused");
        assertThat(first.failed().get("bad")).contains("stack.yaml:2: functions.bad.image is missing");
        assertThat(first.failed().get("refused")).isEqualTo("cannot run image \"cannot-run:1\": set envProcess");
        assertThat(second.summary()).isEqualTo("1 unchanged, 2 failed");
        assertThat(provider.requests()).endsWith("deploy refused.openfaas-fn");
    }

    @Test
    void aRepairedEntryDoesNotUndoWhatTheApiDid() throws IOException {
        apply("functions:\n  hello: {image: hello:1}\n");
        provider.delete(HELLO);
        apply("functions:\n  hello: {image: [hello]}\n");

        var applied = apply("functions:\n  hello: {image: hello:1}\n");

        assertThat(applied.unchanged()).containsExactly("hello");
        assertThat(provider.status(HELLO)).isEmpty();
    }

    @Test
    void aBrokenFileIsReportedAndForgetsNothing() throws IOException {
        apply("functions:\n  hello: {image: hello:1}\n");

        var broken = apply("functions: [\n");
        var repaired = apply("functions:\n  hello: {image: hello:1}\n");

        assertThat(broken.failed())
                .containsOnlyKeys(folder.resolve("stack.yaml").toString());
        assertThat(repaired.unchanged()).containsExactly("hello");
    }

    @Test
    void secretsInVariablesAreNotKept() throws IOException {
        apply(
                "functions:\n  hello: {image: hello:1, environment: {TOKEN: \"${TOKEN}\"}}\n",
                Map.of("TOKEN", "hunter2"));

        assertThat(folder.resolve("stack-applied.json")).content().doesNotContain("hunter2");
        assertThat(folder).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void anUnreadableMemoryAppliesEverythingAgain() throws IOException {
        apply("functions:\n  hello: {image: hello:1}\n");
        Files.writeString(folder.resolve("stack-applied.json"), "{");

        var applied = apply("functions:\n  hello: {image: hello:1}\n");

        assertThat(applied.updated()).containsExactly("hello");
    }

    private StackDeployer.Applied apply(String text) throws IOException {
        return apply(text, Map.of());
    }

    private StackDeployer.Applied apply(String text, Map<String, String> variables) throws IOException {
        Path stack = Files.writeString(folder.resolve("stack.yaml"), text);
        return new StackDeployer(provider, folder).apply(stack, variables, "openfaas-fn");
    }
}
