package dev.caravan.provider.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.model.HostConfig;
import dev.caravan.function.Resources;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.ProviderException.Code;
import dev.caravan.provider.engine.DockerPlace;
import dev.caravan.provider.engine.EngineProviderContract;
import dev.caravan.provider.engine.Revision;
import dev.caravan.testing.AnsweringImage;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The contract on a real engine, and what only containers promise. */
class DockerProviderIT extends EngineProviderContract {

    @Override
    protected FunctionProvider provider(String project, Path data) {
        return new DockerProvider(
                new DockerPlace(engine.host(), project, DockerPlace.Address.CONTAINER),
                data,
                data.resolve("secrets"),
                NAMESPACE,
                "test",
                InstantSource.system());
    }

    @Override
    protected void cleanUp() {
        engine.client()
                .listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(Map.of(Revision.PROJECT, project()))
                .exec()
                .forEach(container -> engine.client()
                        .removeContainerCmd(container.getId())
                        .withForce(true)
                        .exec());
        engine.client().removeNetworkCmd(project()).exec();
    }

    private HostConfig hostConfig(String function) {
        String container =
                engine.client().listContainersCmd().withLabelFilter(Map.of(Revision.PROJECT, project())).exec().stream()
                        .filter(each -> each.getNames()[0].contains("." + function + "."))
                        .findFirst()
                        .orElseThrow()
                        .getId();
        return engine.client().inspectContainerCmd(container).exec().getHostConfig();
    }

    @Test
    void aContainerHasItsLimitsAndNoRights() {
        provider()
                .deploy(limited(
                        AnsweringImage.NAME,
                        answering("held", NAMESPACE, "x"),
                        new Resources("64Mi", "250m", Map.of()),
                        true));
        awaitReady("held", 1);

        HostConfig host = hostConfig("held");
        assertThat(host.getMemory()).isEqualTo(64L << 20);
        assertThat(host.getMemorySwap()).isEqualTo(64L << 20);
        assertThat(host.getNanoCPUs()).isEqualTo(250_000_000L);
        assertThat(host.getReadonlyRootfs()).isTrue();
        assertThat(host.getTmpFs()).containsKey("/tmp");
        assertThat(host.getCapDrop()).hasSize(1);
        assertThat(host.getSecurityOpts()).contains("no-new-privileges");
        assertThat(host.getPidsLimit()).isPositive();
    }

    @Test
    void anImageThatCannotBeHadIsInvalidAndLeavesNothing() {
        var missing = image("127.0.0.1:1/nobody/nothing:1", answering("lost", NAMESPACE, "x"));

        assertThat(refusal(() -> provider().deploy(missing)))
                .hasMessageContaining("127.0.0.1:1/nobody/nothing:1")
                .extracting("code")
                .isEqualTo(Code.INVALID);
        assertThat(provider().list(NAMESPACE)).isEmpty();
    }

    @Test
    void aReplicaThatSomebodyStopsOrRemovesComesBack() throws Exception {
        provider().deploy(answering("steady", NAMESPACE, "here"));
        awaitReady("steady", 1);
        call("steady");
        String first = container("steady");

        engine.client().stopContainerCmd(first).withTimeout(1).exec();
        await().atMost(patience())
                .until(() -> provider().replicas(name("steady")).orElseThrow().isEmpty());
        awaitReady("steady", 1);
        call("steady");
        await().atMost(patience()).until(() -> asked("steady") >= 2);
        assertThat(asked("steady")).as("no line is told twice").isEqualTo(2);
        engine.client().removeContainerCmd(container("steady")).withForce(true).exec();
        await().atMost(patience())
                .until(() ->
                        !container("steady").isEmpty() && !container("steady").equals(first));
        awaitReady("steady", 1);
        assertThat(call("steady").body()).isEqualTo("here");
    }

    private String container(String function) {
        return engine.client().listContainersCmd().withLabelFilter(Map.of(Revision.PROJECT, project())).exec().stream()
                .filter(each -> each.getNames()[0].contains("." + function + "."))
                .map(each -> each.getId())
                .findFirst()
                .orElse("");
    }
}
