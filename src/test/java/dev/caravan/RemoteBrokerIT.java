package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.caravan.config.SettingsException;
import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A Caravan whose queues are in another process's broker: here, in the one that another Caravan embeds. */
class RemoteBrokerIT {

    private static final String ADDRESS = "tcp://127.0.0.1:" + freePort();

    /** Only its broker matters; it takes no calls of its own. */
    @RegisterExtension
    static final TestServer broker = TestServer.with("CARAVAN_BROKER_LISTEN=" + ADDRESS, "CARAVAN_ROLES=gateway");

    @RegisterExtension
    static final RecordingCallbackReceiver receiver = new RecordingCallbackReceiver();

    private static final TestServer server = TestServer.with();

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeAll
    static void start() {
        server.set("CARAVAN_BROKER_URL=" + signedIn(broker.password())).start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String signedIn(String password) {
        return ADDRESS + "?jms.userName=admin&jms.password=" + password;
    }

    @Test
    void aCallIsQueuedThereAndRunHere() {
        String echo = server.deploy("echo", "cat");

        String id = server.callAsync(echo, "hello", "X-Callback-Url", receiver.url("/hello"));

        assertThat(receiver.awaitOnly("/hello").header("X-Call-Id")).isEqualTo(id);
        await().untilAsserted(() -> assertThat(server.calls("succeeded")).isPositive());
    }

    @Test
    void itsSchedulerKeepsRetriesAndDelayedCallsBack() {
        String answers = server.deployAnswers("com.openfaas.retry.min_wait=2s");
        Instant sent = Instant.now();

        server.callAsync(answers + "/500,200", "x", "X-Delay", "1s", "X-Callback-Url", receiver.url("/late"));

        assertThat(receiver.awaitOnly("/late").text()).isEqualTo("attempt 2: x");
        assertThat(Duration.between(sent, Instant.now())).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void aDeadLetterStandsThereAndIsReplayedFromHere() {
        String fixed = server.deploy("fixed", "false", "com.openfaas.retry.attempts=0");
        String id = server.callAsync(fixed, "the body", "X-Callback-Url", receiver.url("/dead"));
        await().untilAsserted(() -> assertThat(server.deadLetters(fixed)).hasSize(1));
        server.deployAs(fixed, "cat", Map.of());

        var reply = server.system("POST", "/system/dead-letters/" + id + ".1/replay", "");

        assertThat(reply.status()).isEqualTo(202);
        assertThat(receiver.await("/dead", 2).get(1).text()).isEqualTo("the body");
        assertThat(server.deadLetters(fixed)).isEmpty();
    }

    @Test
    void theFailoverFormOfTheAddressSignsInAsWell() {
        String url = "failover:(" + ADDRESS + ")?jms.userName=admin&jms.password=" + broker.password();
        try (TestServer other = TestServer.with("CARAVAN_BROKER_URL=" + url).start()) {
            assertThat(other.get("/healthz").status()).isEqualTo(200);
        }
    }

    @Test
    void aWrongPasswordIsSaidInOneLineThatDoesNotRepeatIt() {
        try (TestServer other = TestServer.with("CARAVAN_BROKER_URL=" + signedIn("a-wrong-guess"))) {
            SettingsException refused = catchThrowableOfType(SettingsException.class, other::start);

            assertThat(String.valueOf(refused.getMessage()).lines()).hasSize(1);
            assertThat(refused).hasMessageContaining("CARAVAN_BROKER_URL").hasMessageNotContaining("a-wrong-guess");
        }
    }
}
