package dev.caravan.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.component.routes.RouteFiles;
import dev.caravan.function.FunctionAccess;
import dev.caravan.gateway.auth.BasicAuth;
import dev.caravan.gateway.auth.ProxyAuth;
import dev.caravan.ledger.AuditEntry;
import dev.caravan.testing.FakeFunctionProvider;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.support.DefaultConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Routes that are listed, stopped and edited over real sockets, by those who may, and what is noted of it. */
@Timeout(90)
@SuppressWarnings("NullAway.Init") // made before each test
class RoutesApiTest {

    private static final String ADMIN = "admin:secret";
    private static final String VIEWER = "vera:correct horse";
    private static final String FILE = "triggers/greet.camel.yaml";
    private static final List<String> SERVED = List.of(
            "list-routes",
            "show-route",
            "start-route",
            "stop-route",
            "show-route-source",
            "save-route-source",
            "validate-route");

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private BasicAuth auth;
    private TestGateway gateway;
    private RouteFiles files;

    @BeforeEach
    void start() throws Exception {
        Path secrets = Files.createDirectory(folder.resolve("secrets"));
        Files.writeString(secrets.resolve("basic-auth-user"), "admin");
        Files.writeString(secrets.resolve("basic-auth-password"), "secret");
        Files.writeString(
                secrets.resolve("users"), "vera:viewer:$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2");
        auth = BasicAuth.in(secrets, InstantSource.system(), "openfaas-fn");
        var guard = new Guard(
                auth,
                auth.sessions(Duration.ofMinutes(30), Duration.ofHours(12)),
                new FakeFunctionProvider(),
                "openfaas-fn",
                FunctionAccess.NONE,
                id -> Optional.empty(),
                Runnable::run,
                ProxyAuth.NONE);
        gateway = new TestGateway(guard, Duration.ofSeconds(30));
        gateway.camel.getRegistry().bind("routes", new RoutesApi(() -> files));
        Path routes = folder.resolve("routes");
        Files.createDirectories(routes.resolve("gateway"));
        for (String id : SERVED) {
            Path file = Path.of("gateway", id + ".camel.yaml");
            Files.copy(Path.of("routes").resolve(file), routes.resolve(file));
        }
        Files.createDirectories(routes.resolve("triggers"));
        Files.writeString(routes.resolve(FILE), greeting("hello"));
        files = new RouteFiles(
                gateway.camel,
                routes,
                List.of("gateway", "triggers"),
                Duration.ofSeconds(5),
                RoutesApiTest::unused,
                InstantSource.system());
        files.start();
    }

    private static void unused(CamelContext scratch) {
        scratch.getRegistry().bind(HttpGateway.BEAN, new PlatformHttpEngine() {
            @Override
            public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
                return new UnusedConsumer(endpoint, processor);
            }

            @Override
            public int getServerPort() {
                return 0;
            }
        });
    }

    private static final class UnusedConsumer extends DefaultConsumer implements PlatformHttpConsumer {

        UnusedConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
            super(endpoint, processor);
        }

        @Override
        public PlatformHttpEndpoint getEndpoint() {
            return (PlatformHttpEndpoint) super.getEndpoint();
        }
    }

    @AfterEach
    void stop() throws Exception {
        files.close();
        gateway.close();
        auth.close();
    }

    @Test
    void aListTellsWhatEachRouteIsAndHowOftenItRan() throws Exception {
        ask("GET", "/greet", "", ADMIN);
        ask("GET", "/greet", "", ADMIN);

        JsonNode greet = await().until(
                        () -> route("greet"), found -> found.get("exchanges").asInt() == 2);

        assertThat(greet.get("file").asText()).isEqualTo(FILE);
        assertThat(greet.get("state").asText()).isEqualTo("started");
        assertThat(greet.get("from").asText()).contains("/greet");
        assertThat(greet.get("description").asText()).isEqualTo("Greets whoever comes by.");
        JsonNode shown = json(ask("GET", "/system/routes/greet", "", VIEWER));
        assertThat(shown.at("/steps/0/kind").asText()).isEqualTo("setBody");
        assertThat(shown.at("/steps/0/exchanges").asInt()).isEqualTo(2);
    }

    @Test
    void aStoppedRouteIsNotFoundUntilItIsStartedAgain() throws Exception {
        HttpResponse<String> stopped = ask("POST", "/system/routes/greet/stop", "", ADMIN);

        assertThat(stopped.statusCode()).isEqualTo(200);
        assertThat(json(stopped).get("state").asText()).isEqualTo("stopped");
        assertThat(ask("GET", "/greet", "", ADMIN).statusCode()).isEqualTo(404);

        HttpResponse<String> started = ask("POST", "/system/routes/greet/start", "", ADMIN);
        assertThat(json(started).get("state").asText()).isEqualTo("started");
        assertThat(ask("GET", "/greet", "", ADMIN).body()).isEqualTo("hello");
        assertThat(gateway.done)
                .extracting(AuditEntry::who, AuditEntry::action, AuditEntry::target, AuditEntry::status)
                .containsExactly(
                        tuple("admin", "stop-route", "POST /system/routes/greet/stop", 200),
                        tuple("admin", "start-route", "POST /system/routes/greet/start", 200));
    }

    @Test
    void aRouteThatStartsRoutesIsNotStopped() throws Exception {
        HttpResponse<String> answer = ask("POST", "/system/routes/start-route/stop", "", ADMIN);

        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(json(answer).get("detail").asText()).contains("would be started again");
        assertThat(route("start-route").get("state").asText()).isEqualTo("started");
    }

    @Test
    void aRouteThatCannotBeStartedSaysSo() throws Exception {
        Files.writeString(folder.resolve("routes/triggers/busy.camel.yaml"), """
                - route:
                    id: busy
                    autoStartup: false
                    from:
                      uri: direct:taken
                      steps:
                        - stop: {}
                """);
        await().until(() -> files.route("busy").isPresent());
        gateway.camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:taken").stop();
            }
        });

        HttpResponse<String> answer = ask("POST", "/system/routes/busy/start", "", ADMIN);

        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(json(answer).get("detail").asText()).contains("the log says why");
        assertThat(gateway.done).extracting(AuditEntry::status).containsExactly(409);
    }

    @Test
    void aTextIsChangedByWhoHasReadIt() throws Exception {
        HttpResponse<String> source = ask("GET", "/system/routes/greet/source", "", ADMIN);
        assertThat(source.body()).isEqualTo(greeting("hello"));
        assertThat(source.headers().firstValue("Content-Type")).contains("application/yaml");
        String tag = source.headers().firstValue("ETag").orElseThrow();

        HttpResponse<String> saved = save("greet", greeting("good day"), tag);

        assertThat(saved.statusCode()).as(saved.body()).isEqualTo(200);
        assertThat(ask("GET", "/greet", "", ADMIN).body()).isEqualTo("good day");
        assertThat(ask("GET", "/system/routes/greet/source", "", ADMIN)
                        .headers()
                        .firstValue("ETag"))
                .isEqualTo(saved.headers().firstValue("ETag"))
                .isNotEqualTo(Optional.of(tag));
        assertThat(save("greet", greeting("too late"), tag).statusCode()).isEqualTo(412);
        assertThat(ask("GET", "/greet", "", ADMIN).body()).isEqualTo("good day");
        assertThat(gateway.done)
                .extracting(AuditEntry::action, AuditEntry::subject, AuditEntry::status)
                .containsExactly(tuple("save-route-source", FILE, 200), tuple("save-route-source", FILE, 412));
        assertThat(gateway.done.toString()).doesNotContain("good day");
    }

    @Test
    void aBrokenTextIsRefusedAtItsLineAndTheOldOneRunsOn() throws Exception {
        String broken = greeting("x").replace("setBody", "setBodi");

        HttpResponse<String> answer = save("greet", broken, "*");

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        JsonNode problem = json(answer).at("/problems/0");
        assertThat(problem.get("file").asText()).isEqualTo(FILE);
        assertThat(problem.get("line").asInt()).isEqualTo(8);
        assertThat(problem.get("suggestion").asText()).isEqualTo("setBody");
        assertThat(ask("GET", "/greet", "", ADMIN).body()).isEqualTo("hello");
        assertThat(Files.readString(folder.resolve("routes").resolve(FILE))).isEqualTo(greeting("hello"));

        JsonNode tried = json(ask("POST", "/system/routes/validate?file=" + FILE, broken, ADMIN));
        assertThat(tried.get(0)).isEqualTo(problem);
        assertThat(json(ask("POST", "/system/routes/validate?file=" + FILE, greeting("x"), ADMIN)))
                .isEmpty();
    }

    @Test
    void whatCannotBeATextIsRefused() throws Exception {
        byte[] noText = {(byte) 0xff, (byte) 0xfe};
        byte[] tooLong = new byte[(1 << 20) + 1];

        assertThat(ask("POST", "/system/routes/validate", noText, ADMIN).statusCode())
                .isEqualTo(400);
        assertThat(ask("PUT", "/system/routes/greet/source", noText, ADMIN, "If-Match", "*")
                        .statusCode())
                .isEqualTo(400);
        HttpResponse<String> empty = save("greet", "", "*");
        assertThat(empty.statusCode()).isEqualTo(422);
        assertThat(empty.body()).contains("the file is empty");
        assertThat(ask("PUT", "/system/routes/greet/source", greeting("x"), ADMIN)
                        .statusCode())
                .isEqualTo(428);
        // Last: what was refused unread leaves a connection that nothing more can be asked on.
        assertThat(ask("PUT", "/system/routes/greet/source", tooLong, ADMIN, "If-Match", "*")
                        .statusCode())
                .isIn(400, 413);
    }

    @Test
    void anIdThatNobodyKnowsIsNotFound() throws Exception {
        assertThat(ask("GET", "/system/routes/nobody", "", ADMIN).statusCode()).isEqualTo(404);
        assertThat(ask("GET", "/system/routes/nobody/source", "", ADMIN).statusCode())
                .isEqualTo(404);
        assertThat(save("nobody", greeting("x"), "*").statusCode()).isEqualTo(404);
        assertThat(ask("POST", "/system/routes/nobody/start", "", ADMIN).statusCode())
                .isEqualTo(404);
        assertThat(ask("POST", "/system/routes/nobody/stop", "", ADMIN).statusCode())
                .isEqualTo(404);
    }

    @Test
    void aViewerMayLookAtRoutesAndNothingMore() throws Exception {
        assertThat(ask("GET", "/system/routes", "", VIEWER).statusCode()).isEqualTo(200);
        assertThat(ask("GET", "/system/routes/greet/source", "", VIEWER).statusCode())
                .isEqualTo(403);
        assertThat(ask("PUT", "/system/routes/greet/source", greeting("x"), VIEWER, "If-Match", "*")
                        .statusCode())
                .isEqualTo(403);
        assertThat(ask("POST", "/system/routes/validate", "", VIEWER).statusCode())
                .isEqualTo(403);
        assertThat(ask("POST", "/system/routes/greet/stop", "", VIEWER).statusCode())
                .isEqualTo(403);
        assertThat(ask("GET", "/greet", "", ADMIN).body()).isEqualTo("hello");
        assertThat(gateway.done).as("who is turned away did nothing").isEmpty();
    }

    @Test
    void aFileThatWasNeverGoodIsListedAndMended() throws Exception {
        Path file = folder.resolve("routes/triggers/late.camel.yaml");
        String good = greeting("late").replace("id: greet", "id: late").replace("/greet", "/late");
        Files.writeString(file, good.replace("platform-http", "platfrom-http"));
        await().until(() -> !files.refused().isEmpty());

        JsonNode late = route("late");
        assertThat(late.get("state").asText()).isEqualTo("refused");
        assertThat(late.at("/refused/suggestion").asText()).isEqualTo("platform-http");
        assertThat(save("late", good, "*").statusCode()).isEqualTo(200);

        assertThat(ask("GET", "/late", "", ADMIN).body()).isEqualTo("late");
        assertThat(route("late").has("refused")).isFalse();
    }

    private JsonNode route(String id) throws Exception {
        for (JsonNode route : json(ask("GET", "/system/routes", "", VIEWER))) {
            if (route.get("id").asText().equals(id)) {
                return route;
            }
        }
        throw new AssertionError("no route " + id);
    }

    private HttpResponse<String> save(String id, String text, String tag) throws Exception {
        return ask("PUT", "/system/routes/" + id + "/source", text, ADMIN, "If-Match", tag);
    }

    private HttpResponse<String> ask(String method, String path, String body, String user, String... headers)
            throws IOException, InterruptedException {
        return ask(method, path, body.getBytes(UTF_8), user, headers);
    }

    private HttpResponse<String> ask(String method, String path, byte[] body, String user, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path))
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(user.getBytes(UTF_8)))
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> answer) throws IOException {
        return new ObjectMapper().readTree(answer.body());
    }

    private static String greeting(String word) {
        return """
                - route:
                    id: greet
                    description: Greets whoever comes by.
                    group: viewer
                    from:
                      uri: platform-http:/greet
                      steps:
                        - setBody:
                            expression:
                              constant:
                                expression: WORD
                """.replace("WORD", word);
    }
}
