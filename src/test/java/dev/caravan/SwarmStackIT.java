package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.testing.AnsweringImage;
import dev.caravan.testing.CaravanProcess;
import dev.caravan.testing.HostImages;
import dev.caravan.testing.HostProgram;
import dev.caravan.testing.PrivateEngine;
import dev.caravan.testing.RemoteCaravan;
import dev.caravan.testing.ServiceImages;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code docker/stack.yaml} and {@code docker/stack-functions.yaml} as they stand, on a Swarm of one node: Caravan within
 * overlay networks, and its functions in one of them.
 */
class SwarmStackIT {

    private static final String STACK = "caravan";
    private static final String PASSWORD = "s3cret-of-the-admin";
    private static final List<String> SERVICES = List.of("alertmanager", "caravan", "postgres", "prometheus", "redis");

    /** What the stack takes from elsewhere. */
    private static final List<String> SECRETS = List.of("admin-password", "database-password");

    @RegisterExtension
    static final PrivateEngine engine = new PrivateEngine();

    @TempDir
    static Path work;

    private static @Nullable HostProgram docker;
    private static RemoteCaravan caravan;

    @BeforeAll
    static void deploy() throws Exception {
        String client = HostProgram.require("docker", "docker.io");
        var environment = new HashMap<>(ServiceImages.make(new HostImages(engine, work)));
        AnsweringImage.build(engine);
        engine.swarm();
        Path socket = Path.of(URI.create(engine.host().replace("unix:", "file:")));
        int port = CaravanProcess.freePort();
        environment.put("DOCKER_HOST", engine.host());
        environment.put("DOCKER_SOCKET", socket.toString());
        environment.put("DOCKER_GROUP", "" + Files.getAttribute(socket, "unix:gid"));
        environment.put("CARAVAN_PORT", "" + port);
        docker = new HostProgram(List.of(client), environment);
        caravan = new RemoteCaravan("http://127.0.0.1:" + port, PASSWORD);

        run("node", "update", "--label-add", "caravan=data", run("node", "ls", "--quiet"));
        Path password = work.resolve("password");
        for (String secret : SECRETS) {
            Files.writeString(password, secret.startsWith("admin") ? PASSWORD : "s3cret of the database");
            run("secret", "create", secret, password.toString());
        }
        run("network", "create", "--driver=overlay", "--attachable", "caravan");
        run("stack", "deploy", "--compose-file=docker/stack.yaml", "--compose-file=docker/stack-functions.yaml", STACK);
        awaitConverged();
    }

    @AfterAll
    static void remove() throws Exception {
        if (docker == null) {
            return;
        }
        run("stack", "rm", STACK);
        for (String function : run("service", "ls", "--quiet", "--filter=label=dev.caravan.project=caravan")
                .lines()
                .toList()) {
            run("service", "rm", function);
        }
        for (String secret : SECRETS) {
            run("secret", "rm", secret);
        }
        // Networks and volumes go when the last task has left them.
        await().atMost(Duration.ofMinutes(2)).ignoreExceptions().until(() -> {
            for (String network : run("network", "ls", "--quiet", "--filter=name=^caravan$")
                    .lines()
                    .toList()) {
                run("network", "rm", network);
            }
            for (String volume : run("volume", "ls", "--quiet", "--filter=name=caravan_")
                    .lines()
                    .toList()) {
                run("volume", "rm", volume);
            }
            return true;
        });
    }

    private static String run(String... arguments) throws IOException, InterruptedException {
        if (docker == null) {
            throw new IllegalStateException("there is no client");
        }
        return docker.run(arguments);
    }

    private static void awaitConverged() {
        await().atMost(Duration.ofMinutes(3))
                .until(() -> run("stack", "services", "--format={{.Replicas}}", STACK)
                        .equals(String.join(
                                "\n", SERVICES.stream().map(service -> "1/1").toList())));
    }

    /** Runs a command in the container of a service. */
    private static String in(String service, String... command) throws Exception {
        String container =
                run("ps", "--quiet", "--filter=label=com.docker.swarm.service.name=" + STACK + "_" + service);
        return run(
                Stream.concat(Stream.of("exec", container), Stream.of(command)).toArray(String[]::new));
    }

    @Test
    void noServiceHasARightOrIsRootOrWritesBesideItsVolumes() throws Exception {
        for (String service : SERVICES) {
            assertThat(in(service, "grep", "-E", "^(Uid|CapBnd|CapEff):", "/proc/1/status"))
                    .as(service)
                    .contains("CapBnd:\t0000000000000000", "CapEff:\t0000000000000000")
                    .doesNotContain("Uid:\t0");
            assertThat(in(service, "grep", " / ", "/proc/1/mounts")).as(service).contains(" ro,");
        }
    }

    @Test
    void functionsAreReachedWithinTheOverlayNetworkAndByNobodyElse() throws Exception {
        deployFunction("inside");

        assertThat(caravan.awaitAnswer("inside", "x")).isEqualTo("from the overlay");
        String service = run("service", "ls", "--quiet", "--filter=name=caravan-inside");
        assertThat(run("service", "inspect", "--format={{json .Endpoint.Ports}}", service))
                .as("published ports")
                .isEqualTo("null");
        assertThat(run(
                        "service",
                        "inspect",
                        "--format={{range .Spec.TaskTemplate.Networks}}{{.Target}}{{end}}",
                        service))
                .isEqualTo(run("network", "inspect", "--format={{.Id}}", "caravan"));

        String call = caravan.callAsync("inside", "x");
        caravan.awaitSucceeded(call);
        assertThat(in(
                        "postgres",
                        "psql",
                        "--username=caravan",
                        "--tuples-only",
                        "--command=SELECT function FROM async_call"))
                .contains("inside");
        assertThat(caravan.json("/system/resque").path("queues").asInt()).isZero();

        run("service", "update", "--quiet", "--force", STACK + "_caravan");
        assertThat(caravan.awaitAnswer("inside", "x"))
                .as("by another Caravan, on what the first one had")
                .isEqualTo("from the overlay");
        assertThat(caravan.result(call)).isEqualTo("from the overlay");
    }

    @Test
    void configsAndSecretsReachPrometheusAndAlertmanager() throws Exception {
        deployFunction("scaled");
        caravan.awaitAnswer("scaled", "x");

        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(ask("prometheus", "9090/api/v1/targets"))
                        .contains("\"health\":\"up\"", "http://caravan:8082/metrics"));
        assertThat(ask("prometheus", "9090/api/v1/rules")).contains("APIHighInvocationRate");
        assertThat(ask("prometheus", "9090/api/v1/alertmanagers")).contains("http://alertmanager:9093");

        in(
                "alertmanager",
                "wget",
                "-q",
                "-O",
                "-",
                "--header=Content-Type: application/json",
                "--post-data=[{\"labels\": {\"alertname\": \"APIHighInvocationRate\", \"scales\": \"functions\","
                        + " \"function_name\": \"scaled.openfaas-fn\"}}]",
                "http://127.0.0.1:9093/api/v2/alerts");
        await().atMost(Duration.ofMinutes(1)).until(() -> caravan.replicas("scaled") > 1);
    }

    private static String ask(String service, String address) throws Exception {
        return in(service, "wget", "-q", "-O", "-", "http://127.0.0.1:" + address);
    }

    private static void deployFunction(String name) {
        caravan.deploy("""
                {"service": "%s", "image": "%s", "envVars": {"text": "from the overlay"}}
                """.formatted(name, AnsweringImage.NAME));
    }
}
