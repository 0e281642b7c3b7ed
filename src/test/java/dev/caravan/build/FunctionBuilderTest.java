package dev.caravan.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.function.BuiltFunction;
import dev.caravan.function.FunctionName;
import dev.caravan.provider.FunctionProvider.Health;
import dev.caravan.provider.ProviderException;
import dev.caravan.testing.FakeFunctionProvider;
import dev.caravan.testing.SourceTar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of what was built, with templates of the test's own, in folders. */
class FunctionBuilderTest {

    private static final FunctionName NAME = new FunctionName("it", "openfaas-fn");

    @TempDir
    Path folder;

    private final FakeFunctionProvider provider = new FakeFunctionProvider();
    private final List<String> log = new ArrayList<>();
    private FunctionBuilder builder;

    @BeforeEach
    void makeTemplates() throws IOException {
        template("plain", "caravan: {handler: main}", "true");
        template("slow", "caravan: {handler: main}", "sleep 60 & sleep 60");
        template("chatty", "caravan: {handler: main}", "printf 'one\\ntwo\\nthree\\nfour\\n'; exit 7");
        template("rare", "caravan: {handler: main, needs: [no-such-program]}", "true");
        template("broken", "caravan: [", "true");
        builder = builder(Duration.ofMinutes(1));
    }

    private FunctionBuilder builder(Duration limit) {
        return FunctionBuilder.of(
                provider,
                folder.resolve("templates"),
                folder.resolve("data"),
                Map.of("PATH", System.getenv("PATH")),
                Map.of(),
                limit,
                InstantSource.system());
    }

    private void template(String language, String ours, String script) throws IOException {
        Path template = Files.createDirectories(folder.resolve("templates").resolve(language));
        Files.writeString(template.resolve("template.yml"), "fprocess: ./function/main\n" + ours + "\n");
        Files.writeString(template.resolve("build.sh"), script + "\n");
    }

    @Test
    void whatNothingRunsOfGoesWithTheSecondSweep() {
        build("plain");
        build("plain");
        assertThat(revisions()).as("the old one may still have calls").hasSize(2);

        builder.sweep();
        assertThat(revisions()).hasSize(2);
        builder.sweep();
        assertThat(revisions()).hasSize(1);

        builder.delete(NAME);
        builder.sweep();
        builder.sweep();
        assertThat(revisions()).isEmpty();
    }

    @Test
    void nothingGoesWhileNobodyKnowsWhatIsDeployed() {
        build("plain");
        builder.delete(NAME);
        provider.health(new Health(false, "away"));

        builder.sweep();
        builder.sweep();

        assertThat(revisions()).hasSize(1);
    }

    @Test
    void aBuildThatFailsTellsItsLastLinesAndLeavesNothing() {
        assertRefused("chatty", "the build failed with exit status 7: two / three / four");
        assertThat(log).contains("one", "four");
    }

    @Test
    void aBuildThatTakesTooLongIsEndedWithAllItStarted() {
        builder = builder(Duration.ofSeconds(1));

        assertRefused("slow", "the build took longer than 1 s, and was ended");
    }

    @Test
    void aProgramThatIsMissingIsNamed() {
        assertRefused("rare", "\"no-such-program\" is not on the PATH of this machine, and the language needs it");
    }

    @Test
    void aTemplateThatNobodyCanReadIsTheHousesFault() {
        assertThatThrownBy(() -> build("broken"))
                .isInstanceOfSatisfying(
                        ProviderException.class,
                        e -> assertThat(e.code()).isEqualTo(ProviderException.Code.UNAVAILABLE))
                .hasMessageContaining("template.yml is no YAML")
                .hasMessageNotContaining("\n");
    }

    private void assertRefused(String language, String why) {
        assertThatThrownBy(() -> build(language))
                .isInstanceOf(ProviderException.class)
                .hasMessage(why);
        assertThat(revisions()).isEmpty();
        assertThat(provider.status(NAME)).isEmpty();
    }

    private void build(String language) {
        byte[] source = new SourceTar().file("main", "echo").bytes();
        builder.build(new BuildOrder(NAME, new BuiltFunction(language, "it", Set.of()), source, null), log::add);
    }

    private List<Path> revisions() {
        Path built = folder.resolve("data/built");
        if (Files.notExists(built)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(built)) {
            return all.filter(each -> built.relativize(each).getNameCount() == 3)
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
