package dev.caravan;

import static dev.caravan.testing.TestServer.freshName;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.TestServer;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Any JMS client that may sign in makes calls by sending messages, over TCP. */
class JmsClientIT {

    private interface Maker {
        Message make(Session session) throws JMSException;
    }

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int PORT = freePort();
    private static final String BROKER = "tcp://127.0.0.1:" + PORT;

    @RegisterExtension
    static final TestServer server = TestServer.with("CARAVAN_BROKER_LISTEN=" + BROKER, "CARAVAN_MAX_BODY=1MiB");

    @RegisterExtension
    static final RecordingCallbackReceiver receiver = new RecordingCallbackReceiver();

    private static Connection connection;

    @BeforeAll
    static void signIn() throws JMSException {
        connection = new ActiveMQConnectionFactory(BROKER).createConnection("admin", server.password());
        connection.start();
    }

    @AfterAll
    static void signOut() throws JMSException {
        connection.close();
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aBytesMessageThatNamesOnlyItsFunctionIsACall() throws JMSException {
        String counts = server.deploy("counts", "wc -c");
        double accepted = server.metric("caravan_calls_accepted_total");

        send(counts, session -> {
            BytesMessage message = session.createBytesMessage();
            message.writeBytes("hello".getBytes(StandardCharsets.UTF_8));
            return named(message, counts);
        });

        await().untilAsserted(() -> assertThat(server.invocations(counts, 200)).isEqualTo(1));
        await().untilAsserted(() ->
                assertThat(server.metric("caravan_calls_accepted_total")).isEqualTo(accepted + 1));
    }

    @Test
    void aTextMessageIsACallAndMaySayMore() throws JMSException {
        String env = server.deployScript("env", "env; cat");

        send(env, session -> {
            Message message = named(session.createTextMessage("Grüße"), env);
            message.setStringProperty("CaravanPath", "/from/jms");
            message.setStringProperty("CaravanQuery", "a=b");
            message.setStringProperty("CaravanHeaders", "{\"X-Custom\":[\"one\"]}");
            message.setStringProperty("CaravanCallbackUrl", receiver.url("/text"));
            return message;
        });

        var callback = receiver.awaitOnly("/text");
        assertThat(callback.text())
                .contains("Http_Path=/from/jms\n", "Http_Query=a=b\n", "Http_X_Custom=one\n")
                .endsWith("Grüße");
        assertThat(callback.header("X-Function-Name")).isEqualTo(env);
        assertThat(callback.header("X-Call-Id")).matches("[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-.*");
    }

    @Test
    void itsFailuresAreTriedAgainAsThoseOfAnyCall() throws JMSException {
        String answers = server.deployAnswers("com.openfaas.retry.min_wait=100ms");

        send(answers, session -> {
            Message message = named(session.createTextMessage("x"), answers);
            message.setStringProperty("CaravanPath", "/500,200");
            message.setStringProperty("CaravanCallbackUrl", receiver.url("/again"));
            return message;
        });

        assertThat(receiver.awaitOnly("/again").text()).isEqualTo("attempt 2: x");
    }

    @Test
    void whatIsNoCallIsBuriedAsMalformedAndStopsNobody() throws JMSException {
        String echo = server.deploy("echo", "cat");
        Map<String, Maker> wrong = Map.of(
                "without a function", session -> session.createTextMessage("x"),
                "a map", session -> named(session.createMapMessage(), echo),
                "no JSON", session -> with(session, echo, "CaravanHeaders", "{broken"),
                "a line break", session -> with(session, echo, "CaravanPath", "/a b\r\nX-Evil: 1"),
                "no number", session -> with(session, echo, "CaravanAttempt", "often"),
                "no name", session -> with(session, echo, "CaravanFunction", "../../etc"),
                "no file", session -> with(session, echo, "CaravanBodyFile", "../../secrets/basic-auth-password"));
        for (Maker maker : wrong.values()) {
            send(echo, maker);
        }

        send(echo, session -> named(session.createTextMessage("neighbour"), echo));

        await().untilAsserted(() -> assertThat(server.invocations(echo, 200)).isEqualTo(1));
        await().untilAsserted(() -> assertThat(server.deadLetters(echo)).hasSize(wrong.size()));
        for (JsonNode letter : server.deadLetters(echo)) {
            assertThat(letter.get("reason").asText()).isEqualTo("malformed");
            assertThat(letter.get("error").asText().lines()).hasSize(1);
            assertThat(server.system("/system/dead-letters/" + letter.get("id").asText())
                            .status())
                    .isEqualTo(200);
        }
    }

    /** Never made of bytes that came over the wire, or it says so. */
    static final class Trap implements Serializable {

        private static final long serialVersionUID = 1L;
        private static final AtomicInteger SPRUNG = new AtomicInteger();

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            SPRUNG.incrementAndGet();
            in.defaultReadObject();
        }
    }

    /** What no client sends by mistake; each is to be {@code malformed}. */
    private static Map<String, Maker> poison(String function) {
        String deep = "[".repeat(100_000) + "]".repeat(100_000);
        Map<String, Maker> poison = new TreeMap<>();
        poison.put("an object", session -> named(session.createObjectMessage(new Trap()), function));
        poison.put("a stream", session -> named(session.createStreamMessage(), function));
        poison.put("no body", session -> named(session.createMessage(), function));
        poison.put("empty", Session::createBytesMessage);
        poison.put("much garbage", session -> session.createTextMessage("\u0000<{[".repeat(200_000)));
        poison.put("too much", session -> named(session.createTextMessage("much too much".repeat(100_000)), function));
        poison.put("no address at all", session -> with(session, function, "CaravanCallbackUrl", "x y"));
        poison.put("headers in depth", session -> with(session, function, "CaravanHeaders", "{\"X\":" + deep + "}"));
        poison.put("headers without values", session -> with(session, function, "CaravanHeaders", "{\"X\":[null]}"));
        poison.put("headers that are none", session -> with(session, function, "CaravanHeaders", "{\"X Y\":[\"z\"]}"));
        poison.put("a header that is two", session -> with(session, function, "CaravanHeaders", TWO_IN_ONE));
        poison.put("history in depth", session -> with(session, function, "CaravanHistory", deep));
        poison.put("generation 2^63", session -> with(session, function, "CaravanGeneration", "9223372036854775808"));
        poison.put("a number for headers", session -> property(session, function, "CaravanHeaders", 7));
        poison.put("a truth for an attempt", session -> property(session, function, "CaravanAttempt", true));
        poison.put("half a generation", session -> property(session, function, "CaravanGeneration", 1.5));
        poison.put("after all time", session -> property(session, function, "CaravanSubmittedAt", Long.MAX_VALUE));
        poison.put("before all time", session -> property(session, function, "CaravanSubmittedAt", Long.MIN_VALUE));
        poison.put("a deadline after all", session -> property(session, function, "CaravanExpiresAt", Long.MAX_VALUE));
        poison.put("a call without an id", session -> property(session, function, "CaravanVersion", 1));
        return poison;
    }

    private static final String TWO_IN_ONE = "{\"X\":[\"a\\r\\nX-Evil: b\"]}";

    @Test
    void poisonNextToGoodCallsIsBuriedOnceEachAndIsNeverMadeAnObject() throws JMSException {
        String counts = server.deploy("counts", "wc -c");
        Map<String, Maker> poison = poison(counts);
        int good = 0;

        for (Maker maker : poison.values()) {
            send(counts, maker);
            send(counts, session -> named(session.createTextMessage("good"), counts));
            server.callAsync(counts, "good");
            good += 2;
        }

        double expected = good;
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(server.invocations(counts, 200)).isEqualTo(expected));
        awaitMalformed("function=" + counts, poison);
        assertThat(Trap.SPRUNG).hasValue(0);
    }

    @Test
    void poisonOnTheCallbackQueueStopsNoCallback() throws JMSException {
        String echo = server.deploy("echo", "cat");
        Map<String, Maker> poison = poison(echo);
        poison.put("no address", session -> named(session.createTextMessage("x"), echo));
        poison.put("no web address", session -> with(session, echo, "CaravanCallbackUrl", "file:///etc/passwd"));
        poison.replaceAll((name, maker) -> session -> addressed(maker.make(session), name));

        for (Maker maker : poison.values()) {
            sendTo("faas-callback.openfaas-fn." + echo, maker);
            server.callAsync(echo, "good", "X-Callback-Url", receiver.url("/good"));
        }

        assertThat(receiver.await("/good", poison.size())).hasSize(poison.size());
        awaitMalformed("queue=faas-callback&function=" + echo, poison);
        assertThat(receiver.received("/poison")).isEmpty();
        assertThat(Trap.SPRUNG).hasValue(0);
    }

    private static Message addressed(Message message, String name) throws JMSException {
        if (!name.startsWith("no ")) {
            message.setStringProperty("CaravanCallbackUrl", receiver.url("/poison"));
        }
        return message;
    }

    /** One letter for each, and nothing that comes again. */
    private static void awaitMalformed(String filter, Map<String, Maker> poison) {
        String letters = "/system/dead-letters?limit=500&" + filter;
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(server.system(letters).json().get("items"))
                        .hasSize(poison.size())
                        .allSatisfy(letter ->
                                assertThat(letter.get("reason").asText()).isEqualTo("malformed")));
        await().atMost(LONG).untilAsserted(() -> {
            for (JsonNode queue : server.system("/system/queues").json()) {
                assertThat(queue.get("depth").asInt() + queue.get("running").asInt())
                        .as(queue.toString())
                        .isZero();
            }
        });
        assertThat(server.system(letters).json().get("items")).hasSize(poison.size());
    }

    @Test
    void bytesThatAreNoTextArriveAsTheyAre() throws JMSException {
        byte[] bytes = {(byte) 0xc3, 0x28, (byte) 0xff, 0, (byte) 0xfe, (byte) 0xed, (byte) 0xa0, (byte) 0x80};
        String echo = server.deploy("echo", "cat");

        send(echo, session -> {
            BytesMessage message = session.createBytesMessage();
            message.writeBytes(bytes);
            message.setStringProperty("CaravanCallbackUrl", receiver.url("/bytes"));
            return named(message, echo);
        });

        assertThat(receiver.awaitOnly("/bytes").body()).isEqualTo(bytes);
    }

    private static Message property(Session session, String function, String property, Object value)
            throws JMSException {
        Message message = named(session.createTextMessage("x"), function);
        message.setObjectProperty(property, value);
        return message;
    }

    private static Message with(Session session, String function, String property, String value) throws JMSException {
        Message message = named(session.createTextMessage("x"), function);
        message.setStringProperty(property, value);
        return message;
    }

    @Test
    void callsOfAnOrderKeyWaitForEachOtherWhoeverSendsThem() throws JMSException {
        String slow = server.deploy("slow", "sleep 2");
        double accepted = server.metric("caravan_calls_accepted_total");
        server.callAsync(slow, "x", "X-Order-Key", "key");
        for (int i = 0; i < 2; i++) {
            send(slow, session -> with(session, slow, "CaravanOrderKey", "key"));
        }

        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> assertThat(calls(slow))
                        .hasSize(3)
                        .allSatisfy(
                                call -> assertThat(call.get("status").asText()).isEqualTo("succeeded")));

        List<JsonNode> calls = calls(slow);
        assertThat(calls)
                .allSatisfy(call -> assertThat(call.path("orderKey").asText()).isEqualTo("key"));
        for (int i = 1; i < calls.size(); i++) {
            assertThat(Instant.parse(calls.get(i).get("startedAt").asText()))
                    .isAfterOrEqualTo(
                            Instant.parse(calls.get(i - 1).get("finishedAt").asText()));
        }
        assertThat(server.metric("caravan_calls_accepted_total")).isEqualTo(accepted + 3);
    }

    /** By the time they were started. */
    private static List<JsonNode> calls(String function) {
        var calls = new ArrayList<JsonNode>();
        server.system("/system/calls?function=" + function).json().get("items").forEach(calls::add);
        calls.sort(Comparator.comparing(
                call -> Instant.parse(call.path("startedAt").asText("9999-12-31T00:00:00Z"))));
        return calls;
    }

    @Test
    void aDeadLetterIsReadableByAnyClient() throws JMSException {
        String answers = server.deployAnswers();
        String id = server.callAsync(answers + "/418", "the body");
        await().untilAsserted(() -> assertThat(server.deadLetters(answers)).hasSize(1));

        try (Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                MessageConsumer consumer =
                        session.createConsumer(session.createQueue("DLQ.faas-request.openfaas-fn." + answers))) {
            var letter = (BytesMessage) consumer.receive(5_000);

            assertThat(letter.getJMSCorrelationID()).isEqualTo(id);
            assertThat(letter.getStringProperty("CaravanReason")).isEqualTo("rejected");
            assertThat(letter.getIntProperty("CaravanStatusCode")).isEqualTo(418);
            assertThat(letter.getBodyLength()).isEqualTo(8);
        }
    }

    @Test
    void aFunctionThatIsNotThereIsUnknown() throws JMSException {
        String nobody = freshName("nobody");

        send(nobody, session -> named(session.createTextMessage("x"), nobody));

        await().untilAsserted(() -> assertThat(server.deadLetters(nobody)).hasSize(1));
        assertThat(server.deadLetters(nobody).get(0).get("reason").asText()).isEqualTo("unknown-function");
    }

    @Test
    void whoDoesNotSignInIsNotLetIn() {
        var factory = new ActiveMQConnectionFactory(BROKER);

        assertThatThrownBy(() -> start(factory.createConnection())).isInstanceOf(JMSSecurityException.class);
        assertThatThrownBy(() -> start(factory.createConnection("admin", "wrong")))
                .isInstanceOf(JMSSecurityException.class);
    }

    private static void start(Connection refused) throws JMSException {
        try (refused) {
            refused.start();
        }
    }

    private static Message named(Message message, String function) throws JMSException {
        message.setStringProperty("CaravanFunction", function);
        return message;
    }

    private static void send(String function, Maker maker) throws JMSException {
        sendTo("faas-request.openfaas-fn." + function, maker);
    }

    private static void sendTo(String queue, Maker maker) throws JMSException {
        try (Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                MessageProducer producer = session.createProducer(session.createQueue(queue))) {
            producer.send(maker.make(session));
        }
    }
}
