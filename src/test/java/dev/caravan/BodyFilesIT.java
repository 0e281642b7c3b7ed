package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.testing.CaravanProcess;
import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bodies that stand in files: as long as they are needed, and no longer. */
class BodyFilesIT {

    private static final int THRESHOLD = 100_000;

    private final RecordingCallbackReceiver receiver = new RecordingCallbackReceiver();
    private final TestServer server = TestServer.with(
            "CARAVAN_BODY_THRESHOLD=" + THRESHOLD, "CARAVAN_SCALE_FROM_ZERO=false", "CARAVAN_MAX_BODY=1MiB");
    private String broker = "";
    private Path bodies = Path.of("");

    @BeforeEach
    void start() throws IOException {
        broker = "tcp://127.0.0.1:" + CaravanProcess.freePort();
        bodies = server.folder().resolve("shared");
        server.set("CARAVAN_BODIES=" + bodies)
                .set("CARAVAN_BROKER_LISTEN=" + broker)
                .start();
    }

    @AfterEach
    void stop() {
        server.close();
        receiver.close();
    }

    private List<Path> files() throws IOException {
        if (Files.notExists(bodies)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(bodies)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static byte[] random(int size) {
        var bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private String post(String functionAndPath, byte[] body, String... headers) {
        Reply reply = server.send("POST", "/async-function/" + functionAndPath, body, headers);
        assertThat(reply.status()).isEqualTo(202);
        return reply.header("X-Call-Id");
    }

    private JsonNode awaitLetter(String filter) {
        await().untilAsserted(() -> assertThat(letters(filter)).hasSize(1));
        return letters(filter).get(0);
    }

    private JsonNode letters(String filter) {
        return server.system("/system/dead-letters?" + filter).json().get("items");
    }

    private void act(String method, String path) {
        assertThat(server.system(method, path, "").status()).isEqualTo(202);
    }

    /** One that just fits into a message, and one that just does not. */
    @Test
    void theThresholdAndTheFolderAreSettings() throws Exception {
        String held = server.deploy("held", "wc -c");
        server.scale(held, 0);

        post(held, random(THRESHOLD));
        assertThat(files()).isEmpty();
        String id = post(held, random(THRESHOLD + 1));

        assertThat(files()).hasSize(1).first().asString().contains(id);
        assertThat(server.data().resolve("bodies")).doesNotExist();
        server.scale(held, 1);
        await().untilAsserted(() -> assertThat(server.calls("succeeded")).isEqualTo(2));
        await().untilAsserted(() -> assertThat(files()).isEmpty());
    }

    @Test
    void aDeadCallsBodyGoesWithItsLetterAndSurvivesAReplay() throws Exception {
        String answers = server.deployAnswers();
        byte[] body = random(THRESHOLD + 1);

        post(answers + "/418,418,200", body, "X-Callback-Url", receiver.url("/replayed"));
        for (int generation = 1; generation <= 2; generation++) {
            String letter = awaitLetter("queue=faas-request&function=" + answers)
                    .get("id")
                    .asText();
            assertThat(letter).endsWith("." + generation);
            await().untilAsserted(() -> assertThat(files()).hasSize(1)); // the callback's has gone
            act("POST", "/system/dead-letters/" + letter + "/replay");
            receiver.await("/replayed", generation + 1);
        }

        byte[] answered = receiver.await("/replayed", 3).get(2).body();
        assertThat(answered).startsWith("attempt 3: ".getBytes()).endsWith(body);
        await().untilAsserted(() -> assertThat(files()).isEmpty());
        post(answers + "/418", body);
        String letter = awaitLetter("function=" + answers).get("id").asText();
        assertThat(files()).hasSize(1);
        act("DELETE", "/system/dead-letters/" + letter);
        assertThat(files()).as("as long as the deletion can be undone").hasSize(1);
    }

    /** Below the threshold here, and larger than what the ledger keeps of a letter. */
    @Test
    void aBodyThatTheBrokerHeldIsKeptWithItsLetter() throws Exception {
        String answers = server.deployAnswers();
        byte[] body = random(THRESHOLD - 1);

        post(answers + "/418,200", body, "X-Callback-Url", receiver.url("/kept"));
        String letter =
                awaitLetter("queue=faas-request&function=" + answers).get("id").asText();
        act("POST", "/system/dead-letters/" + letter + "/replay");

        assertThat(receiver.await("/kept", 2).get(1).body()).endsWith(body);
        await().untilAsserted(() -> assertThat(files()).isEmpty());
    }

    @Test
    void anAnswerThatWasNotDeliveredStaysUntilItIs() throws Exception {
        String large = server.deploy("large", "head -c 300000 /dev/zero");
        receiver.answering("/late", 404);

        post(large, new byte[0], "X-Callback-Url", receiver.url("/late"));
        String letter =
                awaitLetter("queue=faas-callback&function=" + large).get("id").asText();
        assertThat(files()).hasSize(1);
        act("POST", "/system/dead-letters/" + letter + "/replay");

        assertThat(receiver.await("/late", 2).get(1).body()).hasSize(300_000);
        await().untilAsserted(() -> assertThat(files()).isEmpty());
    }

    @Test
    void aCallWhoseBodyIsGoneIsDeadAndSaysSo() throws Exception {
        String held = server.deploy("held", "wc -c");
        server.scale(held, 0);
        String id = post(held, random(THRESHOLD + 1));
        byte[] body = Files.readAllBytes(files().get(0));
        Path file = files().get(0);

        Files.delete(file);
        server.scale(held, 1);

        JsonNode letter = awaitLetter("function=" + held);
        assertThat(letter.get("callId").asText()).isEqualTo(id);
        assertThat(letter.get("reason").asText()).isEqualTo("malformed");
        assertThat(letter.get("error").asText()).startsWith("the body file ").endsWith(" is gone");
        assertThat(letter.get("attempts").asInt()).isEqualTo(1);
        String letterPath = "/system/dead-letters/" + letter.get("id").asText();
        assertThat(server.system(letterPath).json().get("body").asText()).isEmpty();
        assertThat(server.invocations(held, 200)).isZero();
        assertThat(server.calls()).isEqualTo(1);

        Files.write(file, body); // out of a backup
        act("POST", letterPath + "/replay");
        await().untilAsserted(() -> assertThat(server.calls("succeeded")).isEqualTo(1));
        await().untilAsserted(() -> assertThat(files()).isEmpty());
    }

    /** As a kill leaves it that comes between the ledger's commit and the acknowledgement. */
    @Test
    void aCopyOfACallThatIsOverIsDroppedThoughItsBodyIsGone() throws Exception {
        String held = server.deploy("held", "wc -c");
        server.scale(held, 0);
        post(held, random(THRESHOLD + 1));
        Message copy = waiting("faas-request.openfaas-fn." + held);
        server.scale(held, 1);
        await().untilAsserted(() -> assertThat(files()).isEmpty());

        send("faas-request.openfaas-fn." + held, copy);

        await().untilAsserted(() ->
                assertThat(server.metric("caravan_duplicates_dropped_total")).isEqualTo(1));
        assertThat(letters("function=" + held)).isEmpty();
        assertThat(server.calls("succeeded")).isEqualTo(1);
        assertThat(server.calls()).isEqualTo(1);
    }

    private Connection connection() throws JMSException {
        Connection connection = new ActiveMQConnectionFactory(broker).createConnection("admin", server.password());
        connection.start();
        return connection;
    }

    private Message waiting(String queue) throws JMSException {
        try (Connection connection = connection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                var browser = session.createBrowser(session.createQueue(queue))) {
            return (Message) Collections.list(browser.getEnumeration()).get(0);
        }
    }

    private void send(String queue, Message message) throws JMSException {
        try (Connection connection = connection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                var producer = session.createProducer(session.createQueue(queue))) {
            producer.send(message);
        }
    }

    /** Neither a false 202 nor an error that tells a client not to come again. */
    @Test
    void aFolderThatTakesNoBodyClosesTheDoorToLargeOnesOnly() throws Exception {
        String counts = server.deploy("counts", "wc -c");
        Files.writeString(bodies, "a file where the folder should be");

        Reply large = server.send("POST", "/async-function/" + counts, random(THRESHOLD + 1));

        assertThat(large.status()).isEqualTo(503);
        assertThat(large.header("Retry-After")).isEqualTo("10");
        assertThat(large.text()).isEqualTo("the disk did not take the call's body\n");
        post(counts, random(THRESHOLD));
        Files.delete(bodies);
        post(counts, random(THRESHOLD + 1));
        await().untilAsserted(() -> assertThat(server.calls("succeeded")).isEqualTo(2));
        assertThat(server.calls()).isEqualTo(2);
    }

    /** The answer cannot be kept: its call runs again rather than being reported wrongly. */
    @Test
    void anAnswerThatTheDiskDoesNotTakeIsDeliveredLater() throws Exception {
        String large = server.deploy("large", "head -c 300000 /dev/zero", "com.openfaas.retry.attempts=100");
        Files.writeString(bodies, "a file where the folder should be");

        post(large, new byte[0], "X-Callback-Url", receiver.url("/later"));
        await().until(() -> server.invocations(large, 200) >= 2);
        assertThat(letters("function=" + large)).isEmpty();
        Files.delete(bodies);

        assertThat(receiver.awaitOnly("/later").body()).hasSize(300_000);
        await().untilAsserted(() -> assertThat(server.calls("succeeded")).isEqualTo(1));
    }
}
