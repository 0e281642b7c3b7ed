package dev.caravan.provider.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.FunctionName;
import dev.caravan.provider.engine.DockerPlace;
import dev.caravan.testing.AnsweringImage;
import dev.caravan.testing.Deployments;
import dev.caravan.testing.EngineDaemon;
import dev.caravan.testing.SwarmOfTwo;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only several nodes show, from a machine that is none of them and asks the manager over TCP. */
class SwarmNodesIT {

    private static final String NAMESPACE = "openfaas-fn";
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private static SwarmOfTwo swarm;

    @TempDir
    Path data;

    private SwarmProvider provider;

    @BeforeAll
    static void makeSwarm() throws IOException, InterruptedException {
        swarm = SwarmOfTwo.start();
        for (EngineDaemon node : swarm.nodes()) {
            AnsweringImage.build(node); // there is no registry that both could ask
        }
    }

    @AfterAll
    static void endSwarm() throws IOException, InterruptedException {
        if (swarm != null) {
            swarm.close();
        }
    }

    @BeforeEach
    void start() {
        provider = new SwarmProvider(
                new DockerPlace(swarm.host(), "caravan", DockerPlace.Address.AUTO),
                data,
                data.resolve("secrets"),
                NAMESPACE,
                "test",
                InstantSource.system());
        provider.start();
    }

    @AfterEach
    void stop() {
        provider.list(NAMESPACE)
                .forEach(status -> provider.delete(status.deployment().function()));
        provider.close();
    }

    @Test
    void replicasOfAFunctionAreOnBothNodesAndEachIsReachedByTheAddressOfItsOwn() throws Exception {
        FunctionName function = deploy(answering("spread"), 4);

        assertThat(hosts(function)).containsOnly(swarm.manager(), swarm.worker());
        for (URI replica : replicas(function)) {
            assertThat(HTTP.send(HttpRequest.newBuilder(replica).build(), BodyHandlers.ofString())
                            .body())
                    .isEqualTo("here");
        }
        assertThat(provider.usage(List.of(function)))
                .as("what runs on another node the manager's engine cannot weigh")
                .isEmpty();
    }

    @Test
    void aConstraintPicksTheNode() {
        FunctionName function = deploy(Deployments.constrained(answering("placed"), "node.role == worker"), 2);

        assertThat(hosts(function)).containsOnly(swarm.worker());
    }

    @Test
    void whatRanOnANodeThatIsLostRunsOnTheOtherSoon() throws Exception {
        FunctionName function = deploy(answering("moved"), 2);
        assertThat(hosts(function)).containsExactlyInAnyOrder(swarm.manager(), swarm.worker());
        EngineDaemon worker = swarm.nodes().get(1);

        worker.stop();
        try {
            await().atMost(PATIENCE).until(() -> hosts(function).equals(List.of(swarm.manager(), swarm.manager())));
        } finally {
            worker.start();
        }
    }

    private static FunctionDeployment answering(String name) {
        return Deployments.image(
                AnsweringImage.NAME, Deployments.running(name, NAMESPACE, null, Map.of("text", "here")));
    }

    private FunctionName deploy(FunctionDeployment deployment, int replicas) {
        provider.deploy(deployment);
        provider.scale(deployment.function(), replicas);
        await().atMost(PATIENCE).until(() -> replicas(deployment.function()).size() == replicas);
        return deployment.function();
    }

    private List<URI> replicas(FunctionName function) {
        return provider.replicas(function).orElseThrow();
    }

    private List<String> hosts(FunctionName function) {
        return replicas(function).stream().map(URI::getHost).toList();
    }
}
