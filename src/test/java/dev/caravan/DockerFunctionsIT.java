package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.testing.AnsweringImage;
import dev.caravan.testing.PrivateEngine;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The whole of Caravan with functions in containers of a real engine. */
class DockerFunctionsIT {

    @RegisterExtension
    static final PrivateEngine engine = new PrivateEngine();

    @BeforeAll
    static void build() throws IOException {
        AnsweringImage.build(engine);
    }

    @Test
    void callsReachContainersAndWaitWhileThereIsNoneOrNoEngine() throws Exception {
        try (TestServer server = TestServer.with(
                        "CARAVAN_PROVIDER=docker",
                        "CARAVAN_DOCKER_HOST=" + engine.host(),
                        "CARAVAN_DOCKER_PROJECT=caravan-whole",
                        "CARAVAN_SCALE_FROM_ZERO_WAIT=5s")
                .start()) {
            Reply deployed = server.system("POST", "/system/functions", """
                    {"service": "contained", "image": "%s", "envVars": {"text": "from a container"}}
                    """.formatted(AnsweringImage.NAME));
            assertThat(deployed.status()).as(deployed.text()).isEqualTo(202);
            server.awaitReplica("contained");

            assertThat(server.get("/function/contained").text()).isEqualTo("from a container");
            awaitSucceeded(server, server.callAsync("contained", "x"));

            assertThat(server.system("POST", "/system/scale-function/contained", "{\"replicas\": 0}")
                            .status())
                    .isEqualTo(202);
            assertThat(server.get("/function/contained").text())
                    .as("the call has it started")
                    .isEqualTo("from a container");

            String waiting;
            engine.stop();
            try {
                await().atMost(Duration.ofMinutes(1))
                        .until(() -> server.get("/function/contained").status() == 503);
                waiting = server.callAsync("contained", "x");
            } finally {
                engine.restart();
            }
            awaitSucceeded(server, waiting);
        }
    }

    private static void awaitSucceeded(TestServer server, String call) {
        await().atMost(Duration.ofMinutes(2))
                .until(() -> server.get("/async-function/" + call)
                        .json()
                        .get("status")
                        .asText()
                        .equals("succeeded"));
    }
}
