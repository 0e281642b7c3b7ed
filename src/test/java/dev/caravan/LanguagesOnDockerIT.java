package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.HostImages;
import dev.caravan.testing.LanguageImages;
import dev.caravan.testing.PrivateEngine;
import dev.caravan.testing.SourceTar;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The templates of languages as images: each is built as it stands, of images by the names that are in it. */
class LanguagesOnDockerIT {

    private static final Path HANDLERS = Path.of("src/test/resources/dev/caravan/build");

    @RegisterExtension
    static final PrivateEngine engine = new PrivateEngine();

    @TempDir
    static Path work;

    private static LanguageImages bases;
    private static TestServer server;

    @BeforeAll
    static void start() {
        bases = new LanguageImages(new HostImages(engine, work), engine);
        server = TestServer.with(
                        "CARAVAN_PROVIDER=docker",
                        "CARAVAN_DOCKER_HOST=" + engine.host(),
                        "CARAVAN_DOCKER_PROJECT=caravan-languages-"
                                + ThreadLocalRandom.current().nextInt(1_000_000))
                .start();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"python", "node", "java", "go"})
    void aHandlerBecomesAnImageThatAnswers(String language) throws Exception {
        bases.make(language);
        String name = TestServer.freshName(language);

        JsonNode said = server.follow(SourceTar.of(HANDLERS.resolve(language)).order(name, language));

        assertThat(said.get(said.size() - 1).path("url").asText())
                .as(said.toString())
                .isEqualTo("/function/" + name);
        Reply reply = await().atMost(Duration.ofSeconds(90))
                .until(
                        () -> server.post("/function/" + name + "/some/path?a=1", "hello", "X-Who", "Ada"),
                        answer -> answer.status() < 500);
        assertThat(reply.status()).as(reply.toString()).isEqualTo(201);
        assertThat(reply.header("X-Seen")).isEqualTo("POST /some/path a=1 Ada");
        assertThat(reply.text()).isEqualTo("HELLO");
        String call = server.callAsync(name + "/json", "x");
        await().atMost(Duration.ofMinutes(1))
                .until(() -> server.get("/async-function/" + call)
                        .json()
                        .path("status")
                        .asText()
                        .equals("succeeded"));
        Reply deleted = server.system("DELETE", "/function?name=" + name, "");
        assertThat(deleted.status()).as(deleted.toString()).isEqualTo(200);
    }
}
