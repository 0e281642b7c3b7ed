package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Volume;
import dev.caravan.testing.HostImages;
import dev.caravan.testing.PrivateEngine;
import dev.caravan.testing.Requirement;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Caravan's own image, of images that are made here, run as {@code compose.yaml} runs it. */
class ContainerImageIT {

    private static final String IMAGE = "caravan-test/caravan:1";
    private static final String NETWORK = "caravan-own-image";

    @RegisterExtension
    static final PrivateEngine engine = new PrivateEngine();

    @TempDir
    Path work;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void theImageIsHealthyWithoutRightsAndRunsACallFromEndToEnd() throws Exception {
        Requirement.that(Files.exists(Path.of("target/caravan.jar")), "the jar, which mvn package makes");
        var images = new HostImages(engine, work);
        images.makeBase();
        images.makeJdk();
        images.build(
                "docker/Dockerfile",
                IMAGE,
                arguments(),
                "docker/healthcheck.sh",
                "functions/templates",
                "routes",
                "target/caravan.jar",
                "target/lib");
        Path password = Files.writeString(work.resolve("password"), "s3cret-of-the-test\n");
        engine.client().createNetworkCmd().withName(NETWORK).exec();
        String container = engine.client()
                .createContainerCmd(IMAGE)
                .withHostConfig(HostConfig.newHostConfig()
                        .withNetworkMode(NETWORK)
                        .withReadonlyRootfs(true)
                        .withTmpFs(Map.of("/tmp", "rw,mode=1777"))
                        .withCapDrop(Capability.ALL)
                        .withSecurityOpts(List.of("no-new-privileges"))
                        .withBinds(new Bind(
                                password.toString(), new Volume("/data/secrets/basic-auth-password"), AccessMode.ro)))
                .exec()
                .getId();
        engine.client().startContainerCmd(container).exec();

        await().atMost(Duration.ofMinutes(3)).until(() -> "healthy".equals(health(container)));

        InspectContainerResponse running =
                engine.client().inspectContainerCmd(container).exec();
        assertThat(running.getConfig().getUser()).isEqualTo("65532:65532");
        String gateway = "http://"
                + Objects.requireNonNull(
                                running.getNetworkSettings().getNetworks().get(NETWORK))
                        .getIpAddress() + ":8080";
        assertThat(send(gateway + "/system/functions", "{\"service\":\"echo\",\"image\":\"x\",\"envProcess\":\"cat\"}")
                        .statusCode())
                .isEqualTo(202);
        HttpResponse<String> accepted = send(gateway + "/async-function/echo", "from end to end");
        assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        String call = accepted.headers().firstValue("X-Call-Id").orElseThrow();
        await().atMost(Duration.ofMinutes(2)).until(() -> status(gateway, call).equals("succeeded"));
        assertThat(send(gateway + "/async-function/" + call + "/result", null).body())
                .isEqualTo("from end to end");

        engine.client().stopContainerCmd(container).withTimeout(60).exec();
        assertThat(engine.client()
                        .inspectContainerCmd(container)
                        .exec()
                        .getState()
                        .getExitCodeLong())
                .as("it ended by itself after SIGTERM")
                .isEqualTo(143);
    }

    private static Map<String, String> arguments() {
        var arguments = new HashMap<>(Map.of("JDK", HostImages.JDK, "BASE", HostImages.BASE));
        if (Runtime.version().feature() < 24) {
            arguments.put("JAVA_FLAGS", "");
        }
        return arguments;
    }

    private static String health(String container) {
        var state = engine.client().inspectContainerCmd(container).exec().getState();
        if (!Boolean.TRUE.equals(state.getRunning())) {
            throw new AssertionError("it ended with " + state.getExitCodeLong());
        }
        return state.getHealth().getStatus();
    }

    private String status(String gateway, String call) throws Exception {
        return new ObjectMapper()
                .readTree(send(gateway + "/async-function/" + call, null).body())
                .path("status")
                .asText();
    }

    private HttpResponse<String> send(String url, @Nullable String body) throws Exception {
        byte[] credentials = "admin:s3cret-of-the-test".getBytes(StandardCharsets.UTF_8);
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials));
        return http.send(
                (body == null ? request.GET() : request.POST(BodyPublishers.ofString(body))).build(),
                BodyHandlers.ofString());
    }
}
