package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The broker of another process goes away under load and comes back. */
class BrokerRestartIT {

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int SENDERS = 4;

    @RegisterExtension
    static final RecordingCallbackReceiver receiver = new RecordingCallbackReceiver();

    private final String address = "tcp://127.0.0.1:" + freePort();

    /** Only its broker matters; it takes no calls of its own. */
    private final TestServer broker = TestServer.with("CARAVAN_BROKER_LISTEN=" + address, "CARAVAN_ROLES=gateway");

    private final TestServer server = TestServer.with();

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void start() {
        broker.start();
        server.set("CARAVAN_BROKER_URL=" + address + "?jms.userName=admin&jms.password=" + broker.password())
                .start();
    }

    @AfterEach
    void stop() {
        server.close();
        broker.close();
    }

    @Test
    void noAcceptedCallIsLostAndAllIsAsItWas() throws Exception {
        String echo = server.deploy("echo", "cat");
        String held = server.deploy("held", "cat");
        server.system("POST", "/system/queues/faas-request/pause?function=" + held, "");
        server.callAsync(held, "held", "X-Callback-Url", receiver.url("/held"));
        Set<String> accepted = ConcurrentHashMap.newKeySet();
        var refused = new AtomicInteger();
        var sending = new AtomicBoolean(true);
        Thread[] senders = IntStream.range(0, SENDERS)
                .mapToObj(i -> new Thread(() -> send(echo, sending, accepted, refused)))
                .toArray(Thread[]::new);
        for (Thread sender : senders) {
            sender.start();
        }
        await().atMost(PATIENCE).until(() -> accepted.size() > 50);

        broker.stop();
        await().atMost(PATIENCE).until(() -> refused.get() > 0);
        broker.start();
        int before = accepted.size();
        await().atMost(PATIENCE).until(() -> accepted.size() > before + 50);
        sending.set(false);
        for (Thread sender : senders) {
            sender.join();
        }

        await().atMost(PATIENCE).until(() -> server.calls("succeeded") >= accepted.size());
        accepted.forEach(call -> assertThat(server.get("/async-function/" + call)
                        .json()
                        .get("status")
                        .asText())
                .as(call)
                .isEqualTo("succeeded"));
        assertThat(server.invocations(held, 200)).isZero();
        server.system("POST", "/system/queues/faas-request/resume?function=" + held, "");
        assertThat(receiver.awaitOnly("/held").text()).isEqualTo("held");
    }

    private void send(String function, AtomicBoolean sending, Set<String> accepted, AtomicInteger refused) {
        while (sending.get()) {
            Reply reply = server.post("/async-function/" + function, "x");
            if (reply.status() == 202) {
                accepted.add(reply.header("X-Call-Id"));
            } else if (reply.status() == 503) {
                refused.incrementAndGet();
            } else {
                throw new AssertionError("neither accepted nor refused: " + reply);
            }
        }
    }
}
