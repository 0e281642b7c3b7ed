package dev.caravan.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.testing.HttpMessage;
import dev.caravan.testing.RawClient;
import dev.caravan.testing.ScriptedFunction;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The finer points of {@code /function/NAME} (contract sections 0.2, 1.3, 2.1), as seen on the wire. */
class ProxyFidelityTest {

    private TestGateway gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = new TestGateway().with(new RouteBuilder() {
            @Override
            public void configure() {
                from("platform-http:/system/functions").setBody(constant("secret"));
                from("platform-http:/async-function/{name}?matchOnUriPrefix=true&httpMethodRestrict=POST")
                        .setBody(constant("taken"));
            }
        });
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/%73ystem/functions",
                "//system/functions",
                "/./system/functions",
                "/system//functions",
                "/system%2Ffunctions",
                "/system/./functions",
                "/system;x/functions",
                "/SYSTEM/functions",
                "/system\\functions",
                "/function/../system/functions",
                "/function/..%2Fsystem/functions",
                "/function/%2e%2e/system/functions"
            })
    void nothingButItsOwnPathReachesARoute(String target) throws Exception {
        var answer = RawClient.get(gateway.port(), target);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.value("location")).isNull();
        assertThat(answer.body()).doesNotContain("secret");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, xsystem/functions",
        "GET, system/functions",
        "OPTIONS, *",
        "CONNECT, /function/echo",
        "CONNECT, x:80"
    })
    void aTargetThatIsNoPathIsRefused(String method, String target) throws Exception {
        try (var function = ScriptedFunction.answering("ok");
                var client = new RawClient(gateway.port())) {
            gateway.replicas.with("echo", function.uri());

            client.send(method + " " + target + " HTTP/1.1\nHost: x", "");

            assertThat(client.answer().status()).isEqualTo(400);
            assertThat(client.in().read()).as("the connection is closed").isEqualTo(-1);
            assertThat(function.seen()).isEmpty();
        }
    }

    @Test
    void nothingIsAddedToARequestButWhereItCameFrom() throws Exception {
        try (var function = ScriptedFunction.answering("ok")) {
            gateway.replicas.with("echo", function.uri());

            RawClient.get(gateway.port(), "/function/echo");

            assertThat(names(function.seen().get(0)))
                    .containsExactlyInAnyOrder(
                            "host", "x-forwarded-for", "x-forwarded-host", "user-agent", "x-call-id", "x-start-time");
            assertThat(function.seen().get(0).value("user-agent")).isEqualTo("caravan/test");
        }
    }

    @Test
    void whatTheClientSaysOfItselfIsKept() throws Exception {
        try (var function = ScriptedFunction.answering("ok")) {
            gateway.replicas.with("echo", function.uri());

            RawClient.get(
                    gateway.port(),
                    "/function/echo",
                    "User-Agent: mine/1",
                    "X-Forwarded-Proto: https",
                    "X-Start-Time: 5",
                    "Accept-Encoding: gzip",
                    "Cookie: a=b");

            HttpMessage seen = function.seen().get(0);
            assertThat(seen.values("user-agent")).containsExactly("mine/1");
            assertThat(seen.values("x-forwarded-proto")).containsExactly("https");
            assertThat(seen.values("accept-encoding")).containsExactly("gzip");
            assertThat(seen.values("cookie")).containsExactly("a=b");
            assertThat(seen.values("x-start-time")).hasSize(2).startsWith("5");
        }
    }

    @Test
    void whatIsListedUnderConnectionCannotHideTheOriginOrTheBody() throws Exception {
        try (var function = ScriptedFunction.answering("ok", "Connection: Content-Length")) {
            gateway.replicas.with("echo", function.uri());
            String body = "x".repeat(300_000);

            var answer = RawClient.post(
                    gateway.port(),
                    "/function/echo",
                    body,
                    "Connection: X-Forwarded-For, X-Forwarded-Host, X-Call-Id, User-Agent, Content-Length",
                    "X-Forwarded-For: 10.1.1.1",
                    "X-Forwarded-Host: elsewhere",
                    "User-Agent: mine",
                    "X-Call-Id: mine");

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("ok");
            HttpMessage seen = function.seen().get(0);
            assertThat(seen.values("content-length")).containsExactly("300000");
            assertThat(seen.value("x-forwarded-for")).startsWith("127.0.0.1:");
            assertThat(seen.value("x-forwarded-host")).isEqualTo("test");
            assertThat(seen.values("x-call-id")).containsExactly("mine");
            assertThat(seen.values("user-agent")).containsExactly("caravan/test");
        }
    }

    @ParameterizedTest
    @CsvSource({"POST, 0", "PUT, 0", "GET, ''", "DELETE, ''"})
    void aRequestWithoutABodyHasTheLengthThatTheClientSaid(String method, String length) throws Exception {
        try (var function = ScriptedFunction.answering("ok")) {
            gateway.replicas.with("echo", function.uri());
            String header = length.isEmpty() ? "" : "\nContent-Length: " + length;

            RawClient.ask(gateway.port(), method + " /function/echo HTTP/1.1\nHost: x" + header, "");

            assertThat(function.seen().get(0).values("content-length"))
                    .isEqualTo(length.isEmpty() ? List.of() : List.of(length));
            assertThat(function.seen().get(0).value("transfer-encoding")).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Xy_1", "00000000-0000-4000-8000-000000000000", "a/b?c=d;e", "<script>"})
    void aFitCallIdIsPassedOnAndGivenBack(String id) throws Exception {
        try (var function = ScriptedFunction.answering("ok")) {
            gateway.replicas.with("echo", function.uri());

            var answer = RawClient.get(gateway.port(), "/function/echo", "X-Call-Id: " + id);

            assertThat(answer.values("x-call-id")).containsExactly(id);
            assertThat(function.seen().get(0).values("x-call-id")).containsExactly(id);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"two words", "\u00e9", "", "a\tb", "long"})
    void anUnfitCallIdIsReplacedForEverybody(String id) throws Exception {
        try (var function = ScriptedFunction.answering("ok")) {
            gateway.replicas.with("echo", function.uri());
            String sent = id.equals("long") ? "x".repeat(129) : id;

            var answer = RawClient.get(gateway.port(), "/function/echo", "X-Call-Id: " + sent);

            String made = answer.value("x-call-id");
            assertThat(answer.values("x-call-id")).hasSize(1);
            assertThat(made).matches("[0-9a-f-]{36}");
            assertThat(function.seen().get(0).values("x-call-id")).containsExactly(made);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET,  /function/nobody,        404",
        "GET,  /function/no:name,       404",
        "GET,  /function/,              404",
        "GET,  /function/asleep/x?y,    503",
        "GET,  /async-function/echo,    405",
        "PUT,  /async-function/echo/x,  405",
    })
    void everyErrorOfOursCarriesTheCallsHeadersAndIsOneLine(String method, String target, int status) throws Exception {
        gateway.replicas.with("asleep");

        var answer = RawClient.ask(gateway.port(), method + " " + target + " HTTP/1.1\nHost: x\nX-Call-Id: mine", "");

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.value("x-openfaas-internal")).isEqualTo("proxy");
        assertThat(answer.value("x-call-id")).isEqualTo("mine");
        assertThat(answer.value("x-start-time")).matches("[0-9]{19}");
        assertThat(answer.value("x-served-by")).isEqualTo("caravan/test");
        assertThat(answer.value("x-duration-seconds")).matches("[0-9]+\\.[0-9]{6}");
        assertThat(answer.value("content-type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(answer.value("x-content-type-options")).isEqualTo("nosniff");
        assertThat(answer.body()).endsWith("\n").hasLineCount(1).hasSizeGreaterThan(5);
    }

    @Test
    void anErrorBeforeTheRouteCarriesThemToo() throws Exception {
        gateway.http().drain();

        var stopping = RawClient.get(gateway.port(), "/function/echo", "X-Call-Id: mine");

        assertThat(stopping.status()).isEqualTo(503);
        assertThat(stopping.value("retry-after")).isEqualTo("1");
        assertThat(stopping.value("x-call-id")).isEqualTo("mine");
        assertThat(stopping.value("x-openfaas-internal")).isEqualTo("proxy");
    }

    @ParameterizedTest
    @CsvSource({
        "HEAD, '',                      text/plain",
        "GET,  '',                      text/plain",
        "GET,  'Content-Type: a/b',     a/b",
    })
    void anAnswerWithoutATypeHasTheRequests(String method, String header, String type) throws Exception {
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            return true;
        })) {
            gateway.replicas.with("untyped", function.uri());
            String more = header.isEmpty() ? "" : "\n" + header;

            var answer = RawClient.ask(gateway.port(), method + " /function/untyped HTTP/1.1\nHost: x" + more, "");

            assertThat(answer.values("content-type")).containsExactly(type);
        }
    }

    @ParameterizedTest
    @CsvSource({"204 No Content, ''", "304 Not Modified, 1234", "304 Not Modified, ''"})
    void anAnswerThatCannotHaveABodyHasNoneAndTheConnectionGoesOn(String status, String length) throws Exception {
        try (var function = new ScriptedFunction((head, in, out) -> {
            String header = length.isEmpty() ? "" : "\r\nContent-Length: " + length;
            ScriptedFunction.write(out, "HTTP/1.1 " + status + header + "\r\n\r\n");
            return true;
        })) {
            gateway.replicas.with("bare", function.uri());
            try (var client = new RawClient(gateway.port())) {
                for (int i = 0; i < 3; i++) {
                    client.send("GET /function/bare HTTP/1.1\nHost: x", "");
                    HttpMessage answer = HttpMessage.head(client.in());

                    assertThat(answer.start()).isEqualTo("HTTP/1.1 " + status);
                    assertThat(answer.values("content-length"))
                            .isEqualTo(length.isEmpty() ? List.of() : List.of(length));
                    assertThat(answer.value("transfer-encoding")).isNull();
                    assertThat(answer.value("content-type")).isNull();
                }
            }
        }
    }

    @Test
    void anAnswerThatEndsWithItsConnectionIsWhole() throws Exception {
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(out, "HTTP/1.0 200 OK\r\n\r\nto the end");
            return false;
        })) {
            gateway.replicas.with("old", function.uri());

            assertThat(RawClient.get(gateway.port(), "/function/old").body()).isEqualTo("to the end");
        }
    }

    @Test
    void whatAFunctionSaysAboutItsOwnConnectionStaysThere() throws Exception {
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.reply(
                    out,
                    "200 OK",
                    "ok",
                    "Connection: close, X-Hop",
                    "X-Hop: 1",
                    "Keep-Alive: timeout=5",
                    "Proxy-Authenticate: Basic",
                    "Upgrade: h2c",
                    "X-Stays: 1");
            return false;
        })) {
            gateway.replicas.with("hops", function.uri());
            try (var client = new RawClient(gateway.port())) {
                for (int i = 0; i < 2; i++) {
                    client.send("GET /function/hops HTTP/1.1\nHost: x", "");

                    assertThat(names(client.answer()))
                            .contains("x-stays")
                            .doesNotContain("connection", "x-hop", "keep-alive", "proxy-authenticate", "upgrade");
                }
            }
        }
    }

    @Test
    void trailersOfTheAnswerPass() throws Exception {
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(
                    out,
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\n"
                            + "X-Sum: 42\r\nCaravanFunction: x\r\nSet-Cookie: evil=1\r\n\r\n");
            return true;
        })) {
            gateway.replicas.with("sums", function.uri());
            try (var client = new RawClient(gateway.port())) {
                client.send("GET /function/sums HTTP/1.1\nHost: x", "");

                assertThat(HttpMessage.head(client.in()).value("trailer")).isEqualTo("X-Sum");
                assertThat(HttpMessage.chunkSize(client.in())).isEqualTo(3);
                HttpMessage.exactly(client.in(), 5);
                assertThat(HttpMessage.chunkSize(client.in())).isZero();
                HttpMessage trailers = HttpMessage.head(client.in());
                assertThat(trailers.start()).isEqualTo("X-Sum: 42");
                assertThat(trailers.headers()).isEmpty();
            }
        }
    }

    @Test
    void trailersOfTheRequestPassWhenItAnnouncesThem() throws Exception {
        try (var function = new ScriptedFunction((head, in, out) -> {
            var seen = new StringBuilder(String.join(" ", head.values("trailer")));
            for (int size = HttpMessage.chunkSize(in); size > 0; size = HttpMessage.chunkSize(in)) {
                HttpMessage.exactly(in, size + 2);
            }
            var end = new StringBuilder();
            while (end.indexOf("\r\n") != 0 && end.indexOf("\r\n\r\n") < 0) {
                end.append((char) in.read());
            }
            seen.append('|').append(end.toString().strip());
            ScriptedFunction.reply(out, "200 OK", seen.toString());
            return true;
        })) {
            gateway.replicas.with("sums", function.uri());
            String chunks =
                    "POST /function/sums HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n%s\r\n3\r\nabc\r\n0\r\n"
                            + "%s\r\n";
            try (var client = new RawClient(gateway.port())) {
                for (int i = 0; i < 2; i++) {
                    client.raw(chunks.formatted(
                            "Trailer: X-Sum\r\n", "X-Sum: 4" + i + "\r\nCaravanFunction: x\r\nContent-Length: 9\r\n"));
                    assertThat(client.answer().body()).isEqualTo("X-Sum|X-Sum: 4" + i);
                }
                client.raw(chunks.formatted("", ""));
                assertThat(client.answer().body())
                        .as("none, after those of another")
                        .isEqualTo("|");
            }
        }
    }

    @Test
    void interimAnswersAreNotTheAnswer() throws Exception {
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(out, "HTTP/1.1 100 Continue\r\n\r\n");
            ScriptedFunction.write(out, "HTTP/1.1 102 Processing\r\n\r\n");
            ScriptedFunction.write(out, "HTTP/1.1 199 Whatever\r\nX-What: ever\r\n\r\n");
            ScriptedFunction.reply(out, "200 OK", "at last");
            return true;
        })) {
            gateway.replicas.with("hints", function.uri());

            for (int i = 0; i < 2; i++) {
                var answer = RawClient.get(gateway.port(), "/function/hints");
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.headers()).noneMatch(header -> header.startsWith("X-What"));
                assertThat(answer.body()).isEqualTo("at last");
            }
        }
    }

    @Test
    void earlyHintsGoAheadOfTheAnswer() throws Exception {
        var goOn = new CountDownLatch(1);
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(
                    out,
                    "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>\r\n"
                            + "Connection: X-Hop\r\nX-Hop: 1\r\nCaravanFunction: x\r\n\r\n");
            assertThat(goOn.await(15, TimeUnit.SECONDS)).isTrue();
            ScriptedFunction.reply(out, "200 OK", "at last");
            return true;
        })) {
            gateway.replicas.with("hints", function.uri());
            try (var client = new RawClient(gateway.port())) {
                client.send("GET /function/hints HTTP/1.1\nHost: x", "");

                HttpMessage hints = HttpMessage.head(client.in());
                assertThat(hints.start()).isEqualTo("HTTP/1.1 103 Early Hints");
                assertThat(hints.headers()).containsExactly("Link: </a.css>; rel=preload", "Link: </b.js>");
                goOn.countDown();
                assertThat(client.answer().body()).isEqualTo("at last");

                client.send("GET /function/hints HTTP/1.1\nHost: x", "");
                assertThat(HttpMessage.head(client.in()).start())
                        .as("the connection is as good as before")
                        .isEqualTo("HTTP/1.1 103 Early Hints");
            }
        }
    }

    @Test
    void earlyHintsAreNotForClientsThatWouldTakeThemForTheAnswer() throws Exception {
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(out, "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n");
            ScriptedFunction.reply(out, "200 OK", "at last");
            return true;
        })) {
            gateway.replicas.with("hints", function.uri());
            try (var client = new RawClient(gateway.port())) {
                client.send("GET /function/hints HTTP/1.0\nHost: x", "");

                HttpMessage answer = client.answer();
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.body()).isEqualTo("at last");
            }
        }
    }

    @Test
    void aFunctionThatHintsWithoutEndIsNotPassedOnWithoutEnd() throws Exception {
        try (var function = new ScriptedFunction((head, in, out) -> {
            for (int i = 0; i < 1_000; i++) {
                ScriptedFunction.write(out, "HTTP/1.1 103 Early Hints\r\nLink: </" + i + ".css>\r\n\r\n");
            }
            ScriptedFunction.reply(out, "200 OK", "at last");
            return true;
        })) {
            gateway.replicas.with("hints", function.uri());
            try (var client = new RawClient(gateway.port())) {
                client.send("GET /function/hints HTTP/1.1\nHost: x", "");

                int hints = 0;
                HttpMessage head = HttpMessage.head(client.in());
                for (; head.status() == 103; head = HttpMessage.head(client.in())) {
                    hints++;
                }
                assertThat(head.status()).isEqualTo(200);
                assertThat(hints).isEqualTo(16);
            }
        }
    }

    @Test
    void aSwitchOfProtocolsThatNobodyAskedForHarmsNobodyElse() throws Exception {
        try (var function = new ScriptedFunction((head, in, out) -> {
            if (head.start().contains("/odd")) {
                ScriptedFunction.write(out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nrubbish");
            } else {
                ScriptedFunction.reply(out, "200 OK", "fine");
            }
            return true;
        })) {
            gateway.replicas.with("odd", function.uri());

            for (int i = 0; i < 3; i++) {
                var answer = RawClient.get(gateway.port(), "/function/odd/odd");
                assertThat(answer.status()).isEqualTo(502);
                assertThat(answer.body()).isEqualTo("function \"odd.openfaas-fn\": its answer is not HTTP\n");
                assertThat(RawClient.get(gateway.port(), "/function/odd/").body())
                        .isEqualTo("fine");
            }
        }
    }

    @Test
    void whatIsNoHttpRequestIsToldSoInOneLine() throws Exception {
        try (var client = new RawClient(gateway.port())) {
            client.raw("GET /function/x\r\n\r\n");
            assertRefused(client, 400);
        }
        try (var client = new RawClient(gateway.port())) {
            client.send("GET /" + "x".repeat(20_000) + " HTTP/1.1\nHost: x", "");
            assertRefused(client, 414);
        }
        try (var client = new RawClient(gateway.port())) {
            client.send("GET /function/x HTTP/1.1\nHost: x\nX-Long: " + "x".repeat(70_000), "");
            assertRefused(client, 431);
        }
        try (var client = new RawClient(gateway.port())) {
            client.send("POST /function/x HTTP/1.1\nHost: x\nTransfer-Encoding: gzip, chunked", "0\r\n\r\n");
            assertRefused(client, 501);
        }
    }

    private static void assertRefused(RawClient client, int status) throws Exception {
        HttpMessage answer = client.answer();
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.body()).endsWith("\n").hasLineCount(1);
        assertThat(answer.value("x-openfaas-internal")).isEqualTo("proxy");
        assertThat(client.in().read()).as("the connection is closed").isEqualTo(-1);
    }

    private static List<String> names(HttpMessage message) {
        return message.headers().stream()
                .map(line -> line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT))
                .toList();
    }
}
