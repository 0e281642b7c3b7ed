package dev.caravan.provider.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.model.HostConfig;
import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.Resources;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.FunctionProviderContract;
import dev.caravan.provider.LogQuery;
import dev.caravan.provider.ProviderException.Code;
import dev.caravan.provider.engine.DockerPlace;
import dev.caravan.provider.engine.Revision;
import dev.caravan.testing.AnsweringImage;
import dev.caravan.testing.Deployments;
import dev.caravan.testing.PrivateEngine;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a real engine, and what only containers promise. */
class DockerProviderIT extends FunctionProviderContract {

    @RegisterExtension
    static final PrivateEngine engine = new PrivateEngine();

    @TempDir
    Path data;

    private DockerPlace place;
    private DockerProvider provider;

    @BeforeAll
    static void buildImage() throws IOException {
        AnsweringImage.build(engine);
    }

    @BeforeEach
    void start() {
        if (place == null) {
            String project = "caravan-" + ThreadLocalRandom.current().nextInt(1_000_000);
            place = new DockerPlace(engine.host(), project, DockerPlace.Address.CONTAINER);
        }
        provider = new DockerProvider(place, data, data.resolve("secrets"), NAMESPACE, "test", InstantSource.system());
        provider.start();
    }

    @AfterEach
    void stop() {
        provider.close();
        cleanUp();
    }

    private void cleanUp() {
        engine.client()
                .listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(Map.of(Revision.PROJECT, place.project()))
                .exec()
                .forEach(container -> engine.client()
                        .removeContainerCmd(container.getId())
                        .withForce(true)
                        .exec());
        engine.client().removeNetworkCmd(place.project()).exec();
    }

    @Override
    protected FunctionProvider provider() {
        return provider;
    }

    @Override
    protected FunctionProvider restart() {
        provider.close();
        start();
        return provider;
    }

    @Override
    protected boolean replicasOutliveTheProvider() {
        return true;
    }

    @Override
    protected Duration patience() {
        return Duration.ofSeconds(60);
    }

    @Override
    protected FunctionDeployment answering(String name, String namespace, String text) {
        return running(name, namespace, Map.of("text", text));
    }

    @Override
    protected FunctionDeployment revealing(String name, String namespace, String secret) {
        return Deployments.asking(running(name, namespace, Map.of("secret", secret)), List.of(secret));
    }

    private static FunctionDeployment running(String name, String namespace, Map<String, String> environment) {
        return image(AnsweringImage.NAME, Deployments.running(name, namespace, null, environment));
    }

    private static FunctionDeployment image(String image, FunctionDeployment plain) {
        return limited(image, plain, null, plain.readOnlyRootFilesystem());
    }

    private static FunctionDeployment limited(
            String image, FunctionDeployment plain, @Nullable Resources limits, boolean readOnly) {
        return new FunctionDeployment(
                plain.service(),
                image,
                plain.namespace(),
                plain.envProcess(),
                plain.envVars(),
                plain.constraints(),
                plain.secrets(),
                plain.labels(),
                plain.annotations(),
                limits,
                plain.requests(),
                readOnly);
    }

    private HostConfig hostConfig(String function) {
        String container =
                engine
                        .client()
                        .listContainersCmd()
                        .withLabelFilter(Map.of(Revision.PROJECT, place.project()))
                        .exec()
                        .stream()
                        .filter(each -> each.getNames()[0].contains("." + function + "."))
                        .findFirst()
                        .orElseThrow()
                        .getId();
        return engine.client().inspectContainerCmd(container).exec().getHostConfig();
    }

    @Test
    void aContainerHasItsLimitsAndNoRights() {
        provider.deploy(limited(
                AnsweringImage.NAME, answering("held", NAMESPACE, "x"), new Resources("64Mi", "250m", Map.of()), true));
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
    void whatIsNoQuantityIsInvalid() {
        var bad = limited(
                AnsweringImage.NAME, answering("vast", NAMESPACE, "x"), new Resources("lots", null, Map.of()), false);

        assertThat(refusal(() -> provider.deploy(bad)))
                .hasMessageContaining("\"lots\"")
                .extracting("code")
                .isEqualTo(Code.INVALID);
    }

    @Test
    void anImageThatCannotBeHadIsInvalidAndLeavesNothing() {
        var missing = image("127.0.0.1:1/nobody/nothing:1", answering("lost", NAMESPACE, "x"));

        assertThat(refusal(() -> provider.deploy(missing)))
                .hasMessageContaining("127.0.0.1:1/nobody/nothing:1")
                .extracting("code")
                .isEqualTo(Code.INVALID);
        assertThat(provider.list(NAMESPACE)).isEmpty();
    }

    @Test
    void aReplicaThatUsesTooMuchMemoryIsEndedSaidAndStartedAgain() throws Exception {
        provider.deploy(limited(
                AnsweringImage.NAME,
                answering("hungry", NAMESPACE, "well again"),
                new Resources("32Mi", null, Map.of()),
                false));
        awaitReady("hungry", 1);

        try {
            call("hungry", HttpRequest.newBuilder(), "/memory");
        } catch (IOException e) {
            assertThat(e).as("its connection breaks, or it says so").isNotNull();
        }

        await().atMost(patience())
                .until(() -> logs("hungry", LogQuery.ALL).stream()
                        .anyMatch(line -> line.text().contains("more memory than its limit")));
        awaitReady("hungry", 1);
        assertThat(call("hungry").body()).isEqualTo("well again");
    }

    @Test
    void aReplicaThatSomebodyStopsOrRemovesComesBack() throws Exception {
        provider.deploy(answering("steady", NAMESPACE, "here"));
        awaitReady("steady", 1);
        call("steady");
        String first = container("steady");

        engine.client().stopContainerCmd(first).withTimeout(1).exec();
        await().atMost(patience())
                .until(() -> provider.replicas(name("steady")).orElseThrow().isEmpty());
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

    private long asked(String function) {
        return logs(function, LogQuery.ALL).stream()
                .filter(line -> line.text().startsWith("asked for "))
                .count();
    }

    private String container(String function) {
        return engine
                .client()
                .listContainersCmd()
                .withLabelFilter(Map.of(Revision.PROJECT, place.project()))
                .exec()
                .stream()
                .filter(each -> each.getNames()[0].contains("." + function + "."))
                .map(each -> each.getId())
                .findFirst()
                .orElse("");
    }

    @Test
    void whileTheEngineIsAwayNothingIsForgottenAndThenAllComesBack() throws Exception {
        provider.deploy(answering("patient", NAMESPACE, "back"));
        awaitReady("patient", 1);

        engine.stop();
        try {
            await().atMost(patience()).until(() -> !provider.check().up());
            assertThat(provider.check().detail()).contains("does not answer");
            assertThat(status("patient").replicas()).isEqualTo(1);
            assertThat(refusal(() -> provider.deploy(answering("late", NAMESPACE, "x")))
                            .code())
                    .isEqualTo(Code.UNAVAILABLE);
        } finally {
            engine.restart();
        }

        await().atMost(patience()).until(() -> provider.check().up());
        awaitReady("patient", 1);
        assertThat(call("patient").body()).isEqualTo("back");
    }

    @Test
    void aStartWithoutAnEngineWaitsForIt() throws Exception {
        provider.deploy(answering("early", NAMESPACE, "found"));
        awaitReady("early", 1);
        provider.close();
        engine.stop();
        try {
            start();
            assertThat(provider.check().up()).isFalse();
            assertThat(refusal(() -> provider.scale(name("early"), 2)).code()).isEqualTo(Code.UNAVAILABLE);
        } finally {
            engine.restart();
        }

        await().atMost(patience()).until(() -> provider.status(name("early")).isPresent());
        awaitReady("early", 1);
        assertThat(call("early").body()).isEqualTo("found");
    }
}
