package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.caravan.config.Settings;
import dev.caravan.config.SettingsException;
import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.activemq.broker.BrokerService;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What is in the way of a start is said in one line that tells what to do; what need not stop it does not. */
class StartUpIT {

    private static final String STACK = "version: 1.0\nprovider:\n  name: openfaas\nfunctions:\n";

    private final TestServer server = TestServer.with();

    @AfterEach
    void close() {
        server.close();
    }

    private static ServerSocket taken() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    /** Fails to start, leaves nothing behind, and says why. */
    private AbstractStringAssert<?> refusal(String... settings) {
        for (String setting : settings) {
            server.set(setting);
        }
        SettingsException refused = catchThrowableOfType(SettingsException.class, server::start);
        assertThat(refused).as("it must not start").isNotNull();
        String line = String.valueOf(refused.getMessage());
        assertThat(line.lines()).hasSize(1);
        assertThat(line).doesNotContain("Exception");
        return assertThat(line);
    }

    @Test
    void whoSignsInIsSaidAsTheSecretsHaveIt(@TempDir Path folder) throws IOException {
        Path secrets = Files.createDirectories(folder.resolve("data/secrets"));
        Files.writeString(secrets.resolve("basic-auth-user"), "alice\n");
        var settings = Settings.from(Map.of(
                "CARAVAN_PORT", "0",
                "CARAVAN_MANAGEMENT_PORT", "0",
                "CARAVAN_DATA", folder.resolve("data").toString(),
                "CARAVAN_ROUTES",
                        Files.createDirectories(folder.resolve("routes")).toString(),
                "CARAVAN_STACK", ""));

        try (Caravan caravan = Caravan.start(settings, Map.of())) {
            assertThat(caravan.signIn()).isEqualTo("alice, password in " + secrets.resolve("basic-auth-password"));
        }
    }

    @Test
    void aTakenPort() throws IOException {
        try (ServerSocket taken = taken()) {
            refusal("CARAVAN_PORT=" + taken.getLocalPort())
                    .contains("port " + taken.getLocalPort() + " is already taken", "CARAVAN_PORT");
        }
        assertThat(server.set("CARAVAN_PORT=0").start().get("/healthz").status())
                .isEqualTo(200);
    }

    @Test
    void aTakenManagementPort() throws IOException {
        try (ServerSocket taken = taken()) {
            refusal("CARAVAN_MANAGEMENT_PORT=" + taken.getLocalPort())
                    .contains(":" + taken.getLocalPort(), "already in use", "CARAVAN_MANAGEMENT_PORT");
        }
        assertThat(server.set("CARAVAN_MANAGEMENT_PORT=0")
                        .start()
                        .get("/healthz")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aTakenAddressOfTheBroker() throws IOException {
        try (ServerSocket taken = taken()) {
            refusal("CARAVAN_BROKER_LISTEN=tcp://127.0.0.1:" + taken.getLocalPort())
                    .contains("127.0.0.1:" + taken.getLocalPort());
        }
        assertThat(server.set("CARAVAN_BROKER_LISTEN=").start().get("/healthz").status())
                .isEqualTo(200);
    }

    @Test
    void aHostThatIsNotOurs() {
        refusal("CARAVAN_HOST=203.0.113.1").contains("203.0.113.1", "CARAVAN_HOST");
    }

    @Test
    void aDataFolderThatAnotherCaravanUses() {
        server.start();
        try (TestServer second = TestServer.with("CARAVAN_DATA=" + server.data())) {
            SettingsException refused = catchThrowableOfType(SettingsException.class, second::start);

            assertThat(String.valueOf(refused.getMessage()).lines()).hasSize(1);
            assertThat(refused)
                    .hasMessageContainingAll(server.data().toString(), "used by another Caravan", "CARAVAN_DATA");
        }
        assertThat(server.get("/healthz").status()).isEqualTo(200);
    }

    @Test
    void aDataFolderThatIsAFile() throws IOException {
        Path file = Files.writeString(server.folder().resolve("file"), "");

        refusal("CARAVAN_DATA=" + file).contains("the data folder " + file, "not a folder", "CARAVAN_DATA");
        refusal("CARAVAN_DATA=" + file.resolve("below")).contains("the data folder " + file, "CARAVAN_DATA");
    }

    @Test
    void anEmptyPassword() throws IOException {
        Path secrets = Files.createDirectories(server.data().resolve("secrets"));
        Files.writeString(secrets.resolve("basic-auth-password"), "\n");

        refusal().contains("basic-auth-password", "must not be empty");
    }

    @Test
    void aFolderOfRoutesThatIsNotThere() {
        Path nowhere = server.folder().resolve("nowhere");

        refusal("CARAVAN_ROUTES=" + nowhere).contains(nowhere.toString(), "CARAVAN_ROUTES");
    }

    @Test
    void aBrokerThatIsNotThere() throws IOException {
        int port;
        try (ServerSocket socket = taken()) {
            port = socket.getLocalPort();
        }

        refusal("CARAVAN_BROKER_URL=tcp://127.0.0.1:" + port)
                .contains("cannot reach the broker at CARAVAN_BROKER_URL", "127.0.0.1:" + port);
    }

    @Test
    void aBrokerUrlThatIsNone() {
        refusal("CARAVAN_BROKER_URL=no broker at all").contains("CARAVAN_BROKER_URL");
    }

    @Test
    void aBrokerThatDeliversDelayedMessagesAtOnce() throws Exception {
        var hasty = new BrokerService();
        hasty.setPersistent(false);
        hasty.setUseJmx(false);
        hasty.setSchedulerSupport(false);
        hasty.setBrokerName("hasty");
        hasty.addConnector("tcp://127.0.0.1:0");
        try {
            hasty.start();
            hasty.waitUntilStarted();
            String url = hasty.getTransportConnectors().get(0).getPublishableConnectString();

            refusal("CARAVAN_BROKER_URL=" + url).contains("delivers delayed messages at once", "schedulerSupport");
        } finally {
            hasty.stop();
        }
    }

    @Test
    void aSettingThatDoesNotExist() {
        refusal("CARAVAN_PROT=8080").contains("CARAVAN_PROT", "did you mean CARAVAN_PORT?");
    }

    @Test
    void deploymentsThatCannotBeRead() throws IOException {
        server.start();
        server.deploy("echo", "cat");
        server.stop();
        assertThat(deploymentFiles()).isNotEmpty();
        for (Path file : deploymentFiles()) {
            Files.writeString(file, "{ broken");
        }

        server.start();

        assertThat(server.get("/healthz").status()).isEqualTo(200);
    }

    private List<Path> deploymentFiles() throws IOException {
        try (var files = Files.walk(server.data().resolve("functions"))) {
            return files.filter(file -> file.toString().endsWith(".json")).toList();
        }
    }

    @Test
    void aBrokenRouteIsLeftOutAndTheOthersRun() throws IOException {
        server.start();
        server.stop();
        Files.writeString(server.routes().resolve("gateway/show-info.camel.yaml"), "- route:\n    idd: show-info\n");

        server.start();

        assertThat(server.system("/system/info").status()).isEqualTo(404);
        String echo = server.deploy("echo", "cat");
        assertThat(server.post("/function/" + echo, "x").text()).isEqualTo("x");
        server.callAsync(echo, "x");
        await().untilAsserted(() -> assertThat(server.invocations(echo, 200)).isEqualTo(2));
    }

    @Test
    void aBrokenStackFileIsLeftOutAndTheServerRuns() throws IOException {
        Path stack = Files.writeString(server.folder().resolve("stack.yaml"), "functions:\n  - [nonsense\n");

        server.set("CARAVAN_STACK=" + stack).start();

        assertThat(server.system("/system/functions").json()).isEmpty();
        assertThat(server.get("/healthz").status()).isEqualTo(200);
    }

    @Test
    void aStackFileThatIsNotThereIsNoObstacle() {
        server.set("CARAVAN_STACK=" + server.folder().resolve("none.yaml")).start();

        assertThat(server.get("/healthz").status()).isEqualTo(200);
    }

    @Test
    void anEntryOfTheStackIsAppliedOnceSoThatWhatTheApiDidStays() throws IOException {
        Path stack = server.folder().resolve("stack.yaml");
        Files.writeString(stack, STACK + entry("stays", "cat") + entry("goes", "cat"));
        server.set("CARAVAN_STACK=" + stack).start();
        assertThat(names()).containsExactlyInAnyOrder("stays", "goes");
        server.delete("goes");
        server.deployAs("stays", "rev", Map.of());

        restart();
        assertThat(names()).containsExactly("stays");
        assertThat(server.post("/function/stays", "abc\n").text()).isEqualTo("cba\n");

        Files.writeString(stack, STACK + entry("stays", "cat") + entry("goes", "rev"));
        restart();
        assertThat(names()).containsExactlyInAnyOrder("stays", "goes");
        assertThat(server.post("/function/stays", "abc\n").text()).isEqualTo("cba\n");
    }

    private static String entry(String name, String process) {
        return "  %s:\n    lang: dockerfile\n    handler: .\n    image: %s\n    fprocess: %s\n"
                .formatted(name, name, process);
    }

    private List<String> names() {
        return server.system("/system/functions").json().findValuesAsText("name");
    }

    private void restart() {
        server.stop();
        server.start();
    }

    @Test
    void functionsQueuedCallsAndDeadLettersSurviveARestart() {
        try (var receiver = new RecordingCallbackReceiver()) {
            server.start();
            String echo = server.deploy("echo", "cat");
            String fails = server.deploy("fails", "false", "com.openfaas.retry.attempts=0");
            String password = server.password();
            server.callAsync(echo, "later", "X-Delay", "4s", "X-Callback-Url", receiver.url("/later"));
            String dead = server.callAsync(fails, "x");
            await().untilAsserted(() -> assertThat(server.deadLetters(fails)).hasSize(1));

            restart();

            assertThat(server.password()).isEqualTo(password);
            assertThat(names()).containsExactlyInAnyOrder(echo, fails);
            assertThat(server.post("/function/" + echo, "now").text()).isEqualTo("now");
            assertThat(server.calls("scheduled")).isEqualTo(1);
            assertThat(server.calls("dead")).isEqualTo(1);
            assertThat(receiver.awaitOnly("/later").text()).isEqualTo("later");
            server.deployAs(fails, "cat", Map.of());
            assertThat(server.system("POST", "/system/dead-letters/" + dead + ".1/replay", "")
                            .status())
                    .isEqualTo(202);
            await().untilAsserted(
                            () -> assertThat(server.invocations(fails, 200)).isEqualTo(1));
        }
    }

    @Test
    void aStopHasNothingToComplainAbout() {
        var log = new ListAppender<ILoggingEvent>();
        var logger = (Logger) LoggerFactory.getLogger("dev.caravan");
        log.start();
        logger.addAppender(log);
        try {
            server.start();
            String echo = server.deploy("echo", "cat");
            server.callAsync(echo, "x");
            await().untilAsserted(() -> assertThat(server.calls("succeeded")).isEqualTo(1));

            server.stop();
        } finally {
            logger.detachAppender(log);
        }

        assertThat(log.list)
                .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .extracting(ILoggingEvent::getFormattedMessage)
                .isEmpty();
    }

    @Test
    void aStopLetsWhatRunsFinish() {
        try (var receiver = new RecordingCallbackReceiver()) {
            server.set("CARAVAN_DRAIN=10s").start();
            String slow = server.deployScript("slow", "sleep 1; cat");
            server.callAsync(slow, "finished", "X-Callback-Url", receiver.url("/finished"));
            await().untilAsserted(() -> assertThat(server.calls("running")).isEqualTo(1));

            restart();

            assertThat(receiver.awaitOnly("/finished").text()).isEqualTo("finished");
            await().untilAsserted(() -> assertThat(server.calls("succeeded")).isEqualTo(1));
            assertThat(server.deadLetters(slow)).isEmpty();
        }
    }
}
