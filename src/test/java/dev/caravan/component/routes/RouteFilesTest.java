package dev.caravan.component.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.service.ServiceSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class RouteFilesTest {

    private static final Duration DRAIN = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final RecordingHttpEngine http = new RecordingHttpEngine();
    private final RecordingHttpEngine scratchHttp = new RecordingHttpEngine();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch gate = new CountDownLatch(1);
    private RouteFiles files;

    @BeforeEach
    void startContext() {
        var platformHttp = new PlatformHttpComponent();
        platformHttp.setEngine(http);
        context.addComponent("platform-http", platformHttp);
        context.getRegistry().bind("wait", (Processor) exchange -> {
            entered.countDown();
            assertThat(gate.await(30, TimeUnit.SECONDS)).isTrue();
        });
        context.getRegistry().bind("stampHeader", (Processor)
                exchange -> exchange.getMessage().setHeader("stamp", "x"));
        context.start();
        files = over(List.of("gateway", "worker"));
    }

    private RouteFiles over(List<String> roles) {
        Consumer<CamelContext> scratch = dry -> {
            var component = new PlatformHttpComponent();
            component.setEngine(scratchHttp);
            dry.addComponent("platform-http", component);
        };
        return new RouteFiles(context, folder, roles, DRAIN, scratch, Duration.ofMillis(20), InstantSource.system());
    }

    @AfterEach
    void stop() {
        gate.countDown();
        files.close();
        context.stop();
    }

    @Test
    void sharedIsLoadedFirstAndThenEachRoleByPath() throws Exception {
        write("worker/b.camel.yaml", answering("b", "b"));
        write("worker/a.camel.yaml", answering("a", "a"));
        write("gateway/z.camel.yaml", answering("z", "z"));
        write("shared/m.camel.yaml", answering("m", "m"));

        files.start();

        assertThat(files.routes()).extracting(LoadedRoute::id).containsExactly("m", "z", "a", "b");
    }

    @Test
    void foldersOfOtherRolesAreLeftAlone() throws Exception {
        write("worker/a.camel.yaml", answering("a", "a"));
        write("triggers/t.camel.yaml", answering("t", "t"));

        files.start();

        assertThat(files.routes()).extracting(LoadedRoute::id).containsExactly("a");
    }

    @Test
    void aBrokenFileAtStartIsReportedAndTheRestRuns() throws Exception {
        write(
                "gateway/bad.camel.yaml",
                "- route:\n    id: bad\n    from:\n      uri: direct:bad\n      steps:\n  - x\n");
        write("gateway/good.camel.yaml", answering("good", "fine"));

        files.start();

        assertThat(ask("good")).isEqualTo("fine");
        assertThat(files.refused()).singleElement().satisfies(edit -> {
            assertThat(edit.file()).isEqualTo("gateway/bad.camel.yaml");
            assertThat(edit.line()).isEqualTo(6);
            assertThat(edit.lastGoodRuns()).isFalse();
        });
    }

    @Test
    void aFileThatIsBrokenWhenItIsCreatedLeavesNothingBehind() throws Exception {
        write("gateway/bad.camel.yaml", withStep("bad", "bean: { ref: nobody }"));

        files.start();

        assertThat(files.refused()).hasSize(1);
        assertThat(context.getRoutes()).isEmpty();
        assertThat(context.getRouteDefinitions()).isEmpty();
    }

    @Test
    void aRouteThatIsSwitchedOffStaysOffUntilItIsStarted() throws Exception {
        write("gateway/a.camel.yaml", answering("a", "one").replace("id: a", "id: a\n    autoStartup: false"));
        files.start();
        assertThat(files.routes()).extracting(LoadedRoute::state).containsExactly("stopped");

        assertThat(files.startRoute("a")).isTrue();
        assertThat(ask("a")).isEqualTo("one");

        write("gateway/a.camel.yaml", answering("a", "two").replace("id: a", "id: a\n    autoStartup: false"));
        awaitAnswer("a", "two");
    }

    @Test
    void aGoodEditTakesEffect() throws Exception {
        write("gateway/a.camel.yaml", answering("a", "one"));
        files.start();
        assertThat(ask("a")).isEqualTo("one");

        write("gateway/a.camel.yaml", answering("a", "two"));

        awaitAnswer("a", "two");
        assertThat(files.routes()).extracting(LoadedRoute::internalId).containsExactly("a@2");
        await().untilAsserted(() -> assertThat(context.getRouteDefinitions()).hasSize(1));
    }

    @Test
    void exchangesAreCountedOverAllVersions() throws Exception {
        write("gateway/a.camel.yaml", answering("a", "one"));
        files.start();
        ask("a");
        write(
                "gateway/a.camel.yaml",
                withStep("a", "throwException: { message: no, exceptionType: java.io.IOException }"));
        await().untilAsserted(() ->
                assertThat(files.routes()).extracting(LoadedRoute::internalId).containsExactly("a@2"));
        await().untilAsserted(() -> assertThat(context.getRouteDefinition("a")).isNull());

        assertThatThrownBy(() -> ask("a")).hasRootCauseInstanceOf(IOException.class);

        assertThat(files.routes().get(0)).returns(2L, LoadedRoute::exchanges).returns(1L, LoadedRoute::failures);
    }

    @Test
    void aRouteThatWasStoppedByHandStaysStoppedWhenItsFileIsSaved() throws Exception {
        write("gateway/a.camel.yaml", answering("a", "one"));
        files.start();

        assertThat(files.stopRoute("a")).isTrue();
        write("gateway/a.camel.yaml", answering("a", "two"));

        await().untilAsserted(() ->
                assertThat(files.routes()).extracting(LoadedRoute::internalId).containsExactly("a@2"));
        assertThat(files.routes()).extracting(LoadedRoute::state).containsExactly("stopped");
        assertThat(files.stopRoute("nobody")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            syntax              | setBody: [                                        | 7 |
            unknown step        | setBodi: { expression: { constant: { expression: x } } } | 6 | setBody
            unknown component   | to: { uri: "tiemr:x" }                            | 6 | timer
            unknown option      | to: { uri: "seda:x?sise=3" }                      | 6 | size
            missing bean        | bean: { ref: stampHeadr }                         | 6 | stampHeader
            missing processor   | process: { ref: stampHeadr }                      | 6 | stampHeader
            bad simple          | setBody: { expression: { simple: { expression: "${bodi" } } } | 6 |
            missing placeholder | to: { uri: "direct:{{nowhere}}" }                 | 6 |
            """)
    void aBrokenEditIsRefusedWithItsPlaceAndTheOldVersionRunsOn(String what, String step, int line, String suggestion)
            throws Exception {
        write("gateway/a.camel.yaml", answering("a", "old"));
        files.start();

        write("gateway/a.camel.yaml", withStep("a", step));

        await().untilAsserted(() -> assertThat(files.refused()).hasSize(1));
        RefusedEdit edit = files.refused().get(0);
        assertThat(edit.line()).as(edit.toString()).isEqualTo(line);
        assertThat(edit.suggestion()).as(edit.toString()).isEqualTo(suggestion == null ? "" : suggestion);
        assertThat(edit.reason()).isNotBlank().doesNotContain("\tat ");
        assertThat(edit.lastGoodRuns()).isTrue();
        assertThat(ask("a")).isEqualTo("old");
        assertThat(files.routes()).extracting(LoadedRoute::internalId).containsExactly("a");
    }

    @Test
    void aRefusalIsForgottenWhenTheFileIsGoodAgain() throws Exception {
        write("gateway/a.camel.yaml", answering("a", "one"));
        files.start();
        write("gateway/a.camel.yaml", withStep("a", "nonsense: {}"));
        await().untilAsserted(() -> assertThat(files.refused()).hasSize(1));

        write("gateway/a.camel.yaml", answering("a", "two"));

        awaitAnswer("a", "two");
        await().untilAsserted(() -> assertThat(files.refused()).isEmpty());
    }

    @Test
    void whatRunsFinishesOnTheOldVersionWhileTheNewOneAnswers() throws Exception {
        write("gateway/a.camel.yaml", waitingThenAnswering("a", "old"));
        files.start();
        CompletableFuture<String> running = CompletableFuture.supplyAsync(() -> ask("a"));
        assertThat(entered.await(5, TimeUnit.SECONDS)).isTrue();

        write("gateway/a.camel.yaml", answering("a", "new"));

        awaitAnswer("a", "new");
        assertThat(running).isNotDone();
        gate.countDown();
        assertThat(running.get(5, TimeUnit.SECONDS)).isEqualTo("old");
        await().untilAsserted(() -> assertThat(context.getRouteDefinition("a")).isNull());
    }

    @Test
    void anExchangeOfASedaRouteIsNotInterruptedByItsReplacement() throws Exception {
        String old = waitingThenAnswering("a", "old").replace("direct:a", "seda:a");
        write("gateway/a.camel.yaml", old);
        files.start();
        CompletableFuture<String> running = CompletableFuture.supplyAsync(() ->
                context.createFluentProducerTemplate().to("seda:a?timeout=0").request(String.class));
        assertThat(entered.await(5, TimeUnit.SECONDS)).isTrue();

        write("gateway/a.camel.yaml", answering("a", "new").replace("direct:a", "seda:a"));

        await().untilAsserted(() ->
                assertThat(files.routes()).extracting(LoadedRoute::internalId).containsExactly("a@2"));
        assertThat(context.createFluentProducerTemplate().to("seda:a").request(String.class))
                .isEqualTo("new");
        gate.countDown();
        assertThat(running.get(5, TimeUnit.SECONDS)).isEqualTo("old");
        await().untilAsserted(() -> assertThat(context.getRouteDefinition("a")).isNull());
        assertThat(context.createFluentProducerTemplate().to("seda:a").request(String.class))
                .isEqualTo("new");
    }

    @Test
    void anotherRouteCanStartWhileAnOldVersionDrains() throws Exception {
        write("gateway/a.camel.yaml", waitingThenAnswering("a", "old"));
        files.start();
        CompletableFuture<String> running = CompletableFuture.supplyAsync(() -> ask("a"));
        assertThat(entered.await(5, TimeUnit.SECONDS)).isTrue();
        write("gateway/a.camel.yaml", answering("a", "new"));
        awaitAnswer("a", "new");

        write("gateway/b.camel.yaml", answering("b", "b"));

        awaitAnswer("b", "b");
        assertThat(running).isNotDone();
    }

    @Test
    void theNewHttpVersionIsRegisteredBeforeTheOldOneLeaves() throws Exception {
        write("gateway/a.camel.yaml", answering("a", "one").replace("direct:a", "platform-http:/a"));
        files.start();
        assertThat(http.events()).containsExactly("start /a");

        write("gateway/a.camel.yaml", answering("a", "two").replace("direct:a", "platform-http:/a"));

        await().untilAsserted(() -> assertThat(http.events()).containsExactly("start /a", "start /a", "stop /a"));
        assertThat(http.serving()).isEqualTo(1);
        assertThat(scratchHttp.events()).isEmpty();
    }

    @Test
    void aRouteThatVanishedFromItsFileIsRemoved() throws Exception {
        write("gateway/a.camel.yaml", answering("a", "a") + answering("b", "b"));
        files.start();

        write("gateway/a.camel.yaml", answering("a", "a"));

        await().untilAsserted(() ->
                assertThat(files.routes()).extracting(LoadedRoute::id).containsExactly("a"));
        await().untilAsserted(() -> assertThat(context.getRoute("b")).isNull());
        assertThat(ask("a")).isEqualTo("a");
    }

    @Test
    void aFileThatVanishedTakesItsRoutesAlong() throws Exception {
        write("gateway/a.camel.yaml", answering("a", "a"));
        files.start();

        Files.delete(folder.resolve("gateway/a.camel.yaml"));

        await().untilAsserted(() -> assertThat(files.routes()).isEmpty());
        await().untilAsserted(() -> assertThat(context.getRouteDefinitions()).isEmpty());
    }

    @Test
    void aFolderThatVanishedForAMomentTakesNothingAlong() throws Exception {
        write("gateway/a.camel.yaml", answering("a", "a"));
        files.start();
        Path away = folder.resolveSibling(folder.getFileName() + "-away");

        Files.move(folder, away);
        await().during(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(ask("a")).isEqualTo("a"));
        Files.move(away, folder);

        await().during(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(ask("a")).isEqualTo("a"));
    }

    @Test
    void aRenamedIdStartsTheNewAndRemovesTheOld() throws Exception {
        write("gateway/a.camel.yaml", answering("a", "a"));
        files.start();

        write("gateway/a.camel.yaml", answering("a", "still here").replace("id: a", "id: renamed"));

        await().untilAsserted(() ->
                assertThat(files.routes()).extracting(LoadedRoute::id).containsExactly("renamed"));
        awaitAnswer("a", "still here");
    }

    @Test
    void twoRoutesOfAFileCanExchangeTheirTriggers() throws Exception {
        write("gateway/a.camel.yaml", answering("a", "a") + answering("b", "b"));
        files.start();

        String swapped = (answering("a", "a") + answering("b", "b"))
                .replace("direct:a", "direct:c")
                .replace("direct:b", "direct:a")
                .replace("direct:c", "direct:b");
        write("gateway/a.camel.yaml", swapped);

        awaitAnswer("a", "b");
        awaitAnswer("b", "a");
        await().untilAsserted(() -> assertThat(context.getRouteDefinitions()).hasSize(2));
    }

    @Test
    void aChangedTemplateMakesItsRoutesAnewEvenInOtherFiles() throws Exception {
        write("shared/answer.camel.yaml", template("hello {{name}}"));
        write("gateway/ann.camel.yaml", made("ann", "name", "ann"));
        write("worker/bob.camel.yaml", made("bob", "name", "bob"));
        files.start();
        assertThat(ask("ann")).isEqualTo("hello ann");

        write("shared/answer.camel.yaml", template("goodbye {{name}}"));

        awaitAnswer("ann", "goodbye ann");
        awaitAnswer("bob", "goodbye bob");
        await().untilAsserted(() -> assertThat(context.getRouteDefinitions()).hasSize(2));
    }

    @Test
    void aTemplateEditThatBreaksAnotherFileIsRefused() throws Exception {
        write("shared/answer.camel.yaml", template("hello {{name}}"));
        write("gateway/ann.camel.yaml", made("ann", "name", "ann"));
        files.start();

        write("shared/answer.camel.yaml", template("hello {{name}}").replace("- name: name", "- name: other"));

        await().untilAsserted(() -> assertThat(files.refused()).hasSize(1));
        assertThat(files.refused().get(0).file()).isEqualTo("shared/answer.camel.yaml");
        assertThat(files.refused().get(0).reason()).contains("gateway/ann.camel.yaml");
        assertThat(ask("ann")).isEqualTo("hello ann");
    }

    @Test
    void anUnknownTemplateParameterIsRefusedWithItsPlace() throws Exception {
        write("shared/answer.camel.yaml", template("hello {{name}}"));
        write("gateway/ann.camel.yaml", made("ann", "name", "ann"));
        files.start();

        write("gateway/ann.camel.yaml", made("ann", "nmae", "ann"));

        await().untilAsserted(() -> assertThat(files.refused()).hasSize(1));
        assertThat(files.refused().get(0)).returns(5, RefusedEdit::line).returns("name", RefusedEdit::suggestion);
        assertThat(ask("ann")).isEqualTo("hello ann");
    }

    @Test
    void aMissingTemplateParameterIsRefused() throws Exception {
        write("shared/answer.camel.yaml", template("hello {{name}}"));
        files.start();

        write("gateway/ann.camel.yaml", "- templatedRoute:\n    routeTemplateRef: answer\n    routeId: ann\n");

        await().untilAsserted(() -> assertThat(files.refused()).hasSize(1));
        assertThat(files.refused().get(0).reason()).contains("name");
    }

    @Test
    void aTemplateThatIsNeededCannotBeTakenAway() throws Exception {
        write("shared/answer.camel.yaml", template("hello {{name}}"));
        write("gateway/ann.camel.yaml", made("ann", "name", "ann"));
        files.start();

        Files.delete(folder.resolve("shared/answer.camel.yaml"));

        await().untilAsserted(() -> assertThat(files.refused()).hasSize(1));
        assertThat(ask("ann")).isEqualTo("hello ann");

        Files.delete(folder.resolve("gateway/ann.camel.yaml"));
        await().untilAsserted(() -> assertThat(files.refused()).isEmpty());
        assertThat(context.getRouteTemplateDefinitions()).isEmpty();
    }

    @Test
    void aRouteRefusedForWantOfATemplateRunsOnceTheTemplateIsThere() throws Exception {
        write("gateway/ann.camel.yaml", made("ann", "name", "ann"));
        files.start();
        assertThat(files.refused()).hasSize(1);

        write("shared/answer.camel.yaml", template("hello {{name}}"));

        await().untilAsserted(() -> assertThat(files.refused()).isEmpty());
        assertThat(ask("ann")).isEqualTo("hello ann");
    }

    @Test
    void aChangedRouteConfigurationAppliesToEveryRoute() throws Exception {
        write("shared/failures.camel.yaml", configuration("first"));
        write(
                "gateway/a.camel.yaml",
                withStep("a", "throwException: { message: no, exceptionType: java.io.IOException }"));
        files.start();
        assertThat(ask("a")).isEqualTo("first");

        write("shared/failures.camel.yaml", configuration("second"));

        awaitAnswer("a", "second");
        assertThat(context.getRouteConfigurationDefinitions()).hasSize(1);
    }

    @Test
    void anIdThatAnotherFileUsesIsRefusedNamingBoth() throws Exception {
        write("gateway/a.camel.yaml", answering("a", "a"));
        files.start();

        write("worker/b.camel.yaml", answering("a", "b").replace("direct:a", "direct:b"));

        await().untilAsserted(() -> assertThat(files.refused()).hasSize(1));
        assertThat(files.refused().get(0).reason()).contains("gateway/a.camel.yaml", "worker/b.camel.yaml", "\"a\"");
        assertThat(ask("a")).isEqualTo("a");
    }

    @Test
    void anHttpPathThatAnotherFileUsesIsRefusedNamingBoth() throws Exception {
        write(
                "gateway/a.camel.yaml",
                answering("a", "a").replace("direct:a", "platform-http:/x/{y}?httpMethodRestrict=GET"));
        write(
                "gateway/b.camel.yaml",
                answering("b", "b").replace("direct:b", "platform-http:/x/{y}?httpMethodRestrict=PUT"));
        files.start();
        assertThat(files.refused()).isEmpty();

        write(
                "worker/c.camel.yaml",
                answering("c", "c").replace("direct:c", "platform-http:/x/{z}?httpMethodRestrict=GET,POST"));

        await().untilAsserted(() -> assertThat(files.refused()).hasSize(1));
        assertThat(files.refused().get(0).reason()).contains("gateway/a.camel.yaml", "worker/c.camel.yaml");
        assertThat(http.serving()).isEqualTo(2);
        assertThat(context.getRouteDefinition("c")).isNull();
    }

    @Test
    void aRouteWithoutAnIdIsRefused() throws Exception {
        write("gateway/a.camel.yaml", answering("a", "a").replace("    id: a\n", ""));

        files.start();

        assertThat(files.refused()).singleElement().satisfies(edit -> {
            assertThat(edit.reason()).isEqualTo("this route needs an id");
            assertThat(edit.line()).isEqualTo(1);
        });
    }

    @Test
    void whatCannotStartIsTakenBackAndTheOldVersionAnswersAgain() throws Exception {
        write("gateway/a.camel.yaml", answering("a", "a one") + answering("b", "b one"));
        files.start();
        http.refuse("/b");

        write(
                "gateway/a.camel.yaml",
                answering("a", "a two") + answering("b", "b two").replace("direct:b", "platform-http:/b"));

        await().untilAsserted(() -> assertThat(files.refused()).hasSize(1));
        assertThat(files.refused().get(0).reason()).contains("refused by the test");
        assertThat(ask("a")).isEqualTo("a one");
        assertThat(ask("b")).isEqualTo("b one");
        assertThat(context.getRouteDefinitions()).hasSize(2);
        assertThat(files.routes()).extracting(LoadedRoute::internalId).containsExactly("a", "b");

        write("gateway/a.camel.yaml", answering("a", "a three") + answering("b", "b three"));
        awaitAnswer("a", "a three");
        awaitAnswer("b", "b three");
    }

    @Test
    void whatDoesNotFinishInTimeIsCutOff() throws Exception {
        files.close();
        files = new RouteFiles(
                context,
                folder,
                List.of("gateway"),
                Duration.ofMillis(200),
                dry -> {},
                Duration.ofMillis(20),
                InstantSource.system());
        write("gateway/a.camel.yaml", waitingThenAnswering("a", "old"));
        files.start();
        CompletableFuture<String> running = CompletableFuture.supplyAsync(() -> ask("a"));
        assertThat(entered.await(5, TimeUnit.SECONDS)).isTrue();

        write("gateway/a.camel.yaml", answering("a", "new"));

        await().untilAsserted(() -> assertThat(context.getRouteDefinition("a")).isNull());
        assertThat(running).isNotDone();
        assertThat(ask("a")).isEqualTo("new");
    }

    @Test
    void aFileThatIsStillBeingWrittenIsNotLoaded() throws Exception {
        files.close();
        files = new RouteFiles(
                context, folder, List.of("gateway"), DRAIN, dry -> {}, Duration.ofMillis(400), InstantSource.system());
        write("gateway/a.camel.yaml", answering("a", "one"));
        files.start();
        String next = answering("a", "two");

        // Grows at every look, for longer than two looks take: there are never two equal sightings.
        for (int end = 10; end < next.length(); end += 10) {
            Files.writeString(folder.resolve("gateway/a.camel.yaml"), next.substring(0, end));
            await().pollDelay(Duration.ofMillis(120)).until(() -> true);
        }
        Files.writeString(folder.resolve("gateway/a.camel.yaml"), next);

        assertThat(files.refused()).isEmpty();
        awaitAnswer("a", "two");
        assertThat(files.routes()).extracting(LoadedRoute::internalId).containsExactly("a@2");
    }

    @Test
    void aReplacedFileOfTheSameSizeIsNoticed() throws Exception {
        write("gateway/a.camel.yaml", answering("a", "one"));
        files.start();
        Path file = folder.resolve("gateway/a.camel.yaml");
        var modified = Files.getLastModifiedTime(file);

        Path other = Files.writeString(folder.resolve("a.tmp"), answering("a", "two"));
        Files.setLastModifiedTime(other, modified);
        Files.move(other, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);

        awaitAnswer("a", "two");
    }

    @Test
    void aTextCanBeCheckedWithoutSavingIt() throws Exception {
        write("gateway/a.camel.yaml", answering("a", "one"));
        files.start();

        assertThat(files.check("gateway/a.camel.yaml", answering("a", "two"))).isEmpty();
        assertThat(files.check("gateway/a.camel.yaml", withStep("a", "to: { uri: \"tiemr:x\" }")))
                .hasValueSatisfying(
                        problem -> assertThat(problem.toString())
                                .isEqualTo(
                                        "gateway/a.camel.yaml:6:23: no component is called \"tiemr\"; did you mean \"timer\"?"));
        assertThat(ask("a")).isEqualTo("one");
    }

    @Test
    void aBeanWithALifeOfItsOwnSurvivesTheDryRun() throws Exception {
        var bean = new LivingProcessor();
        bean.start();
        context.getRegistry().bind("living", bean);
        write("gateway/a.camel.yaml", answering("a", "one"));
        files.start();

        assertThat(files.check("gateway/a.camel.yaml", withStep("a", "process: { ref: living }")))
                .isEmpty();

        assertThat(bean.isStarted()).isTrue();
    }

    private static final class LivingProcessor extends ServiceSupport implements Processor {
        @Override
        public void process(Exchange exchange) {
            exchange.getMessage().setBody("alive");
        }
    }

    private String ask(String id) {
        return context.createFluentProducerTemplate().to("direct:" + id).request(String.class);
    }

    private void awaitAnswer(String id, String answer) {
        await().untilAsserted(() -> assertThat(files.routes())
                .as("refused: %s", files.refused())
                .extracting(LoadedRoute::id)
                .isNotEmpty());
        await().untilAsserted(() ->
                assertThat(ask(id)).as("refused: %s", files.refused()).isEqualTo(answer));
    }

    private void write(String file, String text) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Path complete = Files.writeString(folder.resolve("writing"), text);
        Files.move(complete, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String answering(String id, String answer) {
        return withStep(id, "setBody: { expression: { constant: { expression: \"" + answer + "\" } } }");
    }

    private static String waitingThenAnswering(String id, String answer) {
        return withStep(id, "process: { ref: wait }") + "        - setBody: { expression: { constant: { expression: \""
                + answer + "\" } } }\n";
    }

    private static String withStep(String id, String step) {
        return "- route:\n    id: " + id + "\n    from:\n      uri: direct:" + id + "\n      steps:\n        - " + step
                + "\n";
    }

    private static String template(String answer) {
        return """
                - routeTemplate:
                    id: answer
                    parameters:
                      - name: name
                    route:
                      from:
                        uri: "direct:{{name}}"
                        steps:
                          - setBody: { expression: { constant: { expression: "ANSWER" } } }
                """.replace("ANSWER", answer);
    }

    private static String made(String id, String parameter, String value) {
        return "- templatedRoute:\n    routeTemplateRef: answer\n    routeId: " + id
                + "\n    parameters:\n      - { name: " + parameter + ", value: " + value + " }\n";
    }

    private static String configuration(String answer) {
        return """
                - routeConfiguration:
                    onException:
                      - onException:
                          exception: [ java.lang.Exception ]
                          handled: { constant: { expression: "true" } }
                          steps:
                            - setBody: { expression: { constant: { expression: "ANSWER" } } }
                """.replace("ANSWER", answer);
    }
}
