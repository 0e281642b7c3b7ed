package dev.caravan.component.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A route is looked at while it runs, and its file saved by somebody who is not in the folder. */
@Timeout(60)
@SuppressWarnings("NullAway.Init") // made before each test
class RouteEditTest {

    private static final String FILE = "gateway/a.camel.yaml";

    @TempDir
    Path folder;

    private final DefaultCamelContext context = new DefaultCamelContext();
    private RouteFiles files;

    @BeforeEach
    void start() throws Exception {
        context.start();
        Files.createDirectories(folder.resolve("gateway"));
        Files.writeString(folder.resolve(FILE), answering("one"));
        files = new RouteFiles(
                context,
                folder,
                List.of("gateway"),
                Duration.ofSeconds(10),
                scratch -> {},
                Duration.ofMillis(20),
                InstantSource.system());
        files.start();
    }

    @AfterEach
    void stop() {
        files.close();
        context.stop();
    }

    @Test
    void theSourceIsWhatStandsOnDisk() throws Exception {
        assertThat(files.source("a")).contains(new RouteSource(FILE, answering("one")));
        assertThat(files.source("nobody")).isEmpty();
        assertThat(new RouteSource("x", "one").tag()).isEqualTo(new RouteSource("y", "one").tag());
        assertThat(new RouteSource("x", "one").tag()).isNotEqualTo(new RouteSource("x", "one\n").tag());
    }

    @Test
    void aGoodTextRunsAndStandsOnDiskWhenItIsSaved() throws Exception {
        String tag = files.source("a").orElseThrow().tag();

        RouteEdit edit = files.save("a", Optional.of(tag), answering("two"));

        assertThat(edit).isEqualTo(new RouteEdit.Saved(new RouteSource(FILE, answering("two"))));
        assertThat(ask()).isEqualTo("two");
        assertThat(onDisk()).isEqualTo(answering("two"));
        assertThat(files.routes()).extracting(LoadedRoute::internalId).containsExactly("a@2");
        await().during(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(files.routes())
                        .as("the watch takes it for settled")
                        .extracting(LoadedRoute::internalId)
                        .containsExactly("a@2"));
    }

    @Test
    void aBrokenTextNeverLands() throws Exception {
        RouteEdit edit = files.save("a", Optional.empty(), answering("two").replace("setBody", "setBodi"));

        assertThat(edit)
                .isInstanceOfSatisfying(
                        RouteEdit.Refused.class,
                        refused -> assertThat(refused.problems())
                                .singleElement()
                                .returns(6, RouteProblem::line)
                                .returns("setBody", RouteProblem::suggestion));
        assertThat(ask()).isEqualTo("one");
        assertThat(onDisk()).isEqualTo(answering("one"));
        assertThat(files.refused()).isEmpty();
    }

    @Test
    void aTextWithoutTheRouteIsRefused() throws Exception {
        RouteEdit edit = files.save("a", Optional.empty(), answering("two").replace("id: a", "id: b"));

        assertThat(edit)
                .isInstanceOfSatisfying(
                        RouteEdit.Refused.class,
                        refused -> assertThat(refused.problems().get(0).message())
                                .contains("route \"a\" is not in it any more"));
        assertThat(ask()).isEqualTo("one");
        assertThat(onDisk()).isEqualTo(answering("one"));
    }

    @Test
    void whoEditedAnOlderTextIsToldSoAndChangesNothing() throws Exception {
        String old = files.source("a").orElseThrow().tag();
        files.save("a", Optional.of(old), answering("two"));

        assertThat(files.save("a", Optional.of(old), answering("three"))).isEqualTo(new RouteEdit.Stale());

        assertThat(ask()).isEqualTo("two");
        assertThat(onDisk()).isEqualTo(answering("two"));
    }

    @Test
    void aFileThatCannotBeWrittenChangesNothing() throws Exception {
        Path file = folder.resolve(FILE);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
        assumeFalse(Files.isWritable(file), "this user may write every file");

        assertReadOnly(files.save("a", Optional.empty(), answering("two")));
    }

    @Test
    void aFolderThatCannotBeWrittenChangesNothing() throws Exception {
        Path gateway = folder.resolve("gateway");
        Files.setPosixFilePermissions(gateway, PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            assumeFalse(Files.isWritable(gateway), "this user may write every folder");
            assertReadOnly(files.save("a", Optional.empty(), answering("two")));
        } finally {
            Files.setPosixFilePermissions(gateway, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    /** A disk that is full, whoever asks. */
    @Test
    void aWriteThatFailsAtLastPutsTheOldVersionBack() throws Exception {
        var failing = new RouteFolder(folder, List.of("gateway")) {
            @Override
            void write(String file, String text) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        files.close();
        context.getRouteController().stopAllRoutes();
        context.removeRouteDefinitions(List.copyOf(context.getRouteDefinitions()));
        files = new RouteFiles(
                context, failing, Duration.ofSeconds(10), scratch -> {}, Duration.ofMillis(20), InstantSource.system());
        files.start();

        assertReadOnly(files.save("a", Optional.empty(), answering("two")));
    }

    private void assertReadOnly(RouteEdit edit) throws IOException {
        assertThat(edit)
                .isInstanceOfSatisfying(
                        RouteEdit.ReadOnly.class,
                        readOnly -> assertThat(readOnly.why())
                                .contains(FILE, "cannot be written")
                                .doesNotContain(folder.toString()));
        assertThat(ask()).isEqualTo("one");
        assertThat(onDisk()).isEqualTo(answering("one"));
    }

    @Test
    void aFileThatWasNeverGoodIsMendedByItsName() throws Exception {
        Files.writeString(folder.resolve("gateway/b.camel.yaml"), answering("b").replace("direct:a", "diretc:b"));
        await().untilAsserted(() -> assertThat(files.refused()).hasSize(1));
        assertThat(files.source("b")).isPresent();
        String good = answering("b").replace("id: a", "id: b").replace("direct:a", "direct:b");

        assertThat(files.save("b", Optional.empty(), good)).isInstanceOf(RouteEdit.Saved.class);

        assertThat(files.refused()).isEmpty();
        assertThat(files.routes()).extracting(LoadedRoute::id).containsExactly("a", "b");
    }

    @Test
    void aRouteWithoutAFileCannotBeSaved() throws Exception {
        files.add(
                "(made)/b.camel.yaml", answering("b").replace("id: a", "id: b").replace("direct:a", "direct:b"));

        assertThat(files.route("b")).isPresent();
        assertThat(files.source("b")).isEmpty();
        assertThatThrownBy(() -> files.save("b", Optional.empty(), answering("x")))
                .isInstanceOf(IOException.class);
    }

    @Test
    void theStepsAreATreeWithWhatCameToEach() throws Exception {
        files.save("a", Optional.empty(), """
                - route:
                    id: a
                    from:
                      uri: direct:a
                      steps:
                        - choice:
                            when:
                              - expression:
                                  simple:
                                    expression: "${body} == 'left'"
                                steps:
                                  - setHeader:
                                      name: token
                                      expression:
                                        constant:
                                          expression: s3cret
                            otherwise:
                              steps:
                                - stop: {}
                        - doTry:
                            steps:
                              - throwException:
                                  exceptionType: java.io.IOException
                                  message: on purpose
                            doCatch:
                              - exception:
                                  - java.io.IOException
                                steps:
                                  - to:
                                      uri: "mock:caught?retainFirst=1"
                """);
        for (String body : List.of("left", "right", "right")) {
            context.createFluentProducerTemplate().to("direct:a").withBody(body).request();
        }

        List<RouteStep> steps = files.steps("a");
        assertThat(steps).extracting(RouteStep::kind).containsExactly("choice", "doTry");
        RouteStep choice = steps.get(0);
        assertThat(choice.exchanges()).isEqualTo(3);
        assertThat(choice.children()).extracting(RouteStep::kind).containsExactly("when", "otherwise");
        RouteStep when = choice.children().get(0);
        assertThat(when.label()).isEqualTo("simple: ${body} == 'left'");
        assertThat(when.exchanges()).isEqualTo(-1);
        assertThat(when.children()).singleElement().satisfies(step -> {
            assertThat(step.label()).isEqualTo("token");
            assertThat(step.exchanges()).isEqualTo(1);
        });
        assertThat(choice.children().get(1).children().get(0)).returns(2L, RouteStep::exchanges);
        RouteStep attempt = steps.get(1);
        assertThat(attempt.children()).extracting(RouteStep::kind).containsExactly("throwException", "doCatch");
        assertThat(attempt.children().get(0)).returns(1L, RouteStep::exchanges).returns(1L, RouteStep::failures);
        assertThat(attempt.children().get(1).children()).singleElement().satisfies(step -> {
            assertThat(step.label()).isEqualTo("mock:caught?retainFirst=1");
            assertThat(step.exchanges()).isEqualTo(1);
            assertThat(step.failures()).isZero();
        });
        assertThat(steps.toString()).doesNotContain("s3cret");
        assertThat(files.steps("nobody")).isEmpty();
    }

    private String ask() {
        return context.createFluentProducerTemplate().to("direct:a").request(String.class);
    }

    private String onDisk() throws IOException {
        return Files.readString(folder.resolve(FILE));
    }

    private static String answering(String answer) {
        return "- route:\n    id: a\n    from:\n      uri: direct:a\n      steps:\n"
                + "        - setBody: { expression: { constant: { expression: \"" + answer + "\" } } }\n";
    }
}
