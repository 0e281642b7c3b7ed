package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.RecordingCallbackReceiver;
import dev.caravan.testing.TestServer;
import dev.caravan.testing.TestServer.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Names that mean something inside mean nothing when they come from outside, and never leave. */
class HeaderHygieneIT {

    /** What each would do if it got through. */
    private static final Map<String, String> HOSTILE = Map.ofEntries(
            Map.entry("CaravanFunction", "somebody-else"),
            Map.entry("CaravanNamespace", "elsewhere"),
            Map.entry("CaravanPath", "/elsewhere"),
            Map.entry("CaravanState", "succeeded"),
            Map.entry("CaravanBodyFile", "../secrets/basic-auth-password"),
            Map.entry("CaravanAttempt", "99"),
            Map.entry("CaravanExpiresAt", "1"),
            Map.entry("CamelHttpUri", "http://127.0.0.1:1/"),
            Map.entry("CamelHttpMethod", "DELETE"),
            Map.entry("CamelHttpResponseCode", "599"),
            Map.entry("CamelJmsDestinationName", "somewhere.else"),
            Map.entry("JMSReplyTo", "somewhere.else"),
            Map.entry("JMSCorrelationID", "not-the-id"),
            Map.entry("JMSXGroupID", "group"),
            Map.entry("AMQ_SCHEDULED_DELAY", "86400000"),
            Map.entry("AMQ_SCHEDULED_CRON", "0 0 1 1 *"),
            Map.entry("breadcrumbId", "crumb"));

    private static final Set<String> INTERNAL = HOSTILE.keySet().stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());

    @RegisterExtension
    static final TestServer server = TestServer.with();

    @RegisterExtension
    static final RecordingCallbackReceiver receiver = new RecordingCallbackReceiver();

    @Test
    void aSynchronousCallIsDoneAsIfTheyWereNotThere() {
        String echo = server.deploy("echo", "cat");

        Reply reply = server.post("/function/" + echo, "hello", hostileAnd());

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.text()).isEqualTo("hello");
        assertThat(names(reply)).doesNotContainAnyElementsOf(INTERNAL);
    }

    @Test
    void anAsynchronousCallRunsAtOnceAndItsCallbackHasNoneOfThem() {
        String echo = server.deploy("echo", "cat");
        Instant sent = Instant.now();

        Reply reply = server.post(
                "/async-function/" + echo, "hello", hostileAnd("X-Callback-Url", receiver.url("/callback")));

        assertThat(reply.status()).isEqualTo(202);
        assertThat(names(reply)).doesNotContainAnyElementsOf(INTERNAL);
        var callback = receiver.awaitOnly("/callback");
        assertThat(Duration.between(sent, Instant.now())).isLessThan(Duration.ofSeconds(10));
        assertThat(callback.text()).isEqualTo("hello");
        assertThat(callback.header("X-Function-Name")).isEqualTo(echo);
        assertThat(callback.header("X-Call-Id")).isEqualTo(reply.header("X-Call-Id"));
        assertThat(callback.headers().keySet())
                .extracting(name -> name.toLowerCase(Locale.ROOT))
                .doesNotContainAnyElementsOf(INTERNAL);
    }

    @Test
    void theFunctionSeesNoneOfThem() {
        String env = server.deploy("env", "env");

        Reply sync = server.post("/function/" + env, "", hostileAnd());
        server.post("/async-function/" + env, "", hostileAnd("X-Callback-Url", receiver.url("/env")));

        assertThat(variables(sync.text())).contains("method").doesNotContainAnyElementsOf(INTERNAL);
        assertThat(variables(receiver.awaitOnly("/env").text()))
                .contains("method")
                .doesNotContainAnyElementsOf(INTERNAL);
    }

    private static List<String> variables(String environment) {
        return environment
                .lines()
                .filter(line -> line.startsWith("Http_"))
                .map(line -> line.substring("Http_".length(), line.indexOf('=')).toLowerCase(Locale.ROOT))
                .toList();
    }

    @Test
    void whatAFunctionAnswersUnderSuchANameDoesNotLeave() {
        String answers = server.deployAnswers();
        String path = "/200?CaravanState=dead&CamelHttpResponseCode=599&JMSReplyTo=x&AMQ_SCHEDULED_DELAY=9&X-Own=1";

        Reply sync = server.post("/function/" + answers + path, "");
        server.callAsync(answers + path, "", "X-Callback-Url", receiver.url("/answered"));

        assertThat(sync.status()).isEqualTo(200);
        assertThat(sync.header("X-Own")).isEqualTo("1");
        assertThat(names(sync)).doesNotContainAnyElementsOf(INTERNAL);
        var callback = receiver.awaitOnly("/answered");
        assertThat(callback.header("X-Function-Status")).isEqualTo("200");
        assertThat(callback.header("X-Own")).isEqualTo("1");
        assertThat(callback.headers().keySet())
                .extracting(name -> name.toLowerCase(Locale.ROOT))
                .doesNotContainAnyElementsOf(INTERNAL);
    }

    @Test
    void aQueryParameterOfSuchANameOnlyReachesTheFunction() {
        String echo = server.deploy("echo", "cat");
        String query = "?CaravanFunction=other&CamelHttpResponseCode=599&AMQ_SCHEDULED_DELAY=99999";

        Reply sync = server.post("/function/" + echo + query, "hello");
        server.callAsync(echo + query, "hello", "X-Callback-Url", receiver.url("/query"));

        assertThat(sync.status()).isEqualTo(200);
        assertThat(sync.text()).isEqualTo("hello");
        assertThat(receiver.awaitOnly("/query").text()).isEqualTo("hello");
    }

    @Test
    void theSystemApiDoesNotHeedThemEither() {
        Reply list = server.get(
                "/system/functions?CamelHttpResponseCode=599", hostileAnd("Authorization", server.authorization()));

        assertThat(list.status()).isEqualTo(200);
        assertThat(names(list)).doesNotContainAnyElementsOf(INTERNAL).doesNotContain("authorization");
    }

    private static String[] hostileAnd(String... more) {
        var headers = new ArrayList<String>();
        HOSTILE.forEach((name, value) -> {
            headers.add(name);
            headers.add(value);
        });
        headers.addAll(List.of(more));
        return headers.toArray(String[]::new);
    }

    private static Set<String> names(Reply reply) {
        return reply.answer().headers().map().keySet().stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
    }
}
