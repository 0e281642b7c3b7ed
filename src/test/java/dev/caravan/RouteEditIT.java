package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.caravan.component.routes.RouteFiles;
import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Routes edited in a running server: a good edit takes effect, a bad one changes nothing, a faulty one hurts only its own. */
class RouteEditIT {

    private static final String INVOKE = "gateway/invoke-function.camel.yaml";
    private static final String RUN = "worker/run-call.camel.yaml";

    private final TestServer server = TestServer.with();
    private final RecordingCallbackReceiver receiver = new RecordingCallbackReceiver();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void start() {
        log.start();
        logger().addAppender(log);
        server.start();
    }

    @AfterEach
    void stop() {
        logger().detachAppender(log);
        receiver.close();
        server.close();
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger(RouteFiles.class);
    }

    private List<String> refusals() {
        return List.copyOf(log.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.startsWith("route edit refused"))
                .toList();
    }

    @Test
    void aSavedRouteAnswersTheNextCallAndNoCallIsLostMeanwhile() throws IOException {
        String echo = server.deploy("echo", "cat");
        String before = read(INVOKE);

        save(INVOKE, withHeader(before, "X-Edited", "yes"));

        var statuses = new ArrayList<Integer>();
        await().pollInterval(Duration.ofMillis(20)).until(() -> {
            var reply = server.post("/function/" + echo, "hello");
            statuses.add(reply.status());
            return reply.header("X-Edited").equals("yes") && reply.text().equals("hello");
        });
        assertThat(statuses).containsOnly(200);

        save(INVOKE, before);
        await().until(() ->
                server.post("/function/" + echo, "hello").header("X-Edited").isEmpty());
    }

    @Test
    void aRouteOfTheWorkersIsReplacedWhileCallsRun() throws IOException {
        String slow = server.deployScript("slow", "sleep 0.3; cat");
        for (int i = 0; i < 30; i++) {
            server.callAsync(slow, "call " + i, "X-Callback-Url", receiver.url("/all"));
        }

        save(RUN, read(RUN).replace("value: \"50\"", "value: \"5\""));
        for (int i = 30; i < 40; i++) {
            server.callAsync(slow, "call " + i, "X-Callback-Url", receiver.url("/all"));
        }

        assertThat(receiver.await("/all", 40))
                .extracting(callback -> callback.header("X-Call-Id"))
                .doesNotHaveDuplicates();
        assertThat(server.invocations(slow, 200)).isEqualTo(40);
        assertThat(refusals()).isEmpty();
    }

    @Test
    void aBrokenEditIsRefusedWithItsPlaceAndTheOldRouteAnswersOn() throws IOException {
        String echo = server.deploy("echo", "cat");
        String before = read(INVOKE);

        save(INVOKE, before.replace("uri: function:*", "urri: function:*"));

        await().until(() -> !refusals().isEmpty());
        assertThat(refusals())
                .singleElement()
                .asString()
                .contains("file=" + INVOKE, "line=" + lineOf(before, "uri: function:*"), "reason=\"")
                .contains("the last good version runs on");
        assertThat(server.post("/function/" + echo, "hello").text()).isEqualTo("hello");
    }

    private static int lineOf(String text, String part) {
        return (int) text.substring(0, text.indexOf(part)).lines().count();
    }

    @Test
    void aRouteThatNamesAWordThatIsNotThereIsRefused() throws IOException {
        String echo = server.deploy("echo", "cat");

        save(INVOKE, read(INVOKE).replace("ref: functionRequest", "ref: functionRequst"));

        await().until(() -> !refusals().isEmpty());
        assertThat(refusals().get(0)).contains("functionRequst");
        assertThat(server.post("/function/" + echo, "hello").text()).isEqualTo("hello");
    }

    @Test
    void aStepThatThrowsEndsItsCallsAsPlatformErrorsAndRepairingItIsEnough() throws IOException {
        String echo = server.deploy("echo", "cat");
        String before = read(RUN);
        String faulty = before.replaceFirst(
                "process:\\n( *)ref: judgeCall",
                "throwException:\n$1exceptionType: java.lang.IllegalStateException\n$1message: edited on purpose");
        assertThat(faulty).isNotEqualTo(before);
        save(RUN, faulty);
        await().untilAsserted(() -> {
            server.callAsync(echo, "broken", "X-Callback-Url", receiver.url("/broken"));
            assertThat(server.deadLetters(echo)).isNotEmpty();
        });
        var letter = server.deadLetters(echo).get(0);
        assertThat(letter.get("reason").asText()).isEqualTo("platform-error");
        assertThat(letter.get("error").asText()).contains("edited on purpose").doesNotContain("\tat ");

        // The synchronous way knows nothing of it.
        assertThat(server.post("/function/" + echo, "hello").text()).isEqualTo("hello");

        save(RUN, before);
        await().untilAsserted(() -> {
            server.callAsync(echo, "repaired", "X-Callback-Url", receiver.url("/repaired"));
            assertThat(receiver.received("/repaired"))
                    .anyMatch(callback -> callback.header("X-Function-Status").equals("200"));
        });
        var replayed =
                server.system("POST", "/system/dead-letters/" + letter.get("id").asText() + "/replay", "");
        assertThat(replayed.status()).isEqualTo(202);
        receiver.await("/broken", 1);
    }

    @Test
    void aCallThatARouteCannotEvenTakeWaitsForItsRepair() throws IOException {
        String echo = server.deploy("echo", "cat");
        String before = read(RUN);
        String faulty = before.replaceFirst(
                "process:\\n( *)ref: takeCall",
                "throwException:\n$1exceptionType: java.lang.IllegalStateException\n$1message: edited on purpose");
        assertThat(faulty).isNotEqualTo(before);
        save(RUN, faulty);
        await().during(Duration.ofSeconds(2)).until(() -> refusals().isEmpty());

        server.callAsync(echo, "patience", "X-Callback-Url", receiver.url("/patience"));
        await().during(Duration.ofSeconds(1))
                .untilAsserted(() -> assertThat(receiver.received("/patience")).isEmpty());
        save(RUN, before);

        assertThat(receiver.awaitOnly("/patience").text()).isEqualTo("patience");
        assertThat(server.deadLetters(echo)).isEmpty();
    }

    @Test
    void aNewFileBecomesARouteAndADeletedOneGoes() throws IOException {
        String file = "triggers/hello.camel.yaml";
        save(file, """
                - route:
                    id: say-hello
                    group: public
                    from:
                      uri: platform-http:/hello
                      steps:
                        - setBody:
                            constant: hello from a route
                """);

        await().untilAsserted(() -> assertThat(server.get("/hello").text()).isEqualTo("hello from a route"));

        Files.delete(server.routes().resolve(file));
        await().untilAsserted(() -> assertThat(server.get("/hello").status()).isEqualTo(404));
    }

    @Test
    void aUsersRouteNeedsCredentialsUnlessItSaysOtherwise() throws IOException {
        save("triggers/private.camel.yaml", """
                - route:
                    id: say-nothing
                    from:
                      uri: platform-http:/private
                      steps:
                        - setBody:
                            constant: for operators
                """);

        await().untilAsserted(() -> assertThat(server.get("/private").status()).isEqualTo(401));
        assertThat(server.system("/private").text()).isEqualTo("for operators");
    }

    private String read(String file) throws IOException {
        return Files.readString(server.routes().resolve(file));
    }

    private void save(String file, String text) throws IOException {
        Path target = server.routes().resolve(file);
        Files.writeString(target, text);
    }

    private static String withHeader(String route, String name, String value) {
        return route.replace(
                "        - to:\n            uri: function:*",
                "        - setHeader:\n            name: " + name + "\n            constant: \"" + value
                        + "\"\n        - to:\n            uri: function:*");
    }
}
