package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.testing.AnsweringImage;
import dev.caravan.testing.CaravanProcess;
import dev.caravan.testing.ImageRegistry;
import dev.caravan.testing.PrivateEngine;
import dev.caravan.testing.SourceTar;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images of a registry that asks who it is: with the credentials of Docker's own configuration, and with wrong ones. */
class PrivateRegistryIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    static final PrivateEngine engine = new PrivateEngine();

    @TempDir
    static Path shared;

    private static ImageRegistry registry;

    private final String project = "caravan-" + ThreadLocalRandom.current().nextInt(1_000_000);

    @TempDir
    Path folder;

    private String image;

    @BeforeAll
    static void start() throws IOException {
        registry = ImageRegistry.start(shared.resolve("registry"));
        AnsweringImage.build(engine);
        engine.swarm();
    }

    @AfterAll
    static void stop() {
        if (registry != null) {
            registry.close();
        }
    }

    /** One that no engine has had yet. */
    @BeforeEach
    void push() throws InterruptedException {
        String name = project + "/answer:1";
        registry.take(engine, AnsweringImage.NAME, name);
        image = registry.image(name);
    }

    @AfterEach
    void clean() {
        engine.clean(project);
    }

    private CaravanProcess caravan(String provider, String password) throws IOException {
        return CaravanProcess.start(
                folder,
                Map.of(
                        "CARAVAN_PROVIDER",
                        provider,
                        "CARAVAN_DOCKER_HOST",
                        engine.host(),
                        "CARAVAN_DOCKER_PROJECT",
                        project,
                        "DOCKER_CONFIG",
                        registry.signedIn(folder.resolve("docker"), password).toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "swarm"})
    void anImageIsPulled(String provider) throws Exception {
        try (CaravanProcess caravan = caravan(provider, ImageRegistry.PASSWORD)) {
            HttpResponse<String> deployed = deploy(caravan);

            assertThat(deployed.statusCode()).as(deployed.body()).isEqualTo(202);
            assertAnswers(caravan, "pulled");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "swarm"})
    void aFunctionIsBuiltOnABase(String provider) throws Exception {
        try (CaravanProcess caravan = caravan(provider, ImageRegistry.PASSWORD)) {
            HttpResponse<String> built = build(caravan);

            assertThat(built.statusCode()).as(built.body()).isEqualTo(200);
            assertAnswers(caravan, "built");
        }
    }

    @Test
    void aWrongPasswordIsToldInOneLineAndLeavesNothing() throws Exception {
        try (CaravanProcess caravan = caravan("docker", "wrong")) {
            HttpResponse<String> deployed = deploy(caravan);
            HttpResponse<String> built = build(caravan);

            assertThat(deployed.statusCode()).isEqualTo(400);
            assertThat(deployed.body())
                    .contains("cannot pull image \"" + image + "\": ")
                    .contains("unauthorized")
                    .doesNotContain("wrong")
                    .hasSizeLessThan(400);
            assertThat(built.statusCode()).isEqualTo(400);
            assertThat(JSON.readTree(built.body()).path("function_error").asText())
                    .startsWith("the build failed: ")
                    .contains("unauthorized")
                    .doesNotContain("\n", "wrong")
                    .hasSizeLessThan(400);
            assertThat(caravan.get("/system/functions")).isEmpty();
        }
    }

    private HttpResponse<String> deploy(CaravanProcess caravan) throws IOException, InterruptedException {
        return caravan.post("/system/functions", """
                {"service": "pulled", "image": "%s", "envVars": {"text": "of a registry"}}
                """.formatted(image));
    }

    private HttpResponse<String> build(CaravanProcess caravan) throws IOException, InterruptedException {
        String dockerfile = "FROM " + image + "\nENV text=\"of a registry\"\n";
        return caravan.post(
                "/function", new SourceTar().file("Dockerfile", dockerfile).order("built", "dockerfile"));
    }

    private static void assertAnswers(CaravanProcess caravan, String function)
            throws IOException, InterruptedException {
        caravan.awaitReplica(function);
        HttpResponse<String> answer = caravan.send(HttpRequest.newBuilder(caravan.url("/function/" + function)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("of a registry");
    }
}
