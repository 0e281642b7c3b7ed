package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Volume;
import dev.caravan.testing.HostImages;
import dev.caravan.testing.PrivateEngine;
import dev.caravan.testing.RemoteCaravan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Caravan's own image, of images that are made here, run as {@code compose.yaml} runs it. */
class ContainerImageIT {

    private static final String NETWORK = "caravan-own-image";

    @RegisterExtension
    static final PrivateEngine engine = new PrivateEngine();

    @TempDir
    Path work;

    @Test
    void theImageIsHealthyWithoutRightsAndRunsACallFromEndToEnd() throws Exception {
        new HostImages(engine, work).makeCaravan();
        Path password = Files.writeString(work.resolve("password"), "s3cret-of-the-test\n");
        engine.client().createNetworkCmd().withName(NETWORK).exec();
        String container = engine.client()
                .createContainerCmd(HostImages.CARAVAN)
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
        String address = Objects.requireNonNull(
                        running.getNetworkSettings().getNetworks().get(NETWORK))
                .getIpAddress();
        var caravan = new RemoteCaravan("http://" + address + ":8080", "s3cret-of-the-test");
        caravan.deploy("{\"service\":\"echo\",\"image\":\"x\",\"envProcess\":\"cat\"}");
        String call = caravan.callAsync("echo", "from end to end");
        caravan.awaitSucceeded(call);
        assertThat(caravan.result(call)).isEqualTo("from end to end");

        engine.client().stopContainerCmd(container).withTimeout(60).exec();
        assertThat(engine.client()
                        .inspectContainerCmd(container)
                        .exec()
                        .getState()
                        .getExitCodeLong())
                .as("it ended by itself after SIGTERM")
                .isEqualTo(143);
    }

    private static String health(String container) {
        var state = engine.client().inspectContainerCmd(container).exec().getState();
        if (!Boolean.TRUE.equals(state.getRunning())) {
            throw new AssertionError("it ended with " + state.getExitCodeLong());
        }
        return state.getHealth().getStatus();
    }
}
