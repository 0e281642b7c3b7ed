package dev.caravan.provider.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.HostConfig;
import dev.caravan.function.FunctionDeployment;
import dev.caravan.function.Resources;
import dev.caravan.provider.FunctionProvider;
import dev.caravan.provider.FunctionProviderContract;
import dev.caravan.provider.LogQuery;
import dev.caravan.provider.ProviderException.Code;
import dev.caravan.testing.AnsweringImage;
import dev.caravan.testing.Deployments;
import dev.caravan.testing.OpenLoop;
import dev.caravan.testing.PrivateEngine;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a real engine, and what all providers on one promise. */
public abstract class EngineProviderContract extends FunctionProviderContract {

    @RegisterExtension
    protected static final PrivateEngine engine = new PrivateEngine();

    protected static final InstantSource CLOCK = InstantSource.system();

    @TempDir
    Path data;

    private String project = "";
    private FunctionProvider provider;

    @BeforeAll
    static void buildImage() throws IOException {
        AnsweringImage.build(engine);
    }

    @BeforeEach
    void start() {
        if (project.isEmpty()) {
            project = "caravan-" + ThreadLocalRandom.current().nextInt(1_000_000);
        }
        provider = provider(project, data);
        provider.start();
    }

    @AfterEach
    void stop() {
        provider.close();
        engine.clean(project);
    }

    /** One that was not started. */
    protected abstract FunctionProvider provider(String project, Path data);

    protected static DockerPlace place(String project, DockerPlace.Address address) {
        return new DockerPlace(engine.host(), project, address);
    }

    protected static Path secrets(Path data) {
        return data.resolve("secrets");
    }

    protected final String project() {
        return project;
    }

    @Override
    protected final FunctionProvider provider() {
        return provider;
    }

    @Override
    protected final FunctionProvider restart() {
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
        return Deployments.image(AnsweringImage.NAME, Deployments.running(name, namespace, null, environment));
    }

    @Test
    void whatIsNoQuantityIsInvalid() {
        var bad = Deployments.limited(
                AnsweringImage.NAME, answering("vast", NAMESPACE, "x"), new Resources("lots", null, Map.of()), false);

        assertThat(refusal(() -> provider.deploy(bad)))
                .hasMessageContaining("\"lots\"")
                .extracting("code")
                .isEqualTo(Code.INVALID);
    }

    @Test
    void aContainerHasItsLimitsAndNoRights() {
        HostConfig host = held();

        assertThat(host.getMemory()).isEqualTo(64L << 20);
        assertThat(host.getNanoCPUs()).isEqualTo(250_000_000L);
        assertThat(host.getReadonlyRootfs()).isTrue();
        assertThat(host.getCapDrop()).hasSize(1);
        assertThat(host.getPidsLimit()).isPositive();
    }

    /** What the engine knows of a container with a limit of memory and one of processor time, that may write nothing. */
    protected final HostConfig held() {
        provider.deploy(Deployments.limited(
                AnsweringImage.NAME, answering("held", NAMESPACE, "x"), new Resources("64Mi", "250m", Map.of()), true));
        awaitReady("held", 1);
        return engine.client().inspectContainerCmd(containers().get(0)).exec().getHostConfig();
    }

    /** Those of the project that run. */
    protected final List<String> containers() {
        return engine.client().listContainersCmd().withLabelFilter(Map.of(Revision.PROJECT, project)).exec().stream()
                .map(Container::getId)
                .toList();
    }

    @Test
    void aReplicaThatUsesTooMuchMemoryIsEndedSaidAndStartedAgain() throws Exception {
        provider.deploy(Deployments.limited(
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

    protected final long asked(String function) {
        return logs(function, LogQuery.ALL).stream()
                .filter(line -> line.text().startsWith("asked for "))
                .count();
    }

    @Test
    void noneOfFiftyCallsASecondFailsWhileAFunctionIsUpdated() throws Exception {
        provider.deploy(answering("busy", NAMESPACE, "version 0"));
        provider.scale(name("busy"), 2);
        awaitReady("busy", 2);

        var load = new OpenLoop(50, () -> callSoon("busy"));
        try (load) {
            provider.update(answering("busy", NAMESPACE, "version 1"));
            await().atMost(patience()).until(() -> replicasSay("busy", "version 1") && load.sent() > 50);
            int before = load.sent();
            await().atMost(patience()).until(() -> load.sent() > before + 100); // the old ones end meanwhile
        }

        assertThat(load.failures()).as("of %d calls", load.sent()).isEmpty();
    }

    @Test
    void whileTheEngineIsAwayNothingIsForgottenAndThenAllComesBack() throws Exception {
        provider.deploy(answering("patient", NAMESPACE, "back"));
        awaitReady("patient", 1);

        engine.stop();
        try {
            await().atMost(patience()).until(() -> provider.check().detail().contains("does not answer"));
            assertThat(provider.check().up()).isFalse();
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

    @Test
    void whatAReplicaTakesOfTheMachineIsTold() throws Exception {
        provider.deploy(answering("weighed", NAMESPACE, "x"));
        awaitReady("weighed", 1);
        call("weighed");

        await().atMost(patience()) // an engine under load may take longer than a list waits
                .until(() -> provider.usage(List.of(name("weighed"))).containsKey(name("weighed")));
        var usage = provider.usage(List.of(name("weighed"), name("nobody")));

        assertThat(usage).containsOnlyKeys(name("weighed"));
        assertThat(usage.values()).allSatisfy(use -> {
            assertThat(use.memoryBytes()).isBetween(1_000L, 1L << 30);
            assertThat(use.cpuMillicores()).isBetween(0.0, 64_000.0);
        });
    }
}
