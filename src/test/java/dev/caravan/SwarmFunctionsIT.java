package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.model.Service;
import dev.caravan.provider.engine.Revision;
import dev.caravan.testing.AnsweringImage;
import dev.caravan.testing.CaravanProcess;
import dev.caravan.testing.PrivateEngine;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The whole of Caravan, in a process of its own, with functions as services of a real Swarm. */
class SwarmFunctionsIT {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String SECRET_IN_BASE64 = "aHVzaA==";

    @RegisterExtension
    static final PrivateEngine engine = new PrivateEngine();

    private final String project = "caravan-" + ThreadLocalRandom.current().nextInt(1_000_000);
    private final Map<String, String> ours = Map.of(Revision.PROJECT, project);

    @BeforeAll
    static void makeSwarm() throws IOException {
        engine.swarm();
        AnsweringImage.build(engine);
    }

    @AfterEach
    void clean() {
        engine.clean(project);
    }

    @Test
    void servicesOutliveAKilledCaravanAreFoundAgainAndGoWithTheirFunction(@TempDir Path folder) throws Exception {
        var settings = Map.of(
                "CARAVAN_PROVIDER", "swarm", "CARAVAN_DOCKER_HOST", engine.host(), "CARAVAN_DOCKER_PROJECT", project);
        try (CaravanProcess caravan = CaravanProcess.start(folder, settings)) {
            post(caravan, "/system/secrets", "{\"name\": \"key\", \"value\": \"hush\"}");
            post(caravan, "/system/functions", """
                    {"service": "served", "image": "%s", "envVars": {"secret": "key"}, "secrets": ["key"]}
                    """.formatted(AnsweringImage.NAME));
            caravan.scale("served", 2);
            awaitReplicas(caravan, 2);
            assertCallsSucceed(caravan);
            String service = services().get(0).getId();

            caravan.kill();
            assertThat(engine.client().listContainersCmd().withLabelFilter(ours).exec())
                    .as("functions go on")
                    .hasSize(2);
            caravan.restart();

            awaitReplicas(caravan, 2);
            assertCallsSucceed(caravan);
            assertThat(services()).extracting(Service::getId).containsExactly(service);

            caravan.delete("served");

            assertThat(caravan.post("/function/served", "").statusCode()).isEqualTo(404);
            await().atMost(PATIENCE).until(this::nothingIsLeft);
        }
    }

    private static void post(CaravanProcess caravan, String path, String body)
            throws IOException, InterruptedException {
        HttpResponse<String> answer = caravan.post(path, body);
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 202);
    }

    private static void awaitReplicas(CaravanProcess caravan, int replicas) {
        await().atMost(PATIENCE)
                .until(() -> caravan.get("/system/function/served")
                                .path("availableReplicas")
                                .asInt()
                        == replicas);
    }

    private static void assertCallsSucceed(CaravanProcess caravan) throws IOException, InterruptedException {
        HttpResponse<String> answer = caravan.send(HttpRequest.newBuilder(caravan.url("/function/served")));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(SECRET_IN_BASE64);

        HttpResponse<String> accepted = caravan.post("/async-function/served", "x");
        assertThat(accepted.statusCode()).isEqualTo(202);
        String call = accepted.headers().firstValue("X-Call-Id").orElseThrow();
        await().atMost(PATIENCE)
                .until(() -> caravan.get("/async-function/" + call)
                        .path("status")
                        .asText()
                        .equals("succeeded"));
    }

    private List<Service> services() {
        return engine.client().listServicesCmd().withLabelFilter(ours).exec();
    }

    private boolean nothingIsLeft() {
        return services().isEmpty()
                && engine.client().listSecretsCmd().withLabelFilter(ours).exec().isEmpty()
                && engine.client()
                        .listContainersCmd()
                        .withShowAll(true)
                        .withLabelFilter(ours)
                        .exec()
                        .isEmpty();
    }
}
