package dev.caravan.provider.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.testing.Deployments;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The functions that ship with Caravan do what their samples say. */
class SampleFunctionsTest {

    private static final Path FUNCTIONS = Path.of("functions").toAbsolutePath();
    private static final String NAMESPACE = "openfaas-fn";

    @TempDir
    static Path data;

    @TempDir
    static Path temporary;

    private static ProcessProvider provider;
    private static HttpClient http;
    private static Map<String, FunctionDeployment> stack;

    @BeforeAll
    static void deployTheStack() throws IOException {
        http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        stack = readStack();
        provider = new ProcessProvider(data, FUNCTIONS, "test", InstantSource.system());
        provider.start();
        stack.values().forEach(provider::deploy);
    }

    @AfterAll
    static void end() {
        provider.close();
    }

    static Stream<Sample> samples() throws IOException {
        List<Sample> samples = new ArrayList<>();
        for (String function : readStack().keySet()) {
            samples.addAll(Sample.in(FUNCTIONS.resolve(function)));
        }
        return samples.stream();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void theReplyIsTheOneThatIsWrittenDown(Sample sample) throws Exception {
        requireWhatItRunsOn(sample.function());

        sample.holdsAgainst(http, replica(sample.function()));
    }

    @Test
    void everyFunctionHasASampleAndEveryFolderAFunction() throws IOException {
        try (Stream<Path> folders = Files.list(FUNCTIONS).filter(Files::isDirectory)) {
            // What functions are built of is no function.
            assertThat(folders.map(folder -> folder.getFileName().toString())
                            .filter(folder -> !folder.equals("templates")))
                    .hasSameElementsAs(stack.keySet());
        }
        assertThat(stack.keySet())
                .allSatisfy(function ->
                        assertThat(Sample.in(FUNCTIONS.resolve(function))).isNotEmpty());
    }

    @Test
    void aHostileCallIdIsNoPathAndNoCommand() throws Exception {
        String hostile = "../../../etc/x $(touch hacked) `touch hacked` -n *";

        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(replica("flaky").resolve("/?times=1"))
                        .header("X-Call-Id", hostile)
                        .build(),
                BodyHandlers.ofString());

        assertThat(response.body()).isEqualTo("exit status 1\nfailure 1 of 1\n");
        assertThat(FUNCTIONS.resolve("hacked")).doesNotExist();
        try (Stream<Path> left = Files.list(temporary.resolve("caravan-flaky"))) {
            assertThat(left.map(file -> file.getFileName().toString()))
                    .contains("etcxtouchhackedtouchhacked-n.count")
                    .allMatch(name -> name.matches("[A-Za-z0-9-]+\\.count"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello-python", "hello-node"})
    void aServerEndsWithinItsGraceWhenAsked(String function) throws Exception {
        requireWhatItRunsOn(function);
        URI old = replica(function);
        call(old).join();

        provider.scale(new FunctionName(function, NAMESPACE), 0);

        await().atMost(Duration.ofSeconds(10))
                .until(() ->
                        call(old).handle((answer, failure) -> failure != null).join());
        provider.scale(new FunctionName(function, NAMESPACE), 1);
        assertThat(call(replica(function)).join().statusCode()).isEqualTo(200);
    }

    private static CompletableFuture<HttpResponse<String>> call(URI replica) {
        return http.sendAsync(
                HttpRequest.newBuilder(replica).timeout(Duration.ofSeconds(5)).build(), BodyHandlers.ofString());
    }

    private static URI replica(String function) {
        FunctionName name = new FunctionName(function, NAMESPACE);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> !provider.replicas(name).orElseThrow().isEmpty());
        return provider.replicas(name).orElseThrow().get(0);
    }

    private static void requireWhatItRunsOn(String function) {
        String command =
                String.valueOf(Objects.requireNonNull(stack.get(function)).envProcess());
        TestTools.require(command.split(" ")[0]);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, FunctionDeployment> readStack() throws IOException {
        Map<String, Object> file =
                (Map<String, Object>) new Load(LoadSettings.builder().build())
                        .loadFromString(Files.readString(FUNCTIONS.resolve("stack.yaml")));
        Map<String, FunctionDeployment> deployments = new HashMap<>();
        var functions = (Map<String, Map<String, Object>>) Objects.requireNonNull(file.get("functions"));
        functions.forEach((name, entry) -> {
            Map<String, String> environment =
                    new HashMap<>((Map<String, String>) entry.getOrDefault("environment", Map.of()));
            environment.put("TMPDIR", String.valueOf(temporary));
            deployments.put(name, Deployments.running(name, NAMESPACE, (String) entry.get("fprocess"), environment));
        });
        return deployments;
    }
}
