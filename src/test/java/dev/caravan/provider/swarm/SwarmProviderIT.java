package dev.caravan.provider.swarm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.function.FunctionDeployment;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.LogQuery;
import dev.caravan.provider.ProviderException.Code;
import dev.caravan.provider.engine.DockerPlace;
import dev.caravan.provider.engine.EngineProviderContract;
import dev.caravan.provider.engine.Revision;
import dev.caravan.testing.AnsweringImage;
import dev.caravan.testing.Deployments;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract on a Swarm of one node, and what only services promise. */
class SwarmProviderIT extends EngineProviderContract {

    @BeforeAll
    static void makeSwarm() throws IOException {
        engine.swarm();
    }

    @Override
    protected FunctionProvider provider(String project, Path data) {
        return new SwarmProvider(
                place(project, DockerPlace.Address.AUTO), data, secrets(data), NAMESPACE, "test", CLOCK);
    }

    private List<com.github.dockerjava.api.model.Service> services() {
        return engine.client()
                .listServicesCmd()
                .withLabelFilter(Map.of(Revision.PROJECT, project()))
                .exec();
    }

    @Test
    void fromOutsideItsNetworkAReplicaIsReachedByAPortOfItsNode() throws Exception {
        provider().deploy(answering("ported", NAMESPACE, "here"));
        provider().scale(name("ported"), 2);
        awaitReady("ported", 2);

        assertThat(provider().replicas(name("ported")).orElseThrow())
                .doesNotHaveDuplicates()
                .extracting(URI::getHost)
                .containsOnly("127.0.0.1");
    }

    @Test
    void aConstraintThatNoNodeMeetsIsToldAndOneThatIsNoneIsRefused() {
        provider().deploy(constrained("nowhere", "node.role == worker"));

        await().atMost(patience())
                .until(() -> provider().obstacle(name("nowhere")).orElse("").contains("no suitable node"));
        assertThat(refusal(() -> provider().deploy(constrained("torn", "node.role ~ worker")))
                        .code())
                .isEqualTo(Code.INVALID);
        assertThat(provider().status(name("torn"))).isEmpty();
    }

    private FunctionDeployment constrained(String name, String constraint) {
        return Deployments.constrained(answering(name, NAMESPACE, "x"), constraint);
    }

    @Test
    void anImageThatNoNodeCanHaveIsTold() {
        provider().deploy(Deployments.image("127.0.0.1:1/nobody/nothing:1", answering("lost", NAMESPACE, "x")));

        await().atMost(patience())
                .until(() -> provider().obstacle(name("lost")).orElse("").contains("nobody/nothing"));
        assertThat(provider().replicas(name("lost"))).contains(List.of());
    }

    @Test
    void aConfigOfTheSwarmIsAFile() throws Exception {
        String config = project() + "-greeting";
        engine.client()
                .createConfigCmd()
                .withName(config)
                .withData(bytes("configured"))
                .exec();
        FunctionDeployment reader = Deployments.annotated(
                answeringByFile("reader", "greeting"),
                Map.of(ServicePlan.CONFIGS, config + "=/var/openfaas/secrets/greeting"));
        try {
            provider().deploy(reader);
            awaitReady("reader", 1);

            assertThat(new String(Base64.getMimeDecoder().decode(call("reader").body()), UTF_8))
                    .isEqualTo("configured");
        } finally {
            provider().delete(name("reader"));
            await().atMost(patience()).until(() -> services().isEmpty());
            engine.client().removeConfigCmd(config).exec();
        }
        assertThat(refusal(() -> provider().deploy(reader)))
                .hasMessageContaining(config)
                .extracting("code")
                .isEqualTo(Code.INVALID);
    }

    private FunctionDeployment answeringByFile(String name, String file) {
        return Deployments.image(
                AnsweringImage.NAME, Deployments.running(name, NAMESPACE, null, Map.of("secret", file)));
    }

    @Test
    void nothingOfAFunctionIsLeftWhenItIsGone() throws Exception {
        provider().secrets().create(secret("key"), bytes("hush"));
        provider().deploy(revealing("brief", NAMESPACE, "key"));
        awaitReady("brief", 1);
        assertThat(services()).hasSize(1);
        provider().update(revealing("brief", NAMESPACE, "key"));
        await().atMost(patience()).until(() -> services().size() == 1 && secrets() == 1);

        provider().delete(name("brief"));

        await().atMost(patience()).until(() -> services().isEmpty() && secrets() == 0);
    }

    private long secrets() {
        return engine.client()
                .listSecretsCmd()
                .withLabelFilter(Map.of(Revision.PROJECT, project()))
                .exec()
                .size();
    }

    @Test
    void aNewValueOfASecretReachesWhoRuns() throws Exception {
        provider().secrets().create(secret("turning"), bytes("old"));
        provider().deploy(revealing("reader", NAMESPACE, "turning"));
        awaitReady("reader", 1);

        provider().secrets().replace(secret("turning"), bytes("new"));

        await().atMost(patience())
                .until(() -> replicasSay("reader", Base64.getEncoder().encodeToString(bytes("new"))));
    }

    @Test
    void aServiceThatSomebodyRemovesComesBackAndSoDoesATask() throws Exception {
        provider().deploy(answering("steady", NAMESPACE, "here"));
        awaitReady("steady", 1);
        String first = services().get(0).getId();

        engine.client().removeServiceCmd(first).exec();

        await().atMost(patience())
                .until(() ->
                        services().size() == 1 && !services().get(0).getId().equals(first));
        await().atMost(patience())
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> call("steady").body().equals("here"));
        engine.client().removeContainerCmd(containers().get(0)).withForce(true).exec();
        await().atMost(patience())
                .until(() -> logs("steady", LogQuery.ALL).stream()
                        .anyMatch(line -> line.text().startsWith("ended: ")));
        await().atMost(patience())
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> call("steady").body().equals("here"));
    }

    @Test
    void whatWasCutShortIsBroughtToItsEndByTheNextRun() throws Exception {
        provider().deploy(answering("parked", NAMESPACE, "x"));
        provider().deploy(answering("leaving", NAMESPACE, "x"));
        awaitReady("parked", 1);
        awaitReady("leaving", 1);

        provider().scale(name("parked"), 0);
        provider().delete(name("leaving"));
        restart(); // before either is done

        assertThat(status("parked").replicas()).isZero();
        assertThat(provider().status(name("leaving"))).isEmpty();
        await().atMost(patience())
                .until(() -> services().size() == 1
                        && services().get(0).getSpec().getMode().getReplicated().getReplicas() == 0);
    }
}
