package dev.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.function.Attempt;
import dev.caravan.function.Call;
import dev.caravan.function.CallId;
import dev.caravan.function.DeadReason;
import dev.caravan.function.FunctionName;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CallMessagesTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00.123Z");
    private static final String QUEUE = "faas-request.ns.f";

    @TempDir
    static Path folder;

    private static BrokerFixture fixture;
    private static Connection connection;
    private Session session;
    private BodyFiles files;
    private CallMessages messages;

    private interface Making {
        Message make(Session session) throws JMSException;
    }

    @BeforeAll
    static void open() throws Exception {
        fixture = new BrokerFixture(folder.resolve("broker"));
        connection = fixture.client().consumers().createConnection();
        connection.start();
    }

    @AfterAll
    static void close() throws Exception {
        connection.close();
        fixture.close();
    }

    @BeforeEach
    void session() throws Exception {
        session = connection.createSession(false, Session.CLIENT_ACKNOWLEDGE);
        files = new BodyFiles(folder.resolve("bodies"));
        messages = new CallMessages(files, "openfaas-fn", Duration.ofHours(24), 1 << 20, InstantSource.fixed(NOW));
    }

    /** Through the broker and back, as it would come to a worker. */
    private Message sent(Making making) throws JMSException {
        return sent(making, 4);
    }

    private Message sent(Making making, int priority) throws JMSException {
        try (var producer = session.createProducer(session.createQueue(QUEUE))) {
            producer.send(making.make(session), jakarta.jms.DeliveryMode.PERSISTENT, priority, 0);
        }
        try (MessageConsumer consumer = session.createConsumer(session.createQueue(QUEUE))) {
            Message taken = consumer.receive(10_000);
            taken.acknowledge();
            return taken;
        }
    }

    private Message written(Call call, byte[] body, @Nullable String bodyFile) throws JMSException {
        return sent(
                session -> {
                    var message = session.createBytesMessage();
                    CallMessages.write(CallProperties.of(call, bodyFile), body, message);
                    return message;
                },
                call.priority());
    }

    private static Call full() {
        List<Attempt> history = IntStream.rangeClosed(1, 10)
                .mapToObj(i -> new Attempt(i, NOW.plusSeconds(i), Duration.ofMillis(1_234), 500, "no " + i, "<ö>"))
                .toList();
        return new Call(
                new CallId("my-own-call_1"),
                new FunctionName("f", "ns"),
                "f.ns",
                "faas-request",
                "/a%20b/ü;c=d",
                "x=1&x=2&=%00",
                Map.of("Content-Type", List.of("text/plain"), "X-Many", List.of("a", "b", "")),
                "example.org:8080",
                "https://example.org/back?x=1",
                new CallId("parent-call"),
                null,
                3,
                7,
                9,
                NOW,
                NOW.plusSeconds(60),
                history);
    }

    @Test
    void everyFieldComesBack() throws Exception {
        byte[] body = {0, 1, (byte) 0xff, '\r', '\n'};

        CallMessage read = messages.read(written(full(), body, null));

        assertThat(read.call()).isEqualTo(full());
        assertThat(read.body()).isEqualTo(body);
        assertThat(read.bodyFile()).isNull();
        assertThat(read.redelivered()).isFalse();
    }

    @Test
    void whatIsAbsentStaysAbsent() throws Exception {
        var bare = new Call(
                CallId.random(),
                new FunctionName("f", "ns"),
                "f",
                "faas-request",
                "/",
                null,
                Map.of(),
                null,
                null,
                null,
                null,
                1,
                1,
                4,
                NOW,
                NOW.plusSeconds(60),
                List.of());

        assertThat(messages.read(written(bare, new byte[0], null)).call()).isEqualTo(bare);
    }

    @Test
    void aLargeBodyStandsInAFile() throws Exception {
        byte[] body = "x".repeat(BodyFiles.THRESHOLD + 1).getBytes(StandardCharsets.US_ASCII);
        String reference = files.write(CallId.random(), body);

        CallMessage read = messages.read(written(full(), new byte[0], reference));

        assertThat(read.body()).isEqualTo(body);
        assertThat(read.bodyFile()).isEqualTo(reference);
    }

    /** What a crash left behind of a call that is over must be known for what it is. */
    @Test
    void aCallWhoseBodyFileIsGoneIsStillThatCall() throws Exception {
        String reference = files.write(full().id(), new byte[] {1});
        files.delete(reference);

        assertThatThrownBy(() -> messages.read(written(full(), new byte[0], reference)))
                .isInstanceOfSatisfying(BodyGoneException.class, gone -> {
                    assertThat(gone).hasMessage("the body file " + reference + " is gone");
                    assertThat(gone.rest().call()).isEqualTo(full());
                    assertThat(gone.rest().bodyFile()).isEqualTo(reference);
                    assertThat(gone.rest().carried()).isEmpty();
                });
    }

    /** No door has seen it: another client has sent it. */
    @Test
    void aPasswordInACallbackUrlMakesTheMessageMalformedAndIsNotKept() throws Exception {
        Message taken = sent(session -> {
            var message = session.createTextMessage("hello");
            message.setStringProperty("CaravanFunction", "f");
            message.setStringProperty("CaravanCallbackUrl", "http://ann:pa55@host/");
            return message;
        });

        assertThatThrownBy(() -> messages.read(taken))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("CaravanCallbackUrl must be an absolute http or https URL without user")
                .hasMessageNotContaining("pa55");
        CallMessage kept = messages.unreadable(taken);
        assertThat(kept.call().headers().toString())
                .contains("CaravanFunction=[f]")
                .doesNotContain("pa55");
        assertThat(kept.call().callbackUrl()).isNull();
    }

    @Test
    void aDeadLetterSaysWhy() {
        var last = new Attempt(2, NOW, Duration.ZERO, 503, null, null);

        assertThat(CallProperties.ofDeadLetter(DeadReason.EXPIRED, last, "abc", NOW))
                .containsOnly(
                        Map.entry("CaravanReason", "expired"),
                        Map.entry("CaravanStatusCode", 503),
                        Map.entry("CaravanFingerprint", "abc"),
                        Map.entry("CaravanDeadAt", NOW.toEpochMilli()));
    }

    @ParameterizedTest
    @MethodSource
    void anyClientsMessageWithAFunctionIsACall(String kind, Making making) throws Exception {
        Message taken = sent(making);

        CallMessage read = messages.read(taken);

        assertThat(new String(read.body(), StandardCharsets.UTF_8)).isEqualTo("hällo");
        Call call = read.call();
        assertThat(call.function()).isEqualTo(new FunctionName("f", "openfaas-fn"));
        assertThat(call.calledAs()).isEqualTo("f");
        assertThat(call.queue()).isEqualTo("faas-request");
        assertThat(call.path()).isEqualTo("/");
        assertThat(call.headers()).isEmpty();
        assertThat(call.generation()).isEqualTo(1);
        assertThat(call.attempt()).isEqualTo(1);
        assertThat(call.submittedAt()).isEqualTo(Instant.ofEpochMilli(taken.getJMSTimestamp()));
        assertThat(call.expiresAt()).isEqualTo(call.submittedAt().plus(Duration.ofHours(24)));
        assertThat(call.id()).isEqualTo(CallId.ofJmsMessage(taken.getJMSMessageID()));
        assertThat(call.id().text()).matches("[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    }

    static Stream<Arguments> anyClientsMessageWithAFunctionIsACall() {
        return Stream.of(
                Arguments.of("bytes", (Making) session -> {
                    var message = session.createBytesMessage();
                    message.writeBytes("hällo".getBytes(StandardCharsets.UTF_8));
                    return foreign(message);
                }),
                Arguments.of("text", (Making) session -> foreign(session.createTextMessage("hällo"))));
    }

    private static Message foreign(Message message) throws JMSException {
        message.setStringProperty("CaravanFunction", "f");
        message.setJMSCorrelationID("their own business");
        return message;
    }

    @Test
    void aRedeliveredMessageIsTheSameCall() throws Exception {
        try (var producer = session.createProducer(session.createQueue("faas-request.ns.again"))) {
            producer.send(foreign(session.createTextMessage("x")));
        }
        CallMessage first;
        try (Session one = connection.createSession(false, Session.CLIENT_ACKNOWLEDGE);
                MessageConsumer consumer = one.createConsumer(one.createQueue("faas-request.ns.again"))) {
            first = messages.read(consumer.receive(10_000));
            one.recover();
        }
        try (MessageConsumer consumer = session.createConsumer(session.createQueue("faas-request.ns.again"))) {
            CallMessage second = messages.read(consumer.receive(10_000));

            assertThat(second.call()).isEqualTo(first.call());
            assertThat(second.redelivered()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource
    void whatIsNoCallIsSaidInOneLineAndKept(String expected, Making making) throws Exception {
        Message taken = sent(making);

        assertThatThrownBy(() -> messages.read(taken))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining(expected)
                .message()
                .doesNotContain("\n")
                .hasSizeLessThan(300);
        CallMessage kept = messages.unreadable(taken);
        assertThat(kept.call().id()).isEqualTo(CallId.ofJmsMessage(taken.getJMSMessageID()));
        assertThat(kept.call().function()).isEqualTo(new FunctionName("f", "ns"));
        assertThat(kept.call().queue()).isEqualTo("faas-request");
        // and its letter can be written and read
        assertThat(messages.read(written(kept.call(), kept.body(), null)).body())
                .isEqualTo(kept.body());
    }

    static Stream<Arguments> whatIsNoCallIsSaidInOneLineAndKept() {
        return Stream.of(
                Arguments.of("CaravanFunction is missing", (Making) session -> session.createTextMessage("x")),
                Arguments.of("not a MapMessage", (Making) session -> foreign(session.createMapMessage())),
                Arguments.of("not a StreamMessage", (Making) session -> foreign(session.createStreamMessage())),
                Arguments.of("not a ObjectMessage", (Making) session -> foreign(session.createObjectMessage("x"))),
                Arguments.of("not a Message", (Making) session -> foreign(session.createMessage())),
                with("must be a JSON object", "CaravanHeaders", "{"),
                with("must be a JSON object", "CaravanHeaders", "null"),
                with("must be a JSON object", "CaravanHeaders", "[]"),
                with("must be a JSON object", "CaravanHeaders", "{\"a\":null}"),
                with("must be a JSON object", "CaravanHeaders", "{\"a\":[null]}"),
                with("must be a JSON object", "CaravanHeaders", "{\"a\":\"b\"}"),
                with("must hold headers", "CaravanHeaders", "{\"a b\":[\"c\"]}"),
                with("must hold headers", "CaravanHeaders", "{\"a\":[\"b\\r\\nX-Injected: 1\"]}"),
                with("CaravanSubmittedAt must be milliseconds", "CaravanSubmittedAt", Long.MAX_VALUE),
                with("CaravanExpiresAt must be milliseconds", "CaravanExpiresAt", Long.MIN_VALUE),
                with("must be a JSON array of attempts", "CaravanHistory", "{}"),
                with("must be a JSON array of attempts", "CaravanHistory", "null"),
                with("must be a JSON array of attempts", "CaravanHistory", "[{\"attempt\":1}]"),
                with("must be 1 or more, got: -1", "CaravanAttempt", -1),
                with("must be 1 or more, got: 0", "CaravanGeneration", 0L),
                with("must be 1 or more", "CaravanAttempt", 1L << 40),
                with("CaravanAttempt must be a whole number", "CaravanAttempt", "many"),
                with("CaravanAttempt must be a whole number", "CaravanAttempt", 1.5),
                with("CaravanExpiresAt must be a whole number", "CaravanExpiresAt", "tomorrow"),
                with("not a body reference", "CaravanBodyFile", "../../etc/passwd"),
                with("is gone", "CaravanBodyFile", "00/00000000-0000-0000-0000-000000000000.call.000000000000"),
                with("namespace must be a DNS label", "CaravanNamespace", "../x"),
                with("function name must be a DNS label", "CaravanFunction", "Not A Function".repeat(100)),
                with("must start with /", "CaravanPath", "http://elsewhere/"),
                with("must not contain", "CaravanPath", "/ HTTP/1.1\r\nX-Injected: 1"),
                with("must not contain", "CaravanQuery", "a\nb"),
                with("call id must be", "CaravanVersion", 1));
    }

    private static Arguments with(String expected, String property, Object value) {
        return Arguments.of(expected, (Making) session -> {
            Message message = foreign(session.createTextMessage("x"));
            message.setObjectProperty(property, value);
            return message;
        });
    }

    @Test
    void aMessageOnAQueueWithoutAFunctionIsKeptUnderUnknown() throws Exception {
        var message = session.createTextMessage("x");
        message.setJMSMessageID("ID:1");
        message.setJMSDestination(session.createQueue("faas-request.odd"));

        assertThat(messages.unreadable(message).call().function())
                .isEqualTo(new FunctionName("unknown", "openfaas-fn"));
    }
}
