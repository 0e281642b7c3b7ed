package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.HostImages;
import dev.caravan.testing.PrivateEngine;
import dev.caravan.testing.SourceTar;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** From source to a function that runs, as an image that a real engine builds. */
class BuildOnDockerIT {

    @RegisterExtension
    static final PrivateEngine engine = new PrivateEngine();

    @TempDir
    static Path work;

    private static TestServer server;

    @BeforeAll
    static void start() throws Exception {
        var images = new HostImages(engine, work);
        images.makeBase();
        images.makeWatchdog();
        server = TestServer.with(
                        "CARAVAN_PROVIDER=docker",
                        "CARAVAN_DOCKER_HOST=" + engine.host(),
                        "CARAVAN_DOCKER_PROJECT=caravan-build-"
                                + ThreadLocalRandom.current().nextInt(1_000_000),
                        "CARAVAN_BUILD_BASES=watchdog=" + HostImages.WATCHDOG + ",shell=" + HostImages.BASE
                                + ",dockerfile=" + HostImages.BASE)
                .start();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void shellBecomesAnImageIsReplacedWithoutAFailedCallAndSurvivesARestart() {
        JsonNode lines = server.follow(shell("echo one").order("rolling", "shell", "path", "roll", "memory", "256Mi"));
        assertThat(lines.findValues("step")).as(lines.toString()).hasSizeGreaterThan(5);
        JsonNode last = lines.get(lines.size() - 1);
        assertThat(last.path("image").asText()).startsWith("caravan-built/openfaas-fn.rolling:");
        awaitText("/function/roll", "one\n");

        var failures = new ArrayList<String>();
        Reply rebuilt = server.system("POST", "/function", shell("echo two").order("rolling", "shell", "path", "roll"));
        assertThat(rebuilt.status()).as(rebuilt.toString()).isEqualTo(200);
        await().atMost(Duration.ofSeconds(90)).until(() -> {
            Reply reply = server.get("/function/roll");
            if (reply.status() != 200) {
                failures.add(reply.toString());
            }
            return reply.text().equals("two\n");
        });
        assertThat(failures).isEmpty();
        assertThat(images("rolling")).as("the old one goes later").hasSize(2);

        server.stop();
        server.start();
        awaitText("/function/roll", "two\n");

        assertThat(server.system("DELETE", "/function?name=rolling", "").status())
                .isEqualTo(200);
        assertThat(server.get("/function/roll").status()).isEqualTo(404);
    }

    @Test
    void aDockerfileIsAllTheUsers() {
        String dockerfile = """
                ARG BASE
                FROM ${BASE}
                COPY answer /answer
                RUN chmod 755 /answer
                USER 65534
                CMD ["/bin/busybox", "nc", "-ll", "-p", "8080", "-e", "/answer"]
                """;
        String answer = """
                #!/bin/sh
                while read -r header && [ ${#header} -gt 1 ]; do :; done
                printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nhi'
                """;

        Reply built = server.system(
                "POST",
                "/function",
                new SourceTar()
                        .file("Dockerfile", dockerfile)
                        .file("answer", answer)
                        .order("own", "dockerfile"));

        assertThat(built.status()).as(built.toString()).isEqualTo(200);
        awaitText("/function/own", "hi");
    }

    @Test
    void aBuildThatFailsSaysWhyAndLeavesNoImage() {
        Reply broken = server.system("POST", "/function", shell("if then").order("broken", "shell"));

        assertThat(broken.status()).isEqualTo(400);
        assertThat(broken.json().get("function_error").asText())
                .startsWith("the build failed: ")
                .contains("returned a non-zero code: 2", "function/handler.sh")
                .doesNotContain("\n");
        assertThat(broken.json().get("log").toString()).contains("Step 1/");
        assertThat(images("broken")).isEmpty();

        Reply unknown = server.system(
                "POST",
                "/function",
                new SourceTar().file("Dockerfile", "FETCH me").order("unknown", "dockerfile"));
        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.json().get("function_error").asText()).contains("FETCH");

        Reply taken = server.system("POST", "/function", shell("cat").order("greedy", "shell", "memory", "plenty"));
        assertThat(taken.status()).as("built, but it can never run").isEqualTo(400);
        assertThat(images("greedy")).isEmpty();
    }

    private static List<String> images(String function) {
        return engine.client().listImagesCmd().exec().stream()
                .flatMap(image -> image.getRepoTags() == null ? Stream.empty() : Arrays.stream(image.getRepoTags()))
                .filter(Objects::nonNull)
                .filter(tag -> tag.contains("." + function + ":"))
                .toList();
    }

    private static void awaitText(String path, String text) {
        await().atMost(Duration.ofSeconds(90))
                .until(() -> server.get(path).text().equals(text));
    }

    private static SourceTar shell(String script) {
        return new SourceTar().file("handler.sh", script + "\n");
    }
}
