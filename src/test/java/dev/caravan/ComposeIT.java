package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Container;
import dev.caravan.testing.CaravanProcess;
import dev.caravan.testing.Compose;
import dev.caravan.testing.HostImages;
import dev.caravan.testing.HostProgram;
import dev.caravan.testing.PrivateEngine;
import dev.caravan.testing.RemoteCaravan;
import dev.caravan.testing.ServiceImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code docker/compose.yaml} as it stands, run by a real Compose: Caravan with a real PostgreSQL, Redis, Prometheus and
 * Alertmanager, whose images are made here.
 */
class ComposeIT {

    private static final List<String> SERVICES = List.of("alertmanager", "caravan", "postgres", "prometheus", "redis");
    private static final String PASSWORD = "s3cret-of-the-admin";

    @RegisterExtension
    static final PrivateEngine engine = new PrivateEngine();

    @TempDir
    static Path work;

    private static @Nullable HostProgram compose;
    private static RemoteCaravan caravan;
    private static RemoteCaravan prometheus;

    @BeforeAll
    static void up() throws Exception {
        Path folder = copy();
        var environment = new HashMap<>(ServiceImages.make(new HostImages(engine, work)));
        int caravanPort = CaravanProcess.freePort();
        int prometheusPort = CaravanProcess.freePort();
        environment.put("DOCKER_HOST", engine.host());
        environment.put("CARAVAN_PORT", "" + caravanPort);
        environment.put("CARAVAN_MANAGEMENT_PORT", "" + CaravanProcess.freePort());
        environment.put("PROMETHEUS_PORT", "" + prometheusPort);
        environment.put("ALERTMANAGER_PORT", "" + CaravanProcess.freePort());
        compose = Compose.of(folder.resolve("compose.yaml"), environment);
        caravan = new RemoteCaravan("http://127.0.0.1:" + caravanPort, PASSWORD);
        prometheus = new RemoteCaravan("http://127.0.0.1:" + prometheusPort, "");
        start();
        caravan.deploy("{\"service\":\"echo\",\"image\":\"x\",\"envProcess\":\"cat\"}");
        caravan.awaitAnswer("echo", "there");
    }

    @AfterAll
    static void down() throws Exception {
        if (compose != null) {
            compose.run("down", "--volumes");
        }
    }

    /** With passwords, and with Prometheus looking every second, so that nobody has to wait for it. */
    private static Path copy() throws IOException {
        Path folder = work.resolve("docker");
        try (Stream<Path> files = Files.walk(Path.of("docker"))) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(Path.of("docker").relativize(file)));
            }
        }
        Path measured = folder.resolve("prometheus/prometheus.yml");
        Files.writeString(measured, Files.readString(measured).replace("_interval: 15s", "_interval: 1s"));
        Path secrets = Files.createDirectory(folder.resolve("secrets"));
        Files.writeString(secrets.resolve("admin-password"), PASSWORD);
        Files.writeString(secrets.resolve("database-password"), "s3cret of the database");
        for (String name : List.of("admin-password", "database-password")) {
            Files.setPosixFilePermissions(secrets.resolve(name), PosixFilePermissions.fromString("rw-r--r--"));
        }
        return folder;
    }

    private static void start() throws Exception {
        program().run("up", "--detach", "--no-build");
        for (String service : SERVICES) {
            await(service + " is healthy").atMost(Duration.ofMinutes(3)).until(() -> "healthy".equals(health(service)));
        }
    }

    private static HostProgram program() {
        if (compose == null) {
            throw new IllegalStateException("there is no Compose");
        }
        return compose;
    }

    private static InspectContainerResponse container(String service) {
        List<Container> containers = engine.client()
                .listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(Map.of("com.docker.compose.service", service))
                .exec();
        assertThat(containers).as(service).hasSize(1);
        return engine.client().inspectContainerCmd(containers.get(0).getId()).exec();
    }

    private static String health(String service) {
        InspectContainerResponse container = container(service);
        assertThat(container.getRestartCount())
                .as("starts of %s that failed", service)
                .isZero();
        return container.getState().getHealth().getStatus();
    }

    private static String in(String service, String... command) throws Exception {
        return program()
                .run(Stream.concat(Stream.of("exec", "-T", service), Stream.of(command))
                        .toArray(String[]::new));
    }

    @Test
    void noServiceHasARightOrIsRootOrWritesBesideItsVolumes() throws Exception {
        for (String service : SERVICES) {
            assertThat(in(service, "grep", "-E", "^(Uid|CapBnd|CapEff|NoNewPrivs):", "/proc/1/status"))
                    .as(service)
                    .contains("CapBnd:\t0000000000000000", "CapEff:\t0000000000000000", "NoNewPrivs:\t1")
                    .doesNotContain("Uid:\t0");
            assertThat(container(service).getHostConfig().getReadonlyRootfs())
                    .as(service)
                    .isTrue();
        }
    }

    @Test
    void callsAreKeptInPostgresqlAndJobsInRedisBecomeCalls() throws Exception {
        var stranger = new RemoteCaravan("http://127.0.0.1:" + port("caravan", 8080), "guessed");
        assertThat(stranger.send("/system/functions", null).statusCode()).isEqualTo(401);
        assertThat(caravan.send("/ui/", null).body()).contains("<title>Caravan");

        String call = caravan.callAsync("echo", "from end to end");
        caravan.awaitSucceeded(call);
        assertThat(caravan.result(call)).isEqualTo("from end to end");
        assertThat(in(
                        "postgres",
                        "psql",
                        "--username=caravan",
                        "--tuples-only",
                        "--no-align",
                        "--command=SELECT function FROM async_call WHERE call_id = '" + call + "'"))
                .isEqualTo("echo");

        in("redis", "redis-cli", "rpush", "resque:queue:mails", "{\"class\":\"Echo\",\"args\":[\"by Redis\"]}");
        in("redis", "redis-cli", "sadd", "resque:queues", "mails");
        await().atMost(Duration.ofMinutes(1))
                .until(() -> caravan.json("/system/resque").path("processed").asInt() == 1);
    }

    @Test
    void prometheusMeasuresAndItsAlertScalesAFunction() {
        await().atMost(Duration.ofMinutes(1))
                .until(() -> prometheus
                        .json("/api/v1/targets")
                        .at("/data/activeTargets/0/health")
                        .asText()
                        .equals("up"));
        assertThat(prometheus.json("/api/v1/rules").findValuesAsText("health"))
                .hasSize(6)
                .containsOnly("ok");

        await().atMost(Duration.ofMinutes(2))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> {
                    caravan.send("/function/echo", "x");
                    return caravan.replicas("echo") > 1;
                });

        assertThat(prometheus.json("/api/v1/alerts").findValuesAsText("alertname"))
                .contains("APIHighInvocationRate");
    }

    @Test
    void allThatWasThereIsThereAgainAfterAllWasTakenDown() throws Exception {
        String before = caravan.callAsync("echo", "from before");
        caravan.awaitSucceeded(before);
        in("redis", "redis-cli", "set", "kept", "by Redis");
        long then = Instant.now().getEpochSecond();
        await().atMost(Duration.ofMinutes(1)).until(() -> wasUp(then));
        String due = caravan.callAsync("echo", "from the queue", "X-Delay", "15s");

        program().run("down");
        start();

        assertThat(caravan.result(before)).isEqualTo("from before");
        assertThat(in("redis", "redis-cli", "get", "kept")).isEqualTo("by Redis");
        assertThat(wasUp(then)).isTrue();
        caravan.awaitSucceeded(due);
        assertThat(caravan.result(due)).isEqualTo("from the queue");
    }

    private static boolean wasUp(long time) {
        JsonNode value = prometheus.json("/api/v1/query?query=up&time=" + time).at("/data/result/0/value/1");
        return value.asText().equals("1");
    }

    private static String port(String service, int inside) throws Exception {
        return program().run("port", service, "" + inside).replaceAll(".*:", "");
    }
}
