package dev.caravan.provider.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.model.HostConfig;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.ProviderException.Code;
import dev.caravan.provider.engine.DockerPlace;
import dev.caravan.provider.engine.EngineProviderContract;
import dev.caravan.testing.Deployments;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The contract on a real engine, and what only containers promise. */
class DockerProviderIT extends EngineProviderContract {

    @Override
    protected FunctionProvider provider(String project, Path data) {
        return new DockerProvider(
                place(project, DockerPlace.Address.CONTAINER), data, secrets(data), NAMESPACE, "test", CLOCK);
    }

    @Test
    void aContainerGainsNoRightsSwapsNothingAndWritesToItsOwnTmp() {
        HostConfig host = held();

        assertThat(host.getMemorySwap()).isEqualTo(host.getMemory());
        assertThat(host.getTmpFs()).containsKey("/tmp");
        assertThat(host.getSecurityOpts()).contains("no-new-privileges");
    }

    @Test
    void anImageThatCannotBeHadIsInvalidAndLeavesNothing() {
        var missing = Deployments.image("127.0.0.1:1/nobody/nothing:1", answering("lost", NAMESPACE, "x"));

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
        String first = container();

        engine.client().stopContainerCmd(first).withTimeout(1).exec();
        await().atMost(patience())
                .until(() -> provider().replicas(name("steady")).orElseThrow().isEmpty());
        awaitReady("steady", 1);
        call("steady");
        await().atMost(patience()).until(() -> asked("steady") >= 2);
        assertThat(asked("steady")).as("no line is told twice").isEqualTo(2);
        engine.client().removeContainerCmd(container()).withForce(true).exec();
        await().atMost(patience())
                .until(() -> !container().isEmpty() && !container().equals(first));
        awaitReady("steady", 1);
        assertThat(call("steady").body()).isEqualTo("here");
    }

    /** The only one; empty when there is none. */
    private String container() {
        return containers().stream().findFirst().orElse("");
    }
}
