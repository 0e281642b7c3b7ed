package dev.caravan.gateway;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.component.CaravanHeaders;
import dev.caravan.provider.ProviderException;
import dev.caravan.testing.HttpMessage;
import dev.caravan.testing.RawClient;
import dev.caravan.testing.ScriptedFunction;
import io.vertx.core.Vertx;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What routes get from the HTTP edge, and what leaves it. */
class EdgeTest {

    private TestGateway gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = new TestGateway();
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    @Test
    void unknownPathsAndVerbsAreToldApart() throws Exception {
        serve("platform-http:/thing?httpMethodRestrict=GET,PUT", exchange -> {});

        var unknown = RawClient.get(gateway.port(), "/nothing");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.body()).isEqualTo("404 page not found\n");
        var verb = RawClient.post(gateway.port(), "/thing", "x");
        assertThat(verb.status()).isEqualTo(405);
        assertThat(verb.body()).isEmpty();
        assertThat(verb.value("allow")).isEqualTo("GET, PUT");
        assertThat(RawClient.get(gateway.port(), "/thing").status()).isEqualTo(200);
        assertThat(RawClient.get(gateway.port(), "/thing/more").status()).isEqualTo(404);
    }

    @Test
    void onlyAllowListedNamesReachARoute() throws Exception {
        Map<String, Object> seen = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        serve(
                "platform-http:/in/{id}",
                exchange -> seen.putAll(exchange.getMessage().getHeaders()));

        RawClient.post(
                gateway.port(),
                "/in/a%20b?size=1&size=2&camelFileName=x&CamelHttpUri=x&AMQ_SCHEDULED_DELAY=9&JMSXGroupID=g"
                        + "&breadcrumbId=b&CaravanFunction=f&X-Dash=x&Host=evil&plus=a+b&org.apache.camel.x=1",
                "body",
                "X-Custom: 1",
                "Accept: text/plain",
                "traceparent: 00-1",
                "Authorization: Basic abc",
                "CamelHttpResponseCode: 500",
                "CAMEL-Http-Uri: x",
                "Caravan-Function: f",
                "CaravanFunction: f",
                "JMSXGroupID: g",
                "JMS-Type: t",
                "AMQ_SCHEDULED_DELAY: 9",
                "AMQ_SCHEDULED-DELAY: 9",
                "breadcrumbId: b",
                "Custom: x",
                "Connection: keep-alive");

        assertThat(seen)
                .containsEntry("X-Custom", "1")
                .containsEntry("Accept", "text/plain")
                .containsEntry("traceparent", "00-1")
                .containsEntry("Host", "test")
                .containsEntry("id", "a b")
                .containsEntry("size", List.of("1", "2"))
                .containsEntry("plus", "a b")
                .containsEntry(Exchange.HTTP_METHOD, "POST")
                .containsEntry(Exchange.HTTP_PATH, "/in/a%20b");
        assertThat(seen.keySet())
                .containsExactlyInAnyOrder(
                        "Accept",
                        "Host",
                        "X-Custom",
                        "id",
                        "plus",
                        "size",
                        "traceparent",
                        "CamelHttpMethod",
                        "CamelHttpPath",
                        "CamelHttpQuery",
                        "CamelHttpUri",
                        "CamelHttpUrl");
    }

    @Test
    void nothingThatCameInIsEchoed() throws Exception {
        serve("platform-http:/echo/{id}", exchange -> exchange.getMessage().setHeader("X-Set", "same"));

        var answer = RawClient.post(
                gateway.port(),
                "/echo/7?Set_Cookie=a&q=1",
                "body",
                "X-In: 1",
                "Cookie: c=1",
                "X-Set: same",
                "X-Two: 1",
                "X-Two: 2");

        assertThat(answer.body()).isEqualTo("body");
        assertThat(answer.headers()).containsExactlyInAnyOrder("X-Set: same", "content-length: 4");
    }

    @Test
    void internalInvalidAndHopByHopHeadersDoNotLeave() throws Exception {
        serve("platform-http:/out", exchange -> {
            var message = exchange.getMessage();
            message.setHeader(CaravanHeaders.FUNCTION, "f");
            message.setHeader("CamelFoo", "x");
            message.setHeader("JMSMessageID", "x");
            message.setHeader("AMQ_SCHEDULED_DELAY", "x");
            message.setHeader("Transfer-Encoding", "chunked");
            message.setHeader("Content-Length", "1");
            message.setHeader("Bad Name", "x");
            message.setHeader("X-Split", "a\r\nSet-Cookie: evil");
            message.setHeader("X-Object", new Object());
            message.setHeader("Set-Cookie", List.of("a=1", "b=2"));
            message.setHeader("X-Number", 7);
            message.setHeader(Exchange.HTTP_RESPONSE_CODE, 201);
            message.setBody("text €");
        });

        var answer = RawClient.get(gateway.port(), "/out");

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.headers())
                .containsExactlyInAnyOrder("Set-Cookie: a=1", "Set-Cookie: b=2", "X-Number: 7", "content-length: 8");
    }

    @Test
    void bodiesOfEveryTypeLeave() throws Exception {
        serve("platform-http:/null", exchange -> exchange.getMessage().setBody(null));
        serve(
                "platform-http:/stream",
                exchange -> exchange.getMessage()
                        .setBody(new ByteArrayInputStream("from a stream".getBytes(StandardCharsets.UTF_8))));
        serve("platform-http:/alien", exchange -> exchange.getMessage().setBody(new Object()));
        serve(
                "platform-http:/loop?useStreaming=true",
                exchange -> exchange.getMessage()
                        .setBody(new ByteArrayInputStream("converted elsewhere".getBytes(StandardCharsets.UTF_8))));

        var empty = RawClient.get(gateway.port(), "/null");
        assertThat(empty.status()).isEqualTo(200);
        assertThat(empty.value("content-length")).isEqualTo("0");
        assertThat(RawClient.get(gateway.port(), "/stream").body()).isEqualTo("from a stream");
        assertThat(RawClient.get(gateway.port(), "/loop").body()).isEqualTo("converted elsewhere");
        assertThat(RawClient.get(gateway.port(), "/alien").status()).isEqualTo(500);
    }

    @Test
    void formsArriveAsTheyWereSent() throws Exception {
        serve("platform-http:/form", exchange -> {});

        var answer =
                RawClient.post(gateway.port(), "/form", "a=1&b=%20", "Content-Type: application/x-www-form-urlencoded");

        assertThat(answer.body()).isEqualTo("a=1&b=%20");
    }

    @Test
    void bodiesAboveTheLimitAreRefused() throws Exception {
        serve("platform-http:/big", exchange -> {});
        int tooMuch = (int) TestGateway.MAX_BODY + 1;

        var announced = RawClient.ask(
                gateway.port(), "POST /big HTTP/1.1\nHost: x\nExpect: 100-continue\nContent-Length: " + tooMuch, "");
        assertThat(announced.status()).isEqualTo(413);
        var chunked = RawClient.ask(
                gateway.port(),
                "POST /big HTTP/1.1\nHost: x\nTransfer-Encoding: chunked",
                Integer.toHexString(tooMuch) + "\r\n" + "x".repeat(tooMuch));
        assertThat(chunked.status()).isEqualTo(413);
        String whole = "x".repeat(tooMuch - 1);
        assertThat(RawClient.post(gateway.port(), "/big", whole).body()).hasSize(tooMuch - 1);
    }

    @Test
    void tooManyBodiesTogetherAreRefusedUntilSomeAreDone() throws Exception {
        var release = new CountDownLatch(1);
        serve("platform-http:/hold", exchange -> {
            release.await(10, SECONDS);
            exchange.getMessage().setBody(null);
        });
        int mebibyte = (int) TestGateway.MAX_BODY;
        List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 64; i++) {
                var client = new RawClient(gateway.port());
                clients.add(client);
                client.send("POST /hold HTTP/1.1\nHost: x\nContent-Length: " + mebibyte, "x".repeat(mebibyte));
            }
            await().until(() -> gateway.http().running() == 64);

            var refused = RawClient.post(gateway.port(), "/hold", "x");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.value("retry-after")).isEqualTo("1");
            release.countDown();
            for (RawClient client : clients) {
                assertThat(client.answer().status()).isEqualTo(200);
            }
            assertThat(RawClient.post(gateway.port(), "/hold", "x").status()).isEqualTo(200);
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void failuresBecomeOnePlainLine() throws Exception {
        serve("platform-http:/said", exchange -> {
            throw new HttpFailure(429, "slow\ndown", Map.of("Retry-After", "7"));
        });
        serve("platform-http:/provider", exchange -> {
            throw new ProviderException(ProviderException.Code.INVALID, "no such image");
        });
        serve("platform-http:/busy", exchange -> {
            throw new RejectedExecutionException("full");
        });
        serve("platform-http:/bug", exchange -> {
            throw new IllegalStateException("secret detail");
        });

        var said = RawClient.get(gateway.port(), "/said");
        assertThat(said.status()).isEqualTo(429);
        assertThat(said.body()).isEqualTo("slow down\n");
        assertThat(said.value("retry-after")).isEqualTo("7");
        var provider = RawClient.get(gateway.port(), "/provider");
        assertThat(provider.status()).isEqualTo(400);
        assertThat(provider.body()).isEqualTo("no such image\n");
        assertThat(RawClient.get(gateway.port(), "/busy").status()).isEqualTo(503);
        var bug = RawClient.get(gateway.port(), "/bug");
        assertThat(bug.status()).isEqualTo(500);
        assertThat(bug.body()).isEqualTo("internal error\n");
        assertThat(bug.value("x-openfaas-internal")).isEqualTo("proxy");
    }

    @Test
    void aRouteMayCallAFunctionAndGoOn() throws Exception {
        try (var function = new ScriptedFunction((head, in, out) -> {
            String body = head.bodyFrom(in);
            ScriptedFunction.reply(
                    out,
                    "201 Created",
                    body.toUpperCase(Locale.ROOT),
                    "Set-Cookie: a=1",
                    "Set-Cookie: b=2",
                    "Content-Type: text/shout");
            return true;
        })) {
            gateway.replicas.with("shout", function.uri());
            var thread = new CompletableFuture<Thread>();
            gateway.with(new RouteBuilder() {
                @Override
                public void configure() {
                    from("platform-http:/orders").to("function:shout").process(exchange -> {
                        thread.complete(Thread.currentThread());
                        exchange.getMessage().setBody(exchange.getMessage().getBody(String.class) + "!");
                    });
                }
            });

            var answer = RawClient.post(gateway.port(), "/orders", "hello", "Content-Type: text/quiet", "X-Id: 1");

            assertThat(answer.status()).isEqualTo(201);
            assertThat(answer.body()).isEqualTo("HELLO!");
            assertThat(answer.value("content-type")).isEqualTo("text/shout");
            assertThat(answer.values("set-cookie")).containsExactly("a=1", "b=2");
            assertThat(function.seen().get(0).value("x-id")).isEqualTo("1");
            assertThat(thread.join().getName())
                    .as("blocking is allowed after the call")
                    .startsWith("pool-");
        }
    }

    @Test
    void aReloadedRouteTakesOverWhileTheOldOneFinishes() throws Exception {
        var release = new CountDownLatch(1);
        serve("old", "platform-http:/reload", exchange -> {
            release.await(10, SECONDS);
            exchange.getMessage().setBody("old");
        });
        try (var waiting = new RawClient(gateway.port())) {
            waiting.send("GET /reload HTTP/1.1\nHost: x", "");
            await().until(() -> gateway.http().running() == 1);

            // Camel wants another endpoint URI for a second consumer in the same context.
            serve(
                    "new",
                    "platform-http:/reload?httpMethodRestrict=GET",
                    exchange -> exchange.getMessage().setBody("new"));
            assertThat(RawClient.get(gateway.port(), "/reload").body()).isEqualTo("new");
            var stop = CompletableFuture.runAsync(() -> remove("old"));
            assertThat(RawClient.get(gateway.port(), "/reload").body()).isEqualTo("new");
            release.countDown();

            assertThat(waiting.answer().body()).isEqualTo("old");
            stop.get(10, SECONDS);
            assertThat(RawClient.get(gateway.port(), "/reload").body()).isEqualTo("new");
            remove("new");
            assertThat(RawClient.get(gateway.port(), "/reload").status()).isEqualTo(404);
        }
    }

    @Test
    void aStoppingGatewayFinishesWhatRunsAndRefusesTheRest() throws Exception {
        var release = new CountDownLatch(1);
        serve("platform-http:/slow", exchange -> release.await(10, SECONDS));
        try (var waiting = new RawClient(gateway.port())) {
            waiting.send("GET /slow HTTP/1.1\nHost: x", "");
            await().until(() -> gateway.http().running() == 1);

            gateway.http().drain();
            assertThat(RawClient.get(gateway.port(), "/slow").status()).isEqualTo(503);
            release.countDown();

            assertThat(waiting.answer().status()).isEqualTo(200);
            await().until(() -> gateway.http().running() == 0);
        }
    }

    @Test
    void aPortThatIsTakenIsSaidInOneLine() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            var options = new HttpGateway.Options(
                    "127.0.0.1", taken.getLocalPort(), 1, Duration.ofSeconds(1), TestGateway.STAMP, false);
            var second = new HttpGateway(
                    vertx,
                    options,
                    null,
                    Runnable::run,
                    (method, path, status, took) -> {},
                    new Audit(entry -> {}, InstantSource.system()));

            assertThatThrownBy(second::listen)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("port " + taken.getLocalPort() + " is already taken (CARAVAN_PORT)");
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get();
        }
    }

    @Test
    void requestsOnOneConnectionAreAnsweredInOrder() throws Exception {
        serve(
                "platform-http:/n/{n}",
                exchange -> exchange.getMessage().setBody(exchange.getMessage().getHeader("n")));
        try (var client = new RawClient(gateway.port())) {
            client.raw("GET /n/1 HTTP/1.1\r\nHost: x\r\n\r\nGET /n/2 HTTP/1.1\r\nHost: x\r\n\r\n");

            assertThat(client.answer().body()).isEqualTo("1");
            assertThat(client.answer().body()).isEqualTo("2");
        }
    }

    @Test
    void oldClientsGetABodyWithoutChunks() throws Exception {
        try (var function = new ScriptedFunction((head, in, out) -> {
            ScriptedFunction.write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
            return true;
        })) {
            gateway.replicas.with("chunks", function.uri());

            HttpMessage answer = RawClient.ask(gateway.port(), "GET /function/chunks HTTP/1.0", "");

            assertThat(answer.value("transfer-encoding")).isNull();
            assertThat(answer.body()).isEqualTo("abc");
        }
    }

    /** With HTTP/2 a client's nonsense would be our error in the log. */
    @Test
    void http2IsNotSpoken() throws Exception {
        try (var client = new RawClient(gateway.port())) {
            client.raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"); // an empty SETTINGS frame

            assertThat(client.answer().status()).isEqualTo(501);
        }
    }

    private interface Step {
        void run(Exchange exchange) throws Exception;
    }

    private void serve(String uri, Step step) throws Exception {
        serve(null, uri, step);
    }

    private void serve(@Nullable String id, String uri, Step step) throws Exception {
        gateway.with(new RouteBuilder() {
            @Override
            public void configure() {
                // As shipped routes do; the default handler may reject what is in flight while its route stops.
                errorHandler(noErrorHandler());
                var route = from(uri);
                if (id != null) {
                    route.routeId(id);
                }
                route.process(step::run);
            }
        });
    }

    private void remove(String id) {
        try {
            gateway.camel.getRouteController().stopRoute(id);
            gateway.camel.removeRoute(id);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
